// SPDX-License-Identifier: Apache-2.0

/// What ``RecordDirectory/verifyTree(limit:)`` found.
public struct RecordProblem: Hashable, Sendable, CustomStringConvertible {
  /// What sort of problem it is.
  public enum Kind: Hashable, Sendable {
    /// A file that the checkpoint requires is missing, unreadable or malformed.
    case file
    /// A leaf is not an entry in canonical form.
    case entry
    /// A payload is not the one its leaf names.
    case payload
    /// A tile does not contain the hashes of what lies below it.
    case tile
    /// The leaves do not give the root that the log signed.
    case root
    /// A file that belongs neither to the record nor to an append that was cut off.
    case unexpected
    /// What an append that was cut off leaves behind: beyond the checkpoint, harmless.
    case leftover
  }

  /// What sort of problem it is.
  public let kind: Kind
  /// The file, or the entry.
  public let place: String
  /// What had to hold.
  public let rule: String

  /// Place, colon, rule.
  public var description: String { "\(place): \(rule)" }
}
