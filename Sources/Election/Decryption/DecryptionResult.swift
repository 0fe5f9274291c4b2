// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import ElGamal
public import Groups

/// The decrypted total of one option (ElectionGuard 2.1.0, 3.6.4 and 3.6.5). Public.
public struct DecryptedTotal: Sendable, Equatable {
  /// The option's label.
  public var label: String
  /// t
  public var total: Int
  /// T = K^t
  public var power: Element
  /// (c, v)
  public var proof: CompactProof

  /// A total from its parts.
  public init(label: String, total: Int, power: Element, proof: CompactProof) {
    self.label = label
    self.total = total
    self.power = power
    self.proof = proof
  }

  /// Verification 10 against the recomputed (A, B): M = B·T⁻¹, a = g^v·K^c, b = A^v·M^c.
  public func check(
    contest: Int, option: Int, _ recomputed: Ciphertext, _ context: ElectionContext,
    at place: String
  ) -> Findings {
    var findings = Findings()
    let group = context.group
    let factor = group.vartimeMultiply(recomputed.beta, group.vartimeInverse(power))
    let item = DecryptionItem.tally(contest: contest, option: option, recomputed)
    let challenge = item.challenge(
      a: group.vartimeCommitment(
        proof, base: group.generator, image: context.voteKey.element),
      b: group.vartimeCommitment(proof, base: recomputed.alpha, image: factor), factor: factor,
      extendedBaseHash: context.extendedBaseHash, in: group)
    findings.check(
      .eg10A, group.isInRange(proof.response), at: place, "the response is not below q")
    findings.check(
      .eg10B, challenge == proof.challenge, at: place, "the proof of the decryption does not hold")
    findings.check(
      .eg10C,
      total >= 0
        && power == group.vartimePower(context.voteKey, group.scalar(UInt64(clamping: total))),
      at: place, "T is not K^\(total)")
    return findings
  }
}

/// The opened contest data of one ballot (ElectionGuard 2.1.0, 3.6.6). Public.
public struct DecryptedContestData: Sendable, Equatable {
  /// H_C of the ballot.
  public var ballot: Digest
  /// The contest's index.
  public var contest: Int
  /// β
  public var shared: Element
  /// (c, v)
  public var proof: CompactProof
  /// D, whole blocks.
  public var bytes: [UInt8]

  /// Data from its parts.
  public init(
    ballot: Digest, contest: Int, shared: Element, proof: CompactProof, bytes: [UInt8]
  ) {
    self.ballot = ballot
    self.contest = contest
    self.shared = shared
    self.proof = proof
    self.bytes = bytes
  }

  /// Verification 12: a = g^v·K̂^c, b = C_0^v·β^c, D = C_1 ⊕ k.
  public func check(
    _ encryption: ContestDataEncryption, identifierHash: Digest, _ context: ElectionContext,
    at place: String
  ) -> Findings {
    var findings = Findings()
    let group = context.group
    let item = DecryptionItem.contestData(
      ballot: ballot, identifierHash: identifierHash, contest: contest, encryption)
    let challenge = item.challenge(
      a: group.vartimeCommitment(
        proof, base: group.generator, image: context.dataKey.element),
      b: group.vartimeCommitment(proof, base: encryption.c0, image: shared), factor: shared,
      extendedBaseHash: context.extendedBaseHash, in: group)
    findings.check(
      .eg12A, group.isInRange(proof.response), at: place, "the response is not below q")
    // Without membership, −β passes with every even challenge and opens another text.
    findings.check(
      .eg12B, group.isMember(shared) && challenge == proof.challenge, at: place,
      "the proof of the decryption does not hold")
    var opened: [UInt8]?
    do {
      opened = try encryption.decrypted(
        publicShared: shared, contest: contest, identifierHash: identifierHash, in: group)
    } catch { opened = nil }
    findings.check(.eg12C, opened == bytes, at: place, "the data is not what β decrypts")
    return findings
  }
}
