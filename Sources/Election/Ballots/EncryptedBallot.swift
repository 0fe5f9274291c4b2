// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import ElGamal
public import Groups

/// One option of a contest on an encrypted ballot.
public struct EncryptedSelection: Hashable, Sendable {
  /// (α, β)
  public var ciphertext: Ciphertext
  /// The proof that the ciphertext holds 0 … R.
  public var proof: RangeProof

  /// A selection from its parts.
  public init(ciphertext: Ciphertext, proof: RangeProof) {
    self.ciphertext = ciphertext
    self.proof = proof
  }
}

/// One contest on an encrypted ballot.
public struct EncryptedContest: Hashable, Sendable {
  /// The contest's index in the manifest, from 1.
  public var index: Int
  /// One selection an option, in the manifest's order.
  public var selections: [EncryptedSelection]
  /// The proof that the sum of all selections is 0 … L.
  public var limitProof: RangeProof
  /// Encrypted contest data; nil when the contest has none.
  public var data: ContestDataEncryption?
  /// χ, as published.
  public var hash: Digest

  /// A contest from its parts.
  public init(
    index: Int, selections: [EncryptedSelection], limitProof: RangeProof,
    data: ContestDataEncryption?, hash: Digest
  ) {
    self.index = index
    self.selections = selections
    self.limitProof = limitProof
    self.data = data
    self.hash = hash
  }
}

/// An encrypted ballot (ElectionGuard 2.1.0, 3.3). Public. Hashes are as published; checks compare
/// them with recomputed ones.
public struct EncryptedBallot: Hashable, Sendable {
  /// id_B
  public var identifier: Digest
  /// H_I, as published.
  public var identifierHash: Digest
  /// The ballot style's index in the manifest, from 1.
  public var ballotStyle: Int
  /// The contests of the ballot style, in order.
  public var contests: [EncryptedContest]
  /// ξ_B, encrypted.
  public var nonce: BallotNonceEncryption
  /// B_C
  public var chainingField: ChainingField
  /// H_C, as published.
  public var confirmationCode: Digest

  /// A ballot from its parts.
  public init(
    identifier: Digest, identifierHash: Digest, ballotStyle: Int, contests: [EncryptedContest],
    nonce: BallotNonceEncryption, chainingField: ChainingField, confirmationCode: Digest
  ) {
    self.identifier = identifier
    self.identifierHash = identifierHash
    self.ballotStyle = ballotStyle
    self.contests = contests
    self.nonce = nonce
    self.chainingField = chainingField
    self.confirmationCode = confirmationCode
  }

  /// χ_1 … χ_m, recomputed.
  public func recomputedContestHashes(identifierHash: Digest, in group: Group) -> [Digest] {
    contests.map { contest in
      ConfirmationCode.contestHash(
        identifierHash: identifierHash, contest: contest.index,
        selections: contest.selections.map(\.ciphertext), data: contest.data, in: group)
    }
  }
}
