// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import ElGamal
import Groups
import Ledger

/// The totals and the trustees' work on them.
extension RuleBreak {
  static let tallies: [RuleBreak] = aggregation + sessions + answers

  private static let aggregation: [RuleBreak] = [
    RuleBreak(.eg9A, "another A", at: .closed) { fixture in
      try fixture.aggregatedPair { totals, group in
        let old = totals.contests[1][2]
        totals.contests[1][2] = Ciphertext(
          alpha: group.vartimeMultiply(old.alpha, group.generator.element), beta: old.beta)
      }
    },
    RuleBreak(.eg9B, "another B", at: .closed) { fixture in
      try fixture.aggregatedPair { totals, group in
        let old = totals.contests[1][2]
        totals.contests[1][2] = Ciphertext(
          alpha: old.alpha, beta: group.vartimeMultiply(old.beta, group.generator.element))
      }
    },
    RuleBreak(.cer7, "totals without one option", at: .closed) { fixture in
      try fixture.aggregatedPair { totals, _ in totals.contests[0].removeLast() }
    },
    RuleBreak(.cer7, "totals without one contest", at: .closed) { fixture in
      try fixture.aggregatedPair { totals, _ in totals.contests.removeLast() }
    },
    // adversary: C-02
    RuleBreak(.eg9A, "the replaced ballot counted, not the last one", at: .closed, also: [.eg9B]) {
      fixture in
      fixture.keep(try fixture.tally())
      let sound = try fixture.aggregated()
      var changed = sound
      let group = fixture.group
      let ballots = fixture.state.ballots.ballots(of: fixture.voterIdentities[3].publicKey)
      for (ballot, isAdded) in zip(ballots, [true, false]) {
        let encrypted = try BallotSubmitted(
          bytes: fixture.entries[ballot.entry].payload, in: group
        ).ballot
        for contest in encrypted.contests {
          for (option, selection) in contest.selections.enumerated() {
            var factor = selection.ciphertext
            if !isAdded {
              factor = Ciphertext(
                alpha: group.vartimeInverse(factor.alpha),
                beta: group.vartimeInverse(factor.beta))
            }
            changed.totals.contests[contest.index - 1][option] = group.vartimeMultiply(
              changed.totals.contests[contest.index - 1][option], factor)
          }
        }
      }
      return (
        try fixture.entry(sound, by: .commission), try fixture.entry(changed, by: .commission)
      )
    },
    RuleBreak(.eg9A, "totals that nobody recomputed", at: .closed) { fixture in
      let bare = fixture
      fixture.keep(try fixture.tally())
      let sound = try fixture.entry(fixture.aggregated(), by: .commission)
      fixture = bare
      return (
        try fixture.entry(
          BatchOpened(
            number: (fixture.state.batch?.number ?? 0) + 1, time: fixture.time), by: .box), sound
      )
    },
    // adversary: T-12
    RuleBreak(.log8, "a second tally", at: .aggregated) { fixture in
      (
        try fixture.entry(DecryptionOpened(session: 1, trustees: [1, 2]), by: .commission),
        try fixture.entry(fixture.aggregated(), by: .commission)
      )
    },
  ]

  private static let sessions: [RuleBreak] = [
    // adversary: T-08
    RuleBreak(.cer10, "fewer trustees than k", at: .aggregated) { fixture in
      try fixture.sessionPair(1, [1])
    },
    // adversary: T-08
    RuleBreak(.cer10, "a trustee twice", at: .aggregated) { fixture in
      try fixture.sessionPair(1, [2, 2])
    },
    // adversary: T-08
    RuleBreak(.cer10, "a trustee beyond n", at: .aggregated) { fixture in
      try fixture.sessionPair(1, [1, 4])
    },
    // adversary: T-08
    RuleBreak(.log5, "trustee 0", at: .aggregated) { fixture in
      try fixture.sessionPair(1, [0, 1])
    },
    RuleBreak(.cer10, "trustees out of order", at: .aggregated) { fixture in
      try fixture.sessionPair(1, [2, 1])
    },
    RuleBreak(.cer10, "another number of session", at: .aggregated) { fixture in
      try fixture.sessionPair(2, [1, 2])
    },
    RuleBreak(.cer8, "a trustee who takes no part", at: .session) { fixture in
      let commitments = try fixture.commitments(of: 1)
      return (
        try fixture.entry(commitments, by: .trustee(1)),
        try fixture.entry(commitments, by: .trustee(3))
      )
    },
    // adversary: T-12
    RuleBreak(.cer8, "commitments to a part of the items", at: .session) { fixture in
      var commitments = try fixture.commitments(of: 1)
      let sound = try fixture.entry(commitments, by: .trustee(1))
      commitments.commitments.removeLast()
      return (sound, try fixture.entry(commitments, by: .trustee(1)))
    },
    // adversary: T-12
    RuleBreak(.cer8, "commitments to one item more", at: .session) { fixture in
      var commitments = try fixture.commitments(of: 1)
      let sound = try fixture.entry(commitments, by: .trustee(1))
      commitments.commitments.append(commitments.commitments[0])
      return (sound, try fixture.entry(commitments, by: .trustee(1)))
    },
    RuleBreak(.cer8, "commitments of another session", at: .session) { fixture in
      var commitments = try fixture.commitments(of: 1)
      let sound = try fixture.entry(commitments, by: .trustee(1))
      commitments.session = 2
      return (sound, try fixture.entry(commitments, by: .trustee(1)))
    },
    // adversary: T-05
    RuleBreak(.cer8, "second commitments", at: .session) { fixture in
      try fixture.admit(fixture.entry(fixture.commitments(of: 1), by: .trustee(1)))
      return (
        try fixture.entry(fixture.commitments(of: 2), by: .trustee(2)),
        try fixture.entry(fixture.commitments(of: 1), by: .trustee(1))
      )
    },
    // adversary: T-05
    RuleBreak(.cer8, "revealed before all commitments", at: .session) { fixture in
      try fixture.admit(fixture.entry(fixture.commitments(of: 1), by: .trustee(1)))
      return (
        try fixture.entry(fixture.commitments(of: 2), by: .trustee(2)),
        try fixture.entry(fixture.factors(of: 1), by: .trustee(1))
      )
    },
    RuleBreak(.cer8, "revealed twice", at: .committed) { fixture in
      let factors = try fixture.entry(fixture.factors(of: 1), by: .trustee(1))
      try fixture.admit(factors)
      return (try fixture.entry(fixture.factors(of: 2), by: .trustee(2)), factors)
    },
    RuleBreak(.cer8, "commitments after the first reveal", at: .committed) { fixture in
      try fixture.admit(fixture.entry(fixture.factors(of: 1), by: .trustee(1)))
      return (
        try fixture.entry(fixture.factors(of: 2), by: .trustee(2)),
        try fixture.entry(fixture.commitments(of: 2), by: .trustee(2))
      )
    },
  ]

  private static let answers: [RuleBreak] = [
    // adversary: T-05
    RuleBreak(.cer9, "another factor than committed", at: .committed) { fixture in
      try fixture.factorsPair { parts, group in
        parts[0].factor = group.vartimeMultiply(parts[0].factor, group.generator.element)
      }
    },
    RuleBreak(.cer9, "another a than committed", at: .committed) { fixture in
      try fixture.factorsPair { parts, group in
        parts[0].a = group.vartimeMultiply(parts[0].a, group.generator.element)
      }
    },
    // adversary: T-10
    RuleBreak(.cer9, "the factors of two totals exchanged", at: .committed) { fixture in
      try fixture.factorsPair { parts, _ in parts.swapAt(0, 1) }
    },
    // adversary: T-12
    RuleBreak(.cer9, "the parts of some items only", at: .committed) { fixture in
      try fixture.factorsPair { parts, _ in parts.removeLast() }
    },
    RuleBreak(.cer10, "answered before all parts", at: .committed) { fixture in
      try fixture.admit(fixture.entry(fixture.factors(of: 1), by: .trustee(1)))
      let items = try fixture.recomputed().items.count
      return (
        try fixture.entry(fixture.factors(of: 2), by: .trustee(2)),
        try fixture.entry(
          DecryptionResponded(session: 1, responses: Array(repeating: .one, count: items)),
          by: .trustee(1))
      )
    },
    RuleBreak(.cer10, "answered for some items only", at: .revealed) { fixture in
      var responses = try fixture.responses(of: 1)
      let sound = try fixture.entry(responses, by: .trustee(1))
      responses.responses.removeLast()
      return (sound, try fixture.entry(responses, by: .trustee(1)))
    },
    // adversary: T-08
    RuleBreak(.cer10, "answered twice", at: .revealed) { fixture in
      let answer = try fixture.entry(fixture.responses(of: 1), by: .trustee(1))
      try fixture.admit(answer)
      return (try fixture.entry(fixture.responses(of: 2), by: .trustee(2)), answer)
    },
    RuleBreak(.cer10, "a new session although all answered", at: .responded) { fixture in
      (
        try fixture.entry(fixture.decrypted(), by: .commission),
        try fixture.entry(DecryptionOpened(session: 2, trustees: [1, 3]), by: .commission)
      )
    },
  ]
}

extension ElectionFixture {
  fileprivate mutating func aggregatedPair(
    _ change: (inout EncryptedTotals, Group) -> Void
  ) throws -> RuleBreak.Pair {
    keep(try tally())
    let sound = try aggregated()
    var changed = sound
    change(&changed.totals, group)
    return (try entry(sound, by: .commission), try entry(changed, by: .commission))
  }

  fileprivate func sessionPair(_ session: Int, _ trustees: [Int]) throws -> RuleBreak.Pair {
    (
      try entry(DecryptionOpened(session: 1, trustees: [1, 3]), by: .commission),
      try entry(DecryptionOpened(session: session, trustees: trustees), by: .commission)
    )
  }

  fileprivate func factorsPair(
    _ change: (inout [PartialDecryption], Group) -> Void
  ) throws -> RuleBreak.Pair {
    let sound = try factors(of: 1)
    var changed = sound
    change(&changed.parts, group)
    return (try entry(sound, by: .trustee(1)), try entry(changed, by: .trustee(1)))
  }
}
