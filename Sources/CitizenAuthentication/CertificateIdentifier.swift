// SPDX-License-Identifier: Apache-2.0

internal import Issuance
internal import SwiftASN1
internal import X509

/// Where the personal identifier stands in a certificate.
public struct CertificateIdentifier: Hashable, Sendable {
  /// The kind of the place.
  public enum Place: Hashable, Sendable {
    /// An attribute of the subject, such as serialNumber, `2.5.4.5` (RFC 5280, section 4.1.2.6; ETSI EN 319 412-1,
    /// section 5.1.3).
    case subject(String)
    /// An alternative name of the kind otherName with this identifier of its type (RFC 5280, section 4.2.1.6).
    case otherName(String)
    /// An alternative name that is an address of electronic mail.
    case mailAddress
    /// An alternative name that is a URI.
    case uri
  }

  /// serialNumber of the subject.
  public static let serialNumber = "2.5.4.5"

  /// The kind of the place.
  public let place: Place
  /// What the value must begin with, and what is not part of the identifier, such as `PNOEE-`.
  public let prefix: String
  private let type: ASN1ObjectIdentifier?

  /// A rule.
  ///
  /// - Throws: ``AuthenticationError/configuration(_:)`` for an object identifier that is none.
  public init(_ place: Place, prefix: String = "") throws(AuthenticationError) {
    self.place = place
    self.prefix = prefix
    switch place {
    case .subject(let text), .otherName(let text):
      do { type = try ASN1ObjectIdentifier(dotRepresentation: text) } catch {
        throw .configuration("an object identifier in numbers and dots")
      }
    case .mailAddress, .uri: type = nil
    }
  }

  /// The identifier in a certificate that was accepted.
  ///
  /// - Parameter der: the certificate, DER.
  /// - Throws: ``AuthenticationError/identifier(_:)``, without any value, unless there is exactly one that is
  ///   text of 1 to 256 visible ASCII characters behind the prefix.
  func value(in der: [UInt8]) throws(AuthenticationError) -> String {
    let certificate: Certificate
    let values: [String?]
    do {
      certificate = try Certificate(derEncoded: der)
      values = try self.values(certificate)
    } catch { throw .identifier("the certificate is DER in the form of RFC 5280") }
    guard values.count == 1 else {
      throw .identifier("the certificate has one value at the configured place")
    }
    guard let text = values[0], text.utf8.starts(with: prefix.utf8) else {
      throw .identifier("the value is text with the configured prefix")
    }
    let identifier = String(decoding: text.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    guard CitizenIdentity.isIdentifier(identifier) else {
      throw .identifier("an identifier of 1 to 256 visible ASCII characters")
    }
    return identifier
  }

  /// All values at the place; nil for one that is no text.
  private func values(_ certificate: Certificate) throws -> [String?] {
    if case .subject = place {
      return certificate.subject.flatMap { name in
        name.filter { $0.type == type }.map { String($0.value) }
      }
    }
    guard let names = try certificate.extensions.subjectAlternativeNames else { return [] }
    return names.compactMap { name -> String?? in
      switch (place, name) {
      case (.otherName, .otherName(let other)) where other.typeID == type:
        .some(Self.text(other.value))
      case (.mailAddress, .rfc822Name(let text)), (.uri, .uniformResourceIdentifier(let text)):
        .some(text)
      default: .none
      }
    }
  }

  /// UTF8String, PrintableString or IA5String.
  private static func text(_ value: ASN1Any?) -> String? {
    guard let value else { return nil }
    // The initialiser reads the kind of the string and checks its characters.
    return String(RelativeDistinguishedName.Attribute.Value(asn1Any: value))
  }
}
