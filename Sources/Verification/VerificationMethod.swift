// SPDX-License-Identifier: Apache-2.0

public import BigIntegers
public import Election
public import StrictJSON

/// How a verification worked. Verdicts do not depend on it.
public struct VerificationMethod: Sendable, Equatable {
  /// The engine that multiplied.
  public let engine: ArithmeticEngine
  /// How the proofs of ballots were checked.
  public let proofs: ProofStatistics

  /// A method from its parts.
  public init(engine: ArithmeticEngine, proofs: ProofStatistics) {
    self.engine = engine
    self.proofs = proofs
  }

  /// What a reader should know of the chance of an error.
  public var soundness: String {
    proofs.fromSidecar == 0
      ? "every proof was recomputed exactly"
      : "proofs of the sidecar hold up to an error of 2^-126 for each pass of about "
        + "\(ProofCheck.claimsPerPass) commitments; all others were recomputed exactly"
  }

  /// Two lines of the report.
  public var text: [String] {
    var ballots = "\(proofs.recomputed) ballots recomputed, \(proofs.fromSidecar) by the sidecar"
    if proofs.disagreeing > 0 { ballots += " (which was wrong for \(proofs.disagreeing))" }
    return ["engine: \(engine.rawValue); \(ballots)", "soundness: \(soundness)"]
  }

  /// The method as JSON.
  public var json: JSONValue {
    [
      "engine": .string(engine.rawValue),
      "ballotsRecomputed": .integer(Int64(proofs.recomputed)),
      "ballotsBySidecar": .integer(Int64(proofs.fromSidecar)),
      "ballotsWithWrongSidecar": .integer(Int64(proofs.disagreeing)),
      "soundness": .string(soundness),
    ]
  }
}
