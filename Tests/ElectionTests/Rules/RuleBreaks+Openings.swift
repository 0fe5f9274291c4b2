// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import ElGamal
import Groups
import Ledger

/// The confirmation of the keys and the opening of the voting.
extension RuleBreak {
  static let openings: [RuleBreak] = [
    RuleBreak(.eg1E, "another H_P", at: .receipts) { fixture in
      try fixture.confirmationPair { keys, _ in
        keys.parameterBaseHash = keys.parameterBaseHash.flipped
      }
    },
    RuleBreak(.eg1F, "another H_B", at: .receipts) { fixture in
      try fixture.confirmationPair { keys, _ in
        keys.electionBaseHash = keys.electionBaseHash.flipped
      }
    },
    RuleBreak(.eg3A, "another K", at: .receipts) { fixture in
      try fixture.confirmationPair { keys, group in
        keys.voteKey = group.vartimeMultiply(keys.voteKey, group.generator.element)
      }
    },
    RuleBreak(.eg3B, "another K̂", at: .receipts) { fixture in
      try fixture.confirmationPair { keys, group in
        keys.dataKey = group.vartimeMultiply(keys.dataKey, group.generator.element)
      }
    },
    // adversary: T-02
    RuleBreak(.cer2, "K = 1 is claimed", at: .receipts, also: [.eg3A]) { fixture in
      try fixture.confirmationPair { keys, group in keys.voteKey = group.identity }
    },
    RuleBreak(.eg4A, "another H_E", at: .receipts) { fixture in
      try fixture.confirmationPair { keys, _ in
        keys.extendedBaseHash = keys.extendedBaseHash.flipped
      }
    },
    // adversary: T-04
    RuleBreak(.cer5, "another H_G", at: .receipts) { fixture in
      try fixture.confirmationPair { keys, _ in
        keys.trusteeKeysHash = keys.trusteeKeysHash.flipped
      }
    },
    RuleBreak(.cer5, "a confirmation of another round", at: .receipts) { fixture in
      let sound = try fixture.confirmation()
      var changed = sound
      changed.round = 2
      return (
        try fixture.entry(sound, by: .trustee(1)), try fixture.entry(changed, by: .trustee(1))
      )
    },
    RuleBreak(.cer5, "a confirmation before all receipts", at: .shares) { fixture in
      for trustee in 1...2 {
        try fixture.admit(fixture.entry(TrusteeReceipt(round: 1), by: .trustee(trustee)))
      }
      return (
        try fixture.entry(TrusteeReceipt(round: 1), by: .trustee(3)),
        try fixture.entry(fixture.confirmation(), by: .trustee(1))
      )
    },
    RuleBreak(.cer5, "a second confirmation", at: .receipts) { fixture in
      try fixture.admit(fixture.entry(fixture.confirmation(), by: .trustee(1)))
      return (
        try fixture.entry(fixture.confirmation(), by: .trustee(2)),
        try fixture.entry(fixture.confirmation(), by: .trustee(1))
      )
    },
    // adversary: T-13
    RuleBreak(.cer5, "opened without one trustee's confirmation", at: .receipts) { fixture in
      for trustee in 1...2 {
        try fixture.admit(fixture.entry(fixture.confirmation(), by: .trustee(trustee)))
      }
      let opening = try fixture.entry(fixture.opening(), by: .commission)
      return (try fixture.entry(fixture.confirmation(), by: .trustee(3)), opening)
    },
    RuleBreak(.cer5, "opened with another H_G", at: .confirmed) { fixture in
      try fixture.openingPair { opened, _ in
        opened.keys.trusteeKeysHash = opened.keys.trusteeKeysHash.flipped
      }
    },
    RuleBreak(.eg3A, "opened with another K", at: .confirmed, also: [.cer5]) { fixture in
      try fixture.openingPair { opened, group in
        opened.keys.voteKey = group.vartimeMultiply(
          opened.keys.voteKey, group.generator.element)
      }
    },
    RuleBreak(.eg1E, "opened with another H_P", at: .confirmed, also: [.cer5]) { fixture in
      try fixture.openingPair { opened, _ in
        opened.keys.parameterBaseHash = opened.keys.parameterBaseHash.flipped
      }
    },
    RuleBreak(.cer6, "opened for another size of the record", at: .confirmed) { fixture in
      try fixture.openingPair { opened, _ in opened.treeSize -= 1 }
    },
    RuleBreak(.cer6, "opened with a vote in the totals", at: .confirmed) { fixture in
      try fixture.openingPair { opened, group in
        opened.totals.contests[0][0] = group.vartimeMultiply(
          opened.totals.contests[0][0],
          .init(alpha: group.identity, beta: opened.keys.voteKey))
      }
    },
    RuleBreak(.cer6, "opened without one option", at: .confirmed) { fixture in
      try fixture.openingPair { opened, _ in opened.totals.contests[0].removeLast() }
    },
    // adversary: L-11
    RuleBreak(.log8, "opened twice", at: .confirmed) { fixture in
      let opening = try fixture.opening()
      try fixture.admit(fixture.entry(opening, by: .commission))
      var again = opening
      again.treeSize = fixture.state.size
      return (
        try fixture.entry(fixture.closing(), by: .commission),
        try fixture.entry(again, by: .commission)
      )
    },
  ]
}

extension ElectionFixture {
  fileprivate func confirmationPair(
    _ change: (inout ElectionKeys, Group) throws -> Void
  ) throws -> RuleBreak.Pair {
    let sound = try confirmation()
    var changed = sound
    try change(&changed.keys, group)
    return (try entry(sound, by: .trustee(1)), try entry(changed, by: .trustee(1)))
  }

  fileprivate func openingPair(
    _ change: (inout VotingOpened, Group) throws -> Void
  ) throws -> RuleBreak.Pair {
    let sound = try opening()
    var changed = sound
    try change(&changed, group)
    return (try entry(sound, by: .commission), try entry(changed, by: .commission))
  }
}
