// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Groups
import Ledger

/// The log, the configuration, the manifest.
extension RuleBreak {
  static let log: [RuleBreak] = [
    RuleBreak(.log5, "a payload with a space", at: .decided) { fixture in
      let sound = try fixture.entry(fixture.closing(), by: .commission)
      return (sound, try fixture.edited(sound, ",", ", ", by: .commission))
    },
    RuleBreak(.log5, "a payload of version 2", at: .decided) { fixture in
      let sound = try fixture.entry(fixture.closing(), by: .commission)
      return (
        sound, try fixture.edited(sound, "\"version\":1", "\"version\":2", by: .commission)
      )
    },
    RuleBreak(.log5, "a leaf of version 2", at: .decided) { fixture in
      let sound = try fixture.entry(fixture.closing(), by: .commission)
      let leaf = try LedgerEntry.signed(
        type: sound.entry.type, version: 2, by: .commission, payload: sound.payload,
        electionID: fixture.electionID(), key: fixture.commission.key())
      return (sound, try EntryFile(entry: leaf, payload: sound.payload))
    },
    RuleBreak(.log5, "a type that does not exist", at: .decided) { fixture in
      let sound = try fixture.entry(fixture.closing(), by: .commission)
      let leaf = try LedgerEntry.signed(
        type: "voting.cancelled", by: .commission, payload: sound.payload,
        electionID: fixture.electionID(), key: fixture.commission.key())
      return (sound, try EntryFile(entry: leaf, payload: sound.payload))
    },
    RuleBreak(.log6, "signed by another", at: .decided) { fixture in
      let closing = fixture.closing()
      return (
        try fixture.entry(closing, by: .commission),
        try fixture.entry(closing, by: .commission, signer: .box)
      )
    },
    // adversary: B-10
    RuleBreak(.log6, "a ballot signed by another voter", at: .voting) { fixture in
      let ballot = try fixture.spare().submitted
      return (
        try fixture.entry(ballot, by: .voter(6)),
        try fixture.entry(ballot, by: .voter(6), signer: .voter(5))
      )
    },
    RuleBreak(.log7, "the closing by a trustee", at: .decided) { fixture in
      let closing = fixture.closing()
      return (
        try fixture.entry(closing, by: .commission), try fixture.entry(closing, by: .trustee(1))
      )
    },
    RuleBreak(.log7, "a batch by the commission", at: .decided) { fixture in
      let batch = BatchOpened(
        number: (fixture.state.batch?.number ?? 0) + 1, time: fixture.time)
      return (try fixture.entry(batch, by: .box), try fixture.entry(batch, by: .commission))
    },
    RuleBreak(.log8, "the closing before the opening", at: .confirmed, also: []) { fixture in
      (
        try fixture.entry(fixture.opening(), by: .commission),
        try fixture.entry(fixture.closing(), by: .commission)
      )
    },
    RuleBreak(.log8, "a ballot after the closing", at: .decided) { fixture in
      let ballot = try fixture.entry(fixture.spare().submitted, by: .voter(6))
      try fixture.close()
      fixture.keep(try fixture.tally())
      return (try fixture.entry(fixture.aggregated(), by: .commission), ballot)
    },
    RuleBreak(.log9, "a batch number left out", at: .decided) { fixture in
      try fixture.batchPair(number: 2, time: 0)
    },
    RuleBreak(.log9, "a batch number again", at: .decided) { fixture in
      try fixture.batchPair(number: 0, time: 0)
    },
    RuleBreak(.log9, "time runs backwards", at: .decided) { fixture in
      try fixture.batchPair(number: 1, time: -2)
    },
    // adversary: E-01
    RuleBreak(.eliListed2, "a key on the list twice", at: .empty) { fixture in
      try fixture.configurationPair { voters in voters.append(voters[0]) }
    },
    // adversary: E-01
    RuleBreak(.eliListed2, "a key twice with another weight", at: .empty) { fixture in
      try fixture.configurationPair { voters in
        voters.append(
          ListedVoter(key: voters[0].key, district: "south", ballotStyle: 2, weight: 7))
      }
    },
    // adversary: E-04
    RuleBreak(.log5, "a voter of weight 0", at: .empty) { fixture in
      try fixture.weightPair("0")
    },
    // adversary: E-04
    RuleBreak(.log5, "a voter of negative weight", at: .empty) { fixture in
      try fixture.weightPair("-1")
    },
    // adversary: E-04
    RuleBreak(.log5, "a voter of a weight that no tally finds", at: .empty) { fixture in
      try fixture.weightPair("1000000000000")
    },
    // adversary: G-03
    RuleBreak(.eg1A, "another specification", at: .empty, exactly: [.log5]) { fixture in
      let sound = try fixture.entry(fixture.configuration(), by: .commission)
      return (sound, try fixture.edited(sound, "guard-2.1.0", "guard-2.0.0", by: .commission))
    },
    // adversary: G-03
    RuleBreak(.log5, "a group of another name", at: .empty) { fixture in
      let sound = try fixture.entry(fixture.configuration(), by: .commission)
      return (sound, try fixture.edited(sound, "toy-24-64", "toy-16-48", by: .commission))
    },
    // adversary: L-09
    RuleBreak(.eg1F, "another manifest", at: .empty) { fixture in
      try fixture.append(fixture.entry(fixture.configuration(), by: .commission))
      var setup = fixture.setup
      setup.manifestName = "Citi"
      return (
        try fixture.manifestEntry(),
        try fixture.entry(.manifest, setup.manifest().bytes, by: .commission)
      )
    },
  ]
}

extension ElectionFixture {
  fileprivate func batchPair(number: Int, time offset: Int) throws -> RuleBreak.Pair {
    let (last, now) = (state.batch?.number ?? 0, time)
    return (
      try entry(BatchOpened(number: last + 1, time: now - 1), by: .box),
      try entry(BatchOpened(number: last + number, time: now + offset), by: .box)
    )
  }

  fileprivate func configurationPair(
    _ change: (inout [ListedVoter]) -> Void
  ) throws -> RuleBreak.Pair {
    let sound = try configuration()
    var changed = sound
    if case .listed(var voters) = sound.eligibility {
      change(&voters)
      changed.eligibility = .listed(voters)
    }
    return (try entry(sound, by: .commission), try entry(changed, by: .commission))
  }

  fileprivate func weightPair(_ weight: String) throws -> RuleBreak.Pair {
    let sound = try entry(configuration(), by: .commission)
    return (
      sound, try edited(sound, "\"weight\":4", "\"weight\":\(weight)", by: .commission)
    )
  }
}
