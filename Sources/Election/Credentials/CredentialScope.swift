// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// What a credential is good for: the right to vote in one election, or to sign one petition. A credential for
/// one scope is worth nothing in another, and issuers have keys of their own for every scope.
public struct CredentialScope: Hashable, Sendable, CustomStringConvertible {
  /// What the right is: `election`, or a name such as `petition/2026-17`; 1 to 256 bytes of ASCII.
  public let name: String
  /// What it is about: the election_id, which is the SHA-256 of the configuration with the scope's name and text.
  public let id: Digest

  /// The scope's name of elections.
  public static let electionName = "election"
  /// Longest name in bytes.
  public static let maximumNameByteCount = 256

  /// The scope of a record.
  ///
  /// - Parameter description: what people sign, where the record has no voting.
  public init(election id: Digest, describedBy description: ScopeDescription? = nil) {
    name = description?.name ?? Self.electionName
    self.id = id
  }

  /// A scope from its parts; nil for a name that is empty, longer than 256 bytes, or has other characters than
  /// `a-z`, `0-9`, `.`, `-` and `/`.
  public init?(name: String, id: Digest) {
    guard Self.isName(name) else { return nil }
    self.name = name
    self.id = id
  }

  /// `petition/2026-17 (64 digits)`
  public var description: String { "\(name) (\(id.hex))" }

  static func isName(_ name: String) -> Bool {
    let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789.-/".utf8)
    return (1...maximumNameByteCount).contains(name.utf8.count)
      && name.utf8.allSatisfy(allowed.contains)
  }
}
