// SPDX-License-Identifier: Apache-2.0

/// What a line of a file of changes does.
public enum RollAction: String, CaseIterable, Hashable, Sendable {
  /// A citizen comes onto the list.
  case add
  /// A citizen leaves the list.
  case remove
  /// A citizen goes to another district.
  case move
  /// Identifier, name and address are replaced by those of the line.
  case change
}

/// How many lines do the same for the same reason. Public: nothing in it is personal, unless a reason is.
public struct RollChangeCount: Hashable, Sendable {
  /// What was done.
  public let action: RollAction
  /// Why.
  public let reason: String
  /// How often.
  public let count: Int
}

/// A list of citizens after changes, and what may be said about them.
public struct ChangedList: Hashable, Sendable {
  /// The list with the changes. Private.
  public let list: CitizenList
  /// The changes by action and reason, sorted. For publication.
  public let summary: [RollChangeCount]
}
