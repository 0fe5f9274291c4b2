// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import ElGamal
import Groups

/// Somebody with the program's own library and without its scruples.
extension ElectionFixture {
  /// A contest with the votes and nonces that the forger likes. Proofs are honest where an honest
  /// proof exists for the bound; the bounds are the forger's.
  func forgedContest(
    _ index: Int, votes: [Int], nonces: [Scalar]? = nil, identifier: Digest,
    optionBound: Int, limitBound: Int, data: ContestDataEncryption? = nil
  ) throws -> EncryptedContest {
    let context = try context()
    let hash = context.identifierHash(of: identifier)
    let nonces = try nonces ?? votes.map { _ in try group.randomScalar() }
    var selections: [EncryptedSelection] = []
    for (offset, (vote, nonce)) in zip(votes, nonces).enumerated() {
      let ciphertext = group.encrypt(
        group.secretScalar(small: UInt64(vote)), nonce: group.secret(nonce), key: context.voteKey)
      let statement = RangeStatement(
        identifierHash: hash, contest: index, option: offset + 1, ciphertext: ciphertext,
        bound: optionBound)
      selections.append(
        EncryptedSelection(
          ciphertext: ciphertext,
          proof: try RangeProof.prove(
            statement, vote: vote, nonce: group.secret(nonce), key: context.voteKey, in: group)))
    }
    let statement = RangeStatement(
      identifierHash: hash, contest: index, option: nil,
      ciphertext: group.vartimeProduct(selections.map(\.ciphertext)), bound: limitBound)
    let sum = nonces.reduce(Scalar.zero) { group.vartimeAdd($0, $1) }
    return EncryptedContest(
      index: index, selections: selections,
      limitProof: try RangeProof.prove(
        statement, vote: votes.reduce(0, +), nonce: group.secret(sum), key: context.voteKey,
        in: group),
      data: data, hash: hash)
  }

  /// The spare ballot with contest 1 (L = R = 1, three options) replaced by a forged one.
  func spareWithContest1(
    _ votes: [Int], nonces: [Scalar]? = nil, optionBound: Int = 1, limitBound: Int = 1
  ) throws -> RuleBreak.Pair {
    try sparePair { submitted in
      submitted.ballot.contests[0] = try forgedContest(
        1, votes: votes, nonces: nonces, identifier: submitted.ballot.identifier,
        optionBound: optionBound, limitBound: limitBound)
    }
  }
}

extension CompactProof {
  /// The proof with a response one higher.
  func shifted(in group: Group) -> CompactProof {
    CompactProof(challenge: challenge, response: group.vartimeAdd(response, .one))
  }
}

extension RangeProof {
  /// The proof with the first branch's response one higher.
  func shifted(in group: Group) -> RangeProof {
    RangeProof(branches: [branches[0].shifted(in: group)] + branches.dropFirst())
  }
}

extension TrusteeSecrets {
  /// Secrets with chosen coefficients; both key sets and κ follow from the lists.
  static func chosen(
    _ trustee: Int, vote: [Scalar], data: [Scalar], communication: Scalar, in group: Group
  ) -> TrusteeSecrets {
    TrusteeSecrets(
      trustee: trustee,
      voteCoefficients: SecretScalars(count: vote.count) { group.secret(vote[$0]) },
      dataCoefficients: SecretScalars(count: data.count) { group.secret(data[$0]) },
      communicationSecret: group.secret(communication))
  }
}
