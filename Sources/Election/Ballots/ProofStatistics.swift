// SPDX-License-Identifier: Apache-2.0

/// How the proofs of ballots were checked. It has no influence on a verdict.
public struct ProofStatistics: Sendable, Equatable {
  /// Ballots whose commitments were recomputed.
  public var recomputed = 0
  /// Ballots whose commitments came from a sidecar and were verified.
  public var fromSidecar = 0
  /// Ballots for which the sidecar did not hold; they are counted as recomputed as well.
  public var disagreeing = 0

  /// Nothing checked yet.
  public init() {}

  /// Adds what another part of the work counted.
  public mutating func merge(_ other: ProofStatistics) {
    recomputed += other.recomputed
    fromSidecar += other.fromSidecar
    disagreeing += other.disagreeing
  }
}
