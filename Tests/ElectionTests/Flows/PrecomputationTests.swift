// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Groups
import Testing

/// Ballots that were computed ahead are like all others.
@Suite struct PrecomputationTests {
  private static let field = ChainingField.unchained(device: SHA256.hash(Array("device".utf8)))

  private func scene(
    _ group: Group = ElectionSetup().group
  ) throws -> ElectionContext {
    var setup = ElectionSetup(group: group)
    (setup.trustees, setup.threshold) = (1, 1)
    var fixture = try ElectionFixture(setup)
    try fixture.advance(from: .empty, to: .voting)
    return try #require(fixture.state.context)
  }

  /// Every style, with every kind of choices: the structure and the proofs hold, and the opening with
  /// the same secrets gives the confirmation code.
  @Test(arguments: [ElectionSetup().group, Group.standard])
  func aPrecomputedBallotKeepsEveryRule(_ group: Group) throws {
    let context = try scene(group)
    var checked = 0
    for (number, style) in context.manifest.ballotStyles.enumerated() {
      for round in 0..<3 {
        let contests = style.contests.compactMap { index -> PlaintextBallot.Contest? in
          guard let contest = context.manifest.contest(index), round > 0 else { return nil }
          var votes = Array(repeating: 0, count: contest.options.count)
          // One vote for the first option, or as many as the last one takes.
          votes[round == 1 ? 0 : votes.count - 1] =
            round == 1 ? 1 : min(contest.optionLimit, contest.selectionLimit)
          return PlaintextBallot.Contest(index: index, votes: votes)
        }
        let ballot = PlaintextBallot(ballotStyle: number + 1, contests: contests)
        let secrets = try BallotSecrets.fresh()
        let identifier = SHA256.hash(Array("ballot \(number) \(round)".utf8))
        let prepared = try BallotPrecomputation(
          ballotStyle: number + 1, identifier: identifier, secrets: secrets, context: context)
        let encrypted = try prepared.encrypt(ballot, chainingField: Self.field)
        #expect(encrypted.checkStructure(context, device: nil, at: "").failures == [])
        let proofs = encrypted.checkProofs(context, at: "")
        #expect(proofs.failures == [])
        let opening = try ChallengeOpening(
          ballot, identifierHash: context.identifierHash(of: identifier), secrets: secrets,
          context: context)
        #expect(opening.check(encrypted, context, at: "").failures == [])
        // The same ciphertexts as without precomputation: they follow from the secrets.
        let direct = try EncryptedBallot.encrypt(
          ballot, identifier: identifier, chainingField: Self.field, secrets: secrets,
          context: context)
        #expect(
          direct.contests.map { $0.selections.map(\.ciphertext) }
            == encrypted.contests.map { $0.selections.map(\.ciphertext) })
        checked += 1
      }
    }
    #expect(checked >= 6)
  }

  @Test func anotherStyleIsRefused() throws {
    let context = try scene()
    let prepared = try BallotPrecomputation(
      ballotStyle: 1, identifier: SHA256.hash([1]), secrets: try BallotSecrets.fresh(),
      context: context)
    var error: BallotError?
    do throws(BallotError) {
      _ = try prepared.encrypt(
        PlaintextBallot(ballotStyle: 2, contests: []), chainingField: Self.field)
    } catch let thrown { error = thrown }
    #expect(error == .unknownBallotStyle(2))
  }

  /// An overvote becomes a blank, and its marks go into the contest data, as without precomputation.
  @Test func anOvervoteBecomesABlank() throws {
    let context = try scene()
    let contest = try #require(context.manifest.contest(1))
    let ballot = PlaintextBallot(
      ballotStyle: 1,
      contests: [
        PlaintextBallot.Contest(
          index: 1, votes: contest.options.map { _ in contest.optionLimit })
      ])
    let secrets = try BallotSecrets.fresh()
    let identifier = SHA256.hash([2])
    let prepared = try BallotPrecomputation(
      ballotStyle: 1, identifier: identifier, secrets: secrets, context: context)
    let encrypted = try prepared.encrypt(ballot, chainingField: Self.field)
    #expect(encrypted.checkProofs(context, at: "").failures == [])
    let opening = try ChallengeOpening(
      ballot, identifierHash: context.identifierHash(of: identifier), secrets: secrets,
      context: context)
    #expect(opening.contests[0].selections.allSatisfy { $0.vote == 0 })
    #expect(opening.check(encrypted, context, at: "").failures == [])
  }
}
