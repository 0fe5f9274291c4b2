// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import ElGamal
import Groups
import Ledger

/// Whose a ballot is, what it is bound to, and its shape.
extension RuleBreak {
  static let ballots: [RuleBreak] = identity + shape

  private static let identity: [RuleBreak] = [
    // adversary: E-03
    RuleBreak(.eliListed1, "a key that is not on the list", at: .voting) { fixture in
      let stranger = try Identity("stranger")
      let ballot = try fixture.spare().submitted
      return (
        try fixture.entry(ballot, by: .voter(6)),
        try EntryFile.signed(
          ballot, by: .pseudonym(stranger.publicKey), electionID: fixture.electionID(),
          key: stranger.key(), in: fixture.group)
      )
    },
    // adversary: F-05, B-02
    RuleBreak(.bal1, "another voter's ballot under the own key", at: .voting) { fixture in
      let ballot = try fixture.spare().submitted
      return (try fixture.entry(ballot, by: .voter(6)), try fixture.entry(ballot, by: .voter(7)))
    },
    RuleBreak(.bal1, "another random part", at: .voting) { fixture in
      try fixture.sparePair(rehash: false) { $0.random = $0.random.flipped }
    },
    RuleBreak(.bal4, "a number left out", at: .voting) { fixture in
      try fixture.numbered(2)
    },
    RuleBreak(.bal4, "a ballot before that does not exist", at: .voting) { fixture in
      try fixture.sparePair(rehash: false) { $0.previous = $0.random }
    },
    RuleBreak(.bal4, "the ballot before is not named", at: .decided) { fixture in
      let ballot = try fixture.ballot(1, fixture.choices(1, [:]))
      var changed = ballot.submitted
      changed.previous = nil
      return (
        try fixture.entry(ballot.submitted, by: .voter(1)),
        try fixture.entry(changed, by: .voter(1))
      )
    },
    // adversary: B-01
    RuleBreak(.bal6, "the same ballot again", at: .voting, also: [.bal4, .eg5A]) { fixture in
      let ballot = try fixture.submit(6, fixture.choices(6, [1: [1, 0, 0]]))
      return (
        try fixture.cast(ballot), try fixture.entry(ballot.submitted, by: .voter(6))
      )
    },
    // adversary: B-01, B-02
    RuleBreak(.bal1, "the same ballot by another voter", at: .voting, also: [.bal6, .eg5A]) {
      fixture in
      let ballot = try fixture.submit(6, fixture.choices(6, [1: [1, 0, 0]]))
      return (
        try fixture.cast(ballot), try fixture.entry(ballot.submitted, by: .voter(7))
      )
    },
    RuleBreak(.eg5A, "an identifier again", at: .voting, also: [.bal4]) { fixture in
      let first = try fixture.submit(6, fixture.choices(6, [1: [1, 0, 0]]))
      let ballot = try fixture.spare()
      var changed = ballot.submitted
      (changed.random, changed.sequence) = (first.submitted.random, 1)
      changed.ballot = try EncryptedBallot.encrypt(
        ballot.plaintext, identifier: first.submitted.ballot.identifier,
        chainingField: fixture.chainingField(), secrets: ballot.secrets, context: fixture.context())
      return (
        try fixture.entry(ballot.submitted, by: .voter(6)),
        try fixture.entry(changed, by: .voter(6))
      )
    },
    // adversary: L-06
    RuleBreak(.bal6, "the confirmation code of another ballot", at: .voting, also: [.eg8B]) {
      fixture in
      let first = try fixture.submit(7, fixture.choices(7, [:]))
      return try fixture.sparePair(rehash: false) {
        $0.ballot.confirmationCode = first.code
      }
    },
    RuleBreak(.eg5B, "another H_I", at: .voting) { fixture in
      try fixture.sparePair(rehash: false) {
        $0.ballot.identifierHash = $0.ballot.identifierHash.flipped
      }
    },
    // adversary: F-03, B-05
    RuleBreak(
      .eg5B, "a ballot of another election with the same keys and voter", at: .voting,
      also: [
        .bal1, .eg6D, .eg7D, .eg8A, .eg8B, .eg8C, .eg8D, .bal7,
      ]
    ) { fixture in
      let sound = try fixture.entry(fixture.spare().submitted, by: .voter(6))
      return (sound, try fixture.entry(fixture.fromOtherElection(), by: .voter(6)))
    },
  ]

  private static let shape: [RuleBreak] = [
    // adversary: B-05
    RuleBreak(.bal3, "the ballot style of another district", at: .voting) { fixture in
      let sound = try fixture.spare().submitted
      let plaintext = PlaintextBallot(
        ballotStyle: 2, contests: [.init(index: 4, votes: [1, 0])])
      return (
        try fixture.entry(sound, by: .voter(6)),
        try fixture.entry(fixture.ballot(6, plaintext).submitted, by: .voter(6))
      )
    },
    // adversary: F-04
    RuleBreak(.bal2, "the style's number changed, the contests not", at: .voting, also: [.bal3]) {
      fixture in try fixture.sparePair { $0.ballot.ballotStyle = 2 }
    },
    RuleBreak(.bal3, "a style that does not exist", at: .voting, also: [.bal2]) { fixture in
      try fixture.sparePair { $0.ballot.ballotStyle = 9 }
    },
    // adversary: B-08
    RuleBreak(.bal2, "a contest left out", at: .voting) { fixture in
      try fixture.sparePair { $0.ballot.contests.removeLast() }
    },
    // adversary: B-08
    RuleBreak(.bal2, "no contest", at: .voting) { fixture in
      try fixture.sparePair { $0.ballot.contests = [] }
    },
    // adversary: B-08
    RuleBreak(.bal2, "a contest twice", at: .voting) { fixture in
      try fixture.sparePair { $0.ballot.contests.append($0.ballot.contests[0]) }
    },
    // adversary: B-08
    RuleBreak(.bal2, "a contest that does not exist", at: .voting) { fixture in
      try fixture.sparePair { $0.ballot.contests[2].index = 99 }
    },
    // adversary: B-08
    RuleBreak(.bal2, "an option left out", at: .voting, also: [.eg7D]) { fixture in
      try fixture.sparePair { $0.ballot.contests[0].selections.removeLast() }
    },
    // adversary: B-08
    RuleBreak(.bal2, "no options", at: .voting, also: [.eg7D]) { fixture in
      try fixture.sparePair { $0.ballot.contests[0].selections = [] }
    },
    // adversary: B-08
    RuleBreak(.bal2, "an option more", at: .voting, also: [.eg6D, .eg7D]) { fixture in
      try fixture.sparePair {
        $0.ballot.contests[0].selections.append($0.ballot.contests[0].selections[0])
      }
    },
    RuleBreak(.bal2, "no contest data where there must be some", at: .voting) { fixture in
      try fixture.sparePair { $0.ballot.contests[2].data = nil }
    },
    // adversary: G-12
    RuleBreak(.bal2, "contest data of another length", at: .voting, also: [.bal7]) { fixture in
      try fixture.sparePair {
        guard let data = $0.ballot.contests[2].data else { return }
        $0.ballot.contests[2].data = ContestDataEncryption(
          c0: data.c0, c1: Array(data.c1.dropLast(32)), c2: data.c2)
      }
    },
    RuleBreak(.bal2, "contest data where there must be none", at: .voting, also: [.bal7]) {
      fixture in
      try fixture.sparePair { $0.ballot.contests[0].data = $0.ballot.contests[2].data }
    },
    RuleBreak(.eg8A, "another contest hash", at: .voting) { fixture in
      try fixture.sparePair(rehash: false) {
        $0.ballot.contests[1].hash = $0.ballot.contests[1].hash.flipped
      }
    },
    RuleBreak(.eg8B, "another confirmation code", at: .voting) { fixture in
      try fixture.sparePair(rehash: false) {
        $0.ballot.confirmationCode = $0.ballot.confirmationCode.flipped
      }
    },
    RuleBreak(.eg8C, "another device", at: .voting, also: [.eg8D]) { fixture in
      try fixture.sparePair {
        $0.ballot.chainingField = .unchained(device: $0.random)
      }
    },
    RuleBreak(.eg8D, "chained", at: .voting) { fixture in
      try fixture.sparePair {
        $0.ballot.chainingField = ChainingField(mode: 1, hash: $0.ballot.chainingField.hash)
      }
    },
  ]
}

extension ElectionFixture {
  fileprivate func numbered(_ sequence: Int) throws -> RuleBreak.Pair {
    let plaintext = choices(6, [1: [1, 0, 0]])
    return (
      try entry(ballot(6, plaintext).submitted, by: .voter(6)),
      try entry(ballot(6, plaintext, sequence: sequence).submitted, by: .voter(6))
    )
  }

  /// A ballot that voter 6 made for an election that differs in one letter of the manifest and has
  /// the same trustees' secrets.
  func fromOtherElection() throws -> BallotSubmitted {
    var setup = setup
    setup.manifestName = "Citi"
    var other = try ElectionFixture(setup)
    other.secrets = secrets
    try other.advance(from: .empty, to: .voting)
    guard try other.context().voteKey.element == context().voteKey.element else {
      throw NotAdmitted(type: "the keys are not the same", failures: [])
    }
    return try other.spare().submitted
  }
}
