// SPDX-License-Identifier: Apache-2.0

/// The part of a manifest that the cryptography depends on: contests with their limits, options, and
/// ballot styles, all in the manifest's order. Indices count from 1, as in ElectionGuard.
public struct ManifestOutline: Sendable, Equatable {
  /// A contest.
  public struct Contest: Sendable, Equatable {
    /// The contest's label.
    public let label: String
    /// The options' labels.
    public let options: [String]
    /// L, the largest sum of all selections.
    public let selectionLimit: Int
    /// R, the largest value of one selection.
    public let optionLimit: Int
    /// b_Λ, blocks of 32 bytes of contest data; 0 for none.
    public let contestDataBlocks: Int

    /// A contest from its parts.
    public init(
      label: String, options: [String], selectionLimit: Int, optionLimit: Int,
      contestDataBlocks: Int
    ) {
      self.label = label
      self.options = options
      self.selectionLimit = selectionLimit
      self.optionLimit = optionLimit
      self.contestDataBlocks = contestDataBlocks
    }
  }

  /// A ballot style.
  public struct BallotStyle: Sendable, Equatable {
    /// The style's label.
    public let label: String
    /// Indices of its contests, ascending, from 1.
    public let contests: [Int]

    /// A style from its parts.
    public init(label: String, contests: [Int]) {
      self.label = label
      self.contests = contests
    }
  }

  /// All contests.
  public let contests: [Contest]
  /// All ballot styles.
  public let ballotStyles: [BallotStyle]

  /// An outline from its parts.
  public init(contests: [Contest], ballotStyles: [BallotStyle]) {
    self.contests = contests
    self.ballotStyles = ballotStyles
  }

  /// The contest at an index from 1, or nil.
  public func contest(_ index: Int) -> Contest? {
    contests.indices.contains(index &- 1) ? contests[index - 1] : nil
  }

  /// The ballot style at an index from 1, or nil.
  public func ballotStyle(_ index: Int) -> BallotStyle? {
    ballotStyles.indices.contains(index &- 1) ? ballotStyles[index - 1] : nil
  }
}
