// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import ElGamal
internal import Groups

extension EncryptedBallot {
  /// Encrypts a ballot (ElectionGuard 2.1.0, 3.3), in constant time in the votes. All powers of the
  /// ballot are computed in one pass.
  /// - Parameters:
  ///   - ballot: the choices; overvoted contests are encrypted as blank.
  ///   - identifier: id_B.
  ///   - chainingField: B_C.
  ///   - secrets: ξ_B; kept by the voter until the ballot is cast or challenged.
  /// - Throws: `BallotError`.
  public static func encrypt(
    _ ballot: PlaintextBallot, identifier: Digest, chainingField: ChainingField,
    secrets: borrowing BallotSecrets, context: ElectionContext
  ) throws(BallotError) -> EncryptedBallot {
    let contents = try ballot.contents(in: context.manifest)
    let identifierHash = context.identifierHash(of: identifier)
    let group = context.group
    do {
      var powers = SecretPowerBatch()
      var drafts: [ContestDraft] = []
      for content in contents {
        drafts.append(
          try ContestDraft(
            content, identifierHash: identifierHash, secrets: secrets, powers: &powers, context))
      }
      let nonceDraft = try BallotNonceEncryption.draft(
        ballotNonce: secrets.ballotNonce, identifierHash: identifierHash, key: context.dataKey,
        powers: &powers, in: group)
      let results = powers.run(in: group)
      var contests: [EncryptedContest] = []
      for draft in drafts {
        contests.append(
          try draft.finished(identifierHash: identifierHash, powers: results, context))
      }
      let nonce = try BallotNonceEncryption(
        nonceDraft, ballotNonce: secrets.ballotNonce, identifierHash: identifierHash,
        powers: results, in: group)
      return EncryptedBallot(
        identifier: identifier, identifierHash: identifierHash, ballotStyle: ballot.ballotStyle,
        contests: contests, nonce: nonce, chainingField: chainingField, in: group)
    } catch { throw .cryptography }
  }

  /// A ballot with the confirmation code of its parts.
  init(
    identifier: Digest, identifierHash: Digest, ballotStyle: Int, contests: [EncryptedContest],
    nonce: BallotNonceEncryption, chainingField: ChainingField, in group: Group
  ) {
    self.init(
      identifier: identifier, identifierHash: identifierHash, ballotStyle: ballotStyle,
      contests: contests, nonce: nonce, chainingField: chainingField,
      confirmationCode: ConfirmationCode.code(
        identifierHash: identifierHash, contestHashes: contests.map(\.hash),
        chainingField: chainingField, in: group))
  }
}

extension EncryptedContest {
  /// A contest with the hash χ of its parts.
  init(
    index: Int, selections: [EncryptedSelection], limitProof: RangeProof,
    data: ContestDataEncryption?, identifierHash: Digest, in group: Group
  ) {
    self.init(
      index: index, selections: selections, limitProof: limitProof, data: data,
      hash: ConfirmationCode.contestHash(
        identifierHash: identifierHash, contest: index,
        selections: selections.map(\.ciphertext), data: data, in: group))
  }
}

extension ContestContent {
  /// What a range proof of this contest is about; nil names the contest's limit.
  func statement(
    _ option: Int?, _ ciphertext: Ciphertext, bound: Int, identifierHash: Digest
  ) -> RangeStatement {
    RangeStatement(
      identifierHash: identifierHash, contest: index, option: option, ciphertext: ciphertext,
      bound: bound)
  }
}

/// A contest whose powers are asked for. Secret.
private struct ContestDraft {
  struct Selection {
    let alpha: Int
    let beta: Int
    let proof: RangeProofDraft
  }

  let content: ContestContent
  let definition: ManifestOutline.Contest
  private var selections: [Selection] = []
  private let limit: RangeProofDraft
  private var data: SharedKeyDraft?

  init(
    _ content: ContestContent, identifierHash: Digest, secrets: borrowing BallotSecrets,
    powers: inout SecretPowerBatch, _ context: ElectionContext
  ) throws(GroupError) {
    let group = context.group
    guard let definition = context.manifest.contest(content.index) else { throw .outOfRange }
    self.content = content
    self.definition = definition
    func place(_ option: Int?, bound: Int) -> HashInput {
      RangeStatement.place(
        identifierHash: identifierHash, contest: content.index, option: option, bound: bound,
        in: group)
    }
    var nonceSum = group.secret(.zero)
    for (offset, vote) in content.votes.enumerated() {
      let nonce = secrets.selectionNonce(
        contest: content.index, option: offset + 1, identifierHash: identifierHash, in: group)
      let alpha = powers.append(group.generator, nonce)
      let beta = powers.append(
        context.voteKey, group.add(group.secretScalar(small: UInt64(vote)), nonce))
      let proof = try RangeProofDraft(
        place(offset + 1, bound: definition.optionLimit), vote: vote,
        bound: definition.optionLimit, nonce: nonce, key: context.voteKey, powers: &powers,
        in: group)
      selections.append(Selection(alpha: alpha, beta: beta, proof: proof))
      nonceSum = group.add(nonceSum, nonce)
    }
    limit = try RangeProofDraft(
      place(nil, bound: definition.selectionLimit), vote: content.votes.reduce(0, +),
      bound: definition.selectionLimit, nonce: nonceSum, key: context.voteKey, powers: &powers,
      in: group)
    if let bytes = content.data {
      data = try ContestDataEncryption.draft(
        hedge: SecretBytes(copying: bytes),
        nonce: secrets.contestDataNonce(
          contest: content.index, identifierHash: identifierHash, in: group),
        contest: content.index, identifierHash: identifierHash, key: context.dataKey,
        powers: &powers, in: group)
    }
  }

  func finished(
    identifierHash: Digest, powers: borrowing SecretElements, _ context: ElectionContext
  ) throws(GroupError) -> EncryptedContest {
    let group = context.group
    var encrypted: [EncryptedSelection] = []
    for (offset, selection) in selections.enumerated() {
      let ciphertext = Ciphertext(
        alpha: powers.revealed(selection.alpha), beta: powers.revealed(selection.beta))
      encrypted.append(
        EncryptedSelection(
          ciphertext: ciphertext,
          proof: selection.proof.finished(
            content.statement(
              offset + 1, ciphertext, bound: definition.optionLimit, identifierHash: identifierHash),
            powers: powers,
            in: group)))
    }
    let sum = group.vartimeProduct(encrypted.map(\.ciphertext))
    let limitProof = limit.finished(
      content.statement(
        nil, sum, bound: definition.selectionLimit, identifierHash: identifierHash), powers: powers,
      in: group)
    var encryptedData: ContestDataEncryption?
    if let data, let bytes = content.data {
      encryptedData = try ContestDataEncryption(
        data, SecretBytes(copying: bytes), contest: content.index,
        identifierHash: identifierHash, powers: powers, in: group)
    }
    return EncryptedContest(
      index: content.index, selections: encrypted, limitProof: limitProof, data: encryptedData,
      identifierHash: identifierHash, in: group)
  }
}
