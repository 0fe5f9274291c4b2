// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import Election
internal import ElGamal
internal import Groups
package import Ledger

/// A ballot with what its voter keeps.
package struct MadeBallot: Sendable {
  package var submitted: BallotSubmitted
  package let plaintext: PlaintextBallot
  package let voter: Int
  package let nonce: [UInt8]

  package var code: Digest { submitted.ballot.confirmationCode }
  package var secrets: BallotSecrets { BallotSecrets(ballotNonce: SecretBytes(copying: nonce)) }
}

/// Ballots and decisions.
extension ElectionFixture {
  package func context() throws -> ElectionContext {
    guard let context = state.context else { throw NotAdmitted(type: "context", failures: []) }
    return context
  }

  package func electionID() throws -> Digest {
    guard let identifier = state.electionID else { throw NotAdmitted(type: "id", failures: []) }
    return identifier
  }

  package func chainingField() throws -> ChainingField {
    .unchained(
      device: BaseHashes.device(
        extended: try context().extendedBaseHash, ElectionSetup.device, in: group))
  }

  /// A choice of every contest of the voter's style: `votes[contest]`.
  package func choices(
    _ voter: Int, _ votes: [Int: [Int]], writeIn: String? = nil
  ) -> PlaintextBallot {
    PlaintextBallot(
      ballotStyle: setup.voters[voter - 1].style,
      contests: votes.sorted { $0.key < $1.key }.map { index, votes in
        PlaintextBallot.Contest(
          index: index, votes: votes,
          writeIns: index == 3 ? writeIn.map { [.init(option: 2, text: $0)] } ?? [] : [])
      })
  }

  /// The next ballot of a voter, encrypted. `sequence` and `style` other than the right ones make a
  /// ballot that must be refused.
  package func ballot(
    _ voter: Int, _ plaintext: PlaintextBallot, sequence: Int? = nil
  ) throws -> MadeBallot {
    let identity = voterIdentities[voter - 1]
    let earlier = state.ballots.ballots(of: identity.publicKey)
    let number = sequence ?? earlier.count + 1
    let nonce = try SecureRandom.bytes(32)
    let random = SHA256.hash(nonce + [1])
    let identifier = BallotSubmitted.identifier(
      electionID: try electionID(), district: setup.voters[voter - 1].district,
      pseudonym: identity.publicKey, sequence: number, random: random)
    let encrypted = try EncryptedBallot.encrypt(
      plaintext, identifier: identifier, chainingField: try chainingField(),
      secrets: BallotSecrets(ballotNonce: SecretBytes(copying: nonce)), context: try context())
    return MadeBallot(
      submitted: BallotSubmitted(
        sequence: number, previous: earlier.last?.payloadDigest, random: random,
        ballot: encrypted),
      plaintext: plaintext, voter: voter, nonce: nonce)
  }

  /// Submits a ballot in a batch of its own.
  @discardableResult
  package mutating func submit(_ voter: Int, _ plaintext: PlaintextBallot) throws -> MadeBallot {
    let ballot = try ballot(voter, plaintext)
    try admit(entry(ballot.submitted, by: .voter(voter)))
    made[ballot.code] = ballot
    return ballot
  }

  package func cast(_ ballot: MadeBallot) throws -> EntryFile {
    try entry(BallotCast(confirmationCode: ballot.code), by: .voter(ballot.voter))
  }

  package func opening(_ ballot: MadeBallot) throws -> ChallengeOpening {
    let context = try context()
    return try ChallengeOpening(
      ballot.plaintext,
      identifierHash: context.identifierHash(of: ballot.submitted.ballot.identifier),
      secrets: ballot.secrets, context: context)
  }

  package func challenge(_ ballot: MadeBallot) throws -> EntryFile {
    try entry(
      BallotChallenged(confirmationCode: ballot.code, opening: try opening(ballot)),
      by: .voter(ballot.voter))
  }

  /// Submits and casts.
  @discardableResult
  package mutating func vote(_ voter: Int, _ plaintext: PlaintextBallot) throws -> MadeBallot {
    let ballot = try submit(voter, plaintext)
    try admit(cast(ballot))
    return ballot
  }

  /// Recomputes H_I's dependents of a ballot that was changed, as a forger would: contest hashes and
  /// confirmation code.
  package func rehashed(_ ballot: EncryptedBallot) throws -> EncryptedBallot {
    var ballot = ballot
    let context = try context()
    ballot.identifierHash = context.identifierHash(of: ballot.identifier)
    let hashes = ballot.recomputedContestHashes(identifierHash: ballot.identifierHash, in: group)
    for index in ballot.contests.indices { ballot.contests[index].hash = hashes[index] }
    ballot.confirmationCode = ConfirmationCode.code(
      identifierHash: ballot.identifierHash, contestHashes: hashes,
      chainingField: ballot.chainingField, in: group)
    return ballot
  }

  package var counts: BallotCounts { state.ballots.counts(revoting: setup.revoting) }

  package func closing() -> VotingClosed {
    VotingClosed(ballots: counts, voted: state.votedByDistrict)
  }

  package mutating func close() throws { try admit(entry(closing(), by: .commission)) }
}
