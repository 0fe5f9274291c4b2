// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import Issuance
public import WebClient

/// Why somebody is not taken for a citizen, or why the question could not be decided. Names a rule or a place,
/// never a person: no identifier, no certificate, no token, no code.
public enum AuthenticationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What the operator configured is not in the form.
  case configuration(String)
  /// The certificate is not accepted.
  case certificate(CertificateRefusal)
  /// The certificate or the token names no identifier by the configured rule, or more than one.
  case identifier(String)
  /// The fields of the request are not those of the proxy.
  case proxy(String)
  /// The token is not accepted.
  case token(String)
  /// What the provider answered is not in the form, or not what it promised.
  case provider(String)
  /// The login at the provider failed, or the address that came back is not the one of this login.
  case login(String)
  /// The provider was not reached.
  case web(WebError)
  /// No randomness, no socket.
  case operatingSystem(String)

  /// Kind, colon, rule.
  public var description: String {
    switch self {
    case .configuration(let rule): "configuration: \(rule)"
    case .certificate(let refusal): "certificate: \(refusal.rule)"
    case .identifier(let rule): "identifier: \(rule)"
    case .proxy(let rule): "proxy: \(rule)"
    case .token(let rule): "token: \(rule)"
    case .provider(let rule): "identity provider: \(rule)"
    case .login(let rule): "login: \(rule)"
    case .web(let error): "identity provider: \(error)"
    case .operatingSystem(let rule): "system: \(rule)"
    }
  }

  /// Whether the fault lies with the operator, the provider or the machine, so that the same request may
  /// succeed later.
  public var isTemporary: Bool {
    switch self {
    case .provider, .web, .operatingSystem: true
    case .certificate(let refusal): refusal.reason == .backend
    default: false
    }
  }
}

extension CitizenIdentity {
  /// Most bytes of an identifier.
  static let maximumIdentifierByteCount = 256

  /// Whether a text may be an identifier: 1 to 256 visible ASCII characters or spaces, no space at an end.
  static func isIdentifier(_ text: String) -> Bool {
    (1...maximumIdentifierByteCount).contains(text.utf8.count)
      && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
      && text.utf8.first != 0x20 && text.utf8.last != 0x20
  }
}
