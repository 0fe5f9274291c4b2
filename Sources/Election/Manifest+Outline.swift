// SPDX-License-Identifier: Apache-2.0

extension Manifest {
  /// The part that the cryptography depends on.
  public var outline: ManifestOutline {
    ManifestOutline(
      contests: contests.map { contest in
        ManifestOutline.Contest(
          label: contest.label, options: contest.options.map(\.label),
          selectionLimit: contest.selectionLimit, optionLimit: contest.optionLimit,
          contestDataBlocks: contest.contestDataBlocks)
      },
      ballotStyles: ballotStyles.map {
        ManifestOutline.BallotStyle(label: $0.label, contests: $0.contests)
      })
  }
}
