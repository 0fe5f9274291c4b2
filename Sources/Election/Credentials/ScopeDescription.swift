// SPDX-License-Identifier: Apache-2.0

/// What credentials are good for where there is no voting: a petition, or another right that everybody has once.
/// A key that is activated under the scope is one signature under the text. Part of the configuration; public.
///
/// Source: `Specs/scopes.md`.
public struct ScopeDescription: Hashable, Sendable {
  /// The scope's name, such as `petition/2026-17`; not `election`.
  public let name: String
  /// What people sign; 1 to 32,768 bytes of UTF-8. Lines end with a line feed.
  public let text: String

  /// Longest text in bytes.
  public static let maximumTextByteCount = 32_768

  /// A description; nil if ``fault(name:text:)`` finds one.
  public init?(name: String, text: String) {
    guard Self.fault(name: name, text: text) == nil else { return nil }
    self.name = name
    self.text = text
  }

  /// What is wrong with a name or a text; nil if nothing is.
  public static func fault(name: String, text: String) -> String? {
    guard CredentialScope.isName(name), name != CredentialScope.electionName else {
      return
        "a scope's name has 1 to \(CredentialScope.maximumNameByteCount) characters of a-z, 0-9, '.', '-' and "
        + "'/', and is not \(CredentialScope.electionName)"
    }
    guard (1...maximumTextByteCount).contains(text.utf8.count) else {
      return "a scope's text has 1 to \(maximumTextByteCount) bytes"
    }
    // It is shown to people, on terminals as well.
    guard text.split(separator: "\n").allSatisfy({ ContestData.isAllowed(String($0)) }) else {
      return
        "a scope's text has no control, format, private or unassigned characters but the line feed"
    }
    return nil
  }
}
