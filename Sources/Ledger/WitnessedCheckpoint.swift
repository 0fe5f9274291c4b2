// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// A checkpoint that its log signed, with those cosignatures of a policy's witnesses that it carries.
/// All of them were checked.
public struct WitnessedCheckpoint: Hashable, Sendable {
  /// A witness with its cosignature.
  public struct Witnessing: Hashable, Sendable {
    /// Who.
    public let witness: WitnessPolicy.Witness
    /// When, and the signature.
    public let cosignature: Cosignature
  }

  /// The tree.
  public let checkpoint: Checkpoint
  /// Who cosigned, in the policy's order.
  public let cosignatures: [Witnessing]
  /// Whether those who cosigned are the policy's quorum.
  public let isQuorumMet: Bool

  /// The keys of those who cosigned.
  public var cosigners: Set<CosignerKey> { Set(cosignatures.map(\.witness.key)) }
}

extension WitnessPolicy {
  /// Checks a checkpoint: the log's signature, and every line of a witness that the policy names.
  /// Lines of other keys are passed over. Whether the quorum is met is in the answer; see
  /// ``verify(_:logKey:)`` for who must not go on without.
  ///
  /// - Throws: ``LedgerError`` for a malformed note, a missing or wrong signature of the log, an origin
  ///   other than the key's name, a log that the policy does not list, or a witness's line that does
  ///   not hold.
  public func examine(
    _ note: [UInt8], logKey: NoteVerifierKey
  ) throws(LedgerError) -> WitnessedCheckpoint {
    guard logs.isEmpty || logs.contains(where: { $0.key == logKey }) else {
      throw LedgerError("policy", "the log is one of the policy's")
    }
    let checkpoint = try Checkpoint.verified(note, logKey: logKey)
    let signed = try SignedNote(note)
    var cosignatures: [WitnessedCheckpoint.Witnessing] = []
    for witness in witnesses {
      if let cosignature = try signed.cosignature(of: witness.key) {
        cosignatures.append(.init(witness: witness, cosignature: cosignature))
      }
    }
    return WitnessedCheckpoint(
      checkpoint: checkpoint, cosignatures: cosignatures,
      isQuorumMet: isSatisfied(by: Set(cosignatures.map(\.witness.key))))
  }

  /// Checks a checkpoint under the policy.
  ///
  /// - Throws: ``LedgerError`` as ``examine(_:logKey:)`` does, and if the quorum is not met.
  public func verify(
    _ note: [UInt8], logKey: NoteVerifierKey
  ) throws(LedgerError) -> WitnessedCheckpoint {
    let witnessed = try examine(note, logKey: logKey)
    guard witnessed.isQuorumMet else {
      let names = witnessed.cosignatures.map(\.witness.name).joined(separator: ", ")
      throw LedgerError(
        "checkpoint, cosignatures",
        "the policy's quorum (cosigned by \(names.isEmpty ? "no witness" : names))")
    }
    return witnessed
  }
}

extension InclusionReceipt {
  /// Checks that the leaf is in a tree that the log signed and the policy's quorum cosigned.
  ///
  /// - Parameter leafHash: ``MerkleTree/leafHash(_:)`` of the entry that the holder has.
  /// - Returns: the checkpoint that contains the entry.
  /// - Throws: ``LedgerError`` naming what does not hold.
  public func verify(
    leafHash: Digest, logKey: NoteVerifierKey, policy: WitnessPolicy
  ) throws(LedgerError) -> WitnessedCheckpoint {
    let witnessed = try policy.verify(checkpoint, logKey: logKey)
    try checkInclusion(of: leafHash, in: witnessed.checkpoint)
    return witnessed
  }
}
