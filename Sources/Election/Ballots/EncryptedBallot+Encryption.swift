// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import ElGamal
internal import Groups

extension EncryptedBallot {
  /// Encrypts a ballot (ElectionGuard 2.1.0, 3.3), in constant time in the votes.
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
    guard let style = context.manifest.ballotStyle(ballot.ballotStyle) else {
      throw .unknownBallotStyle(ballot.ballotStyle)
    }
    for contest in ballot.contests where !style.contests.contains(contest.index) {
      throw .wrongContest(contest.index)
    }
    let identifierHash = context.identifierHash(of: identifier)
    var contests = [EncryptedContest]()
    for index in style.contests {
      let (votes, data) = try ballot.content(of: index, in: context.manifest)
      do {
        contests.append(
          try encryptContest(
            index, votes: votes, data: data, identifierHash: identifierHash, secrets: secrets,
            context: context))
      } catch { throw .cryptography }
    }
    let nonce: BallotNonceEncryption
    do {
      nonce = try BallotNonceEncryption.encrypt(
        ballotNonce: secrets.ballotNonce, identifierHash: identifierHash, key: context.dataKey,
        in: context.group)
    } catch { throw .cryptography }
    let code = ConfirmationCode.code(
      identifierHash: identifierHash, contestHashes: contests.map(\.hash),
      chainingField: chainingField, in: context.group)
    return EncryptedBallot(
      identifier: identifier, identifierHash: identifierHash, ballotStyle: ballot.ballotStyle,
      contests: contests, nonce: nonce, chainingField: chainingField, confirmationCode: code)
  }

  private static func encryptContest(
    _ index: Int, votes: [Int], data: [UInt8]?, identifierHash: Digest,
    secrets: borrowing BallotSecrets, context: ElectionContext
  ) throws(GroupError) -> EncryptedContest {
    let group = context.group
    guard let contest = context.manifest.contest(index) else { throw .outOfRange }
    var selections = [EncryptedSelection]()
    var nonceSum = group.secret(.zero)
    for (offset, vote) in votes.enumerated() {
      let nonce = secrets.selectionNonce(
        contest: index, option: offset + 1, identifierHash: identifierHash, in: group)
      let ciphertext = group.encrypt(
        group.secretScalar(small: UInt64(vote)), nonce: nonce, key: context.voteKey)
      let statement = RangeStatement(
        identifierHash: identifierHash, contest: index, option: offset + 1,
        ciphertext: ciphertext, bound: contest.optionLimit)
      let proof = try RangeProof.prove(
        statement, vote: vote, nonce: nonce, key: context.voteKey, in: group)
      selections.append(EncryptedSelection(ciphertext: ciphertext, proof: proof))
      nonceSum = group.add(nonceSum, nonce)
    }
    let sum = group.vartimeProduct(selections.map(\.ciphertext))
    let limit = RangeStatement(
      identifierHash: identifierHash, contest: index, option: nil, ciphertext: sum,
      bound: contest.selectionLimit)
    let limitProof = try RangeProof.prove(
      limit, vote: votes.reduce(0, +), nonce: nonceSum, key: context.voteKey, in: group)
    var encryptedData: ContestDataEncryption?
    if let data {
      encryptedData = try ContestDataEncryption.encrypt(
        SecretBytes(copying: data),
        nonce: secrets.contestDataNonce(
          contest: index, identifierHash: identifierHash, in: group),
        contest: index, identifierHash: identifierHash, key: context.dataKey, in: group)
    }
    let hash = ConfirmationCode.contestHash(
      identifierHash: identifierHash, contest: index, selections: selections.map(\.ciphertext),
      data: encryptedData, in: group)
    return EncryptedContest(
      index: index, selections: selections, limitProof: limitProof, data: encryptedData,
      hash: hash)
  }
}
