// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import ElGamal
internal import Groups

/// Everything of an encrypted ballot that does not depend on the vote, computed ahead, so that a voter
/// waits for a hash a selection and no power: the nonces, α, every candidate for β and for the
/// commitments of the proofs, and the encrypted ballot nonce. Secret.
///
/// A precomputation is used up by the ballot that is made of it: two ballots with the same nonces
/// would show both votes. A process that is copied with it, as when a machine is restored from an
/// image, must throw it away.
public struct BallotPrecomputation: ~Copyable, Sendable {
  private let prepared: PreparedBallot

  /// Computes what can be known of a ballot.
  /// - Parameters:
  ///   - identifier: id_B.
  ///   - secrets: ξ_B; the voter keeps it until the ballot is cast or challenged.
  /// - Throws: `BallotError`.
  public init(
    ballotStyle: Int, identifier: Digest, secrets: borrowing BallotSecrets,
    context: ElectionContext
  ) throws(BallotError) {
    prepared = try PreparedBallot(
      ballotStyle: ballotStyle, identifier: identifier, secrets: secrets, context)
  }

  /// Encrypts a ballot of the style that was prepared, in constant time in the votes.
  /// - Throws: `BallotError`.
  public consuming func encrypt(
    _ ballot: PlaintextBallot, chainingField: ChainingField
  ) throws(BallotError) -> EncryptedBallot {
    try prepared.finished(ballot, chainingField: chainingField)
  }
}

/// A ballot that waits for the votes. Secret.
private final class PreparedBallot: Sendable {
  private let ballotStyle: Int
  private let identifier: Digest
  private let identifierHash: Digest
  private let contests: [ContestPrecomputation]
  /// Contest data need theirs when the data are known.
  private let powers: SecretElements
  private let nonce: BallotNonceEncryption
  private let context: ElectionContext

  init(
    ballotStyle: Int, identifier: Digest, secrets: borrowing BallotSecrets,
    _ context: ElectionContext
  ) throws(BallotError) {
    guard let style = context.manifest.ballotStyle(ballotStyle) else {
      throw .unknownBallotStyle(ballotStyle)
    }
    let group = context.group
    let hash = context.identifierHash(of: identifier)
    do {
      var batch = SecretPowerBatch()
      var drafts: [ContestPrecomputation.Draft] = []
      for contest in style.contests {
        drafts.append(
          try ContestPrecomputation.Draft(
            contest, identifierHash: hash, secrets: secrets, powers: &batch, context))
      }
      let nonceDraft = try BallotNonceEncryption.draft(
        ballotNonce: secrets.ballotNonce, identifierHash: hash, key: context.dataKey,
        powers: &batch, in: group)
      let computed = batch.run(in: group)
      var contests: [ContestPrecomputation] = []
      for draft in drafts { contests.append(draft.computed(powers: computed, context)) }
      nonce = try BallotNonceEncryption(
        nonceDraft, ballotNonce: secrets.ballotNonce, identifierHash: hash,
        powers: computed, in: group)
      self.contests = contests
      powers = computed
    } catch { throw .cryptography }
    self.ballotStyle = ballotStyle
    self.identifier = identifier
    identifierHash = hash
    self.context = context
  }

  func finished(
    _ ballot: PlaintextBallot, chainingField: ChainingField
  ) throws(BallotError) -> EncryptedBallot {
    guard ballot.ballotStyle == ballotStyle else {
      throw .unknownBallotStyle(ballot.ballotStyle)
    }
    var encrypted: [EncryptedContest] = []
    for (content, contest) in zip(try ballot.contents(in: context.manifest), contests) {
      do {
        encrypted.append(
          try contest.finished(content, identifierHash: identifierHash, powers: powers, context))
      } catch { throw .cryptography }
    }
    return EncryptedBallot(
      identifier: identifier, identifierHash: identifierHash, ballotStyle: ballotStyle,
      contests: encrypted, nonce: nonce, chainingField: chainingField, in: context.group)
  }
}

/// A contest that waits for the votes. Secret.
struct ContestPrecomputation: Sendable {
  private let definition: ManifestOutline.Contest
  private let ciphertexts: [PrecomputedCiphertext]
  private let proofs: [PrecomputedRangeProof]
  private let limit: PrecomputedRangeProof
  private let data: SharedKeyDraft?

  /// A contest whose powers are asked for.
  struct Draft {
    private let definition: ManifestOutline.Contest
    private var ciphertexts: [PrecomputedCiphertext.Draft] = []
    private var proofs: [PrecomputedRangeProof.Draft] = []
    private let limit: PrecomputedRangeProof.Draft
    private var data: SharedKeyDraft?

    init(
      _ index: Int, identifierHash: Digest, secrets: borrowing BallotSecrets,
      powers: inout SecretPowerBatch, _ context: ElectionContext
    ) throws(GroupError) {
      guard let definition = context.manifest.contest(index) else { throw .outOfRange }
      self.definition = definition
      let group = context.group
      func place(_ option: Int?, bound: Int) -> HashInput {
        RangeStatement.place(
          identifierHash: identifierHash, contest: index, option: option, bound: bound, in: group)
      }
      var nonceSum = group.secret(.zero)
      for option in 1...max(1, definition.options.count) {
        let nonce = secrets.selectionNonce(
          contest: index, option: option, identifierHash: identifierHash, in: group)
        ciphertexts.append(
          PrecomputedCiphertext.Draft(
            nonce: nonce, key: context.voteKey, powers: &powers, in: group))
        proofs.append(
          try PrecomputedRangeProof.Draft(
            place(option, bound: definition.optionLimit), bound: definition.optionLimit,
            nonce: nonce, key: context.voteKey, powers: &powers, in: group))
        nonceSum = group.add(nonceSum, nonce)
      }
      limit = try PrecomputedRangeProof.Draft(
        place(nil, bound: definition.selectionLimit), bound: definition.selectionLimit,
        nonce: nonceSum, key: context.voteKey, powers: &powers, in: group)
      guard definition.contestDataBlocks > 0 else { return }
      data = try ContestDataEncryption.draft(
        hedge: SecretBytes(zeros: 0),
        nonce: secrets.contestDataNonce(
          contest: index, identifierHash: identifierHash, in: group),
        contest: index, identifierHash: identifierHash, key: context.dataKey, powers: &powers,
        in: group)
    }

    func computed(
      powers: borrowing SecretElements, _ context: ElectionContext
    ) -> ContestPrecomputation {
      let group = context.group
      var prepared: ([PrecomputedCiphertext], [PrecomputedRangeProof]) = ([], [])
      for (ciphertext, proof) in zip(ciphertexts, proofs) {
        prepared.0.append(
          ciphertext.computed(
            bound: definition.optionLimit, key: context.voteKey, powers: powers, in: group))
        prepared.1.append(proof.computed(powers: powers, in: group))
      }
      return ContestPrecomputation(
        definition: definition, ciphertexts: prepared.0, proofs: prepared.1,
        limit: limit.computed(powers: powers, in: group), data: data)
    }
  }

  func finished(
    _ content: ContestContent, identifierHash: Digest, powers: borrowing SecretElements,
    _ context: ElectionContext
  ) throws(GroupError) -> EncryptedContest {
    let group = context.group
    var selections: [EncryptedSelection] = []
    for (offset, vote) in content.votes.enumerated() {
      guard ciphertexts.indices.contains(offset) else { throw .outOfRange }
      let ciphertext = ciphertexts[offset].chosen(vote: vote)
      selections.append(
        EncryptedSelection(
          ciphertext: ciphertext,
          proof: try proofs[offset].finished(
            content.statement(
              offset + 1, ciphertext, bound: definition.optionLimit, identifierHash: identifierHash),
            vote: vote,
            in: group)))
    }
    let sum = group.vartimeProduct(selections.map(\.ciphertext))
    let limitProof = try limit.finished(
      content.statement(
        nil, sum, bound: definition.selectionLimit, identifierHash: identifierHash),
      vote: content.votes.reduce(0, +),
      in: group)
    var encryptedData: ContestDataEncryption?
    if let data, let bytes = content.data {
      encryptedData = try ContestDataEncryption(
        data, SecretBytes(copying: bytes), contest: content.index, identifierHash: identifierHash,
        powers: powers, in: group)
    }
    return EncryptedContest(
      index: content.index, selections: selections, limitProof: limitProof, data: encryptedData,
      identifierHash: identifierHash, in: group)
  }
}
