// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import ElGamal
import Groups
import Ledger

/// The trustees' keys, shares, receipts and complaints.
extension RuleBreak {
  static let ceremony: [RuleBreak] = keys + shares

  private static let keys: [RuleBreak] = [
    // adversary: T-07
    RuleBreak(.cer1, "one commitment too many", at: .configured) { fixture in
      try fixture.keysOfDegree(fixture.setup.threshold + 1)
    },
    // adversary: T-07
    RuleBreak(.cer1, "one commitment too few", at: .configured) { fixture in
      try fixture.keysOfDegree(fixture.setup.threshold - 1)
    },
    RuleBreak(.cer1, "keys of another round", at: .configured) { fixture in
      try fixture.keysPair { keys, _ in keys.round = 2 }
    },
    RuleBreak(.cer1, "keys of another trustee", at: .configured) { fixture in
      try fixture.makeSecrets()
      return (
        try fixture.entry(fixture.keys(of: 1), by: .trustee(1)),
        try fixture.entry(fixture.keys(of: 2), by: .trustee(1))
      )
    },
    RuleBreak(.cer1, "a second set of keys", at: .configured) { fixture in
      try fixture.makeSecrets()
      try fixture.admit(fixture.entry(fixture.keys(of: 1), by: .trustee(1)))
      let sound = try fixture.entry(fixture.keys(of: 2), by: .trustee(2))
      try fixture.makeSecrets()
      return (sound, try fixture.entry(fixture.keys(of: 1), by: .trustee(1)))
    },
    // adversary: T-02
    RuleBreak(.cer2, "a trivial key, with a proof that holds", at: .configured) { fixture in
      try fixture.makeSecrets()
      let sound = try fixture.entry(fixture.keys(of: 1), by: .trustee(1))
      let group = fixture.group
      fixture.secrets[0] = TrusteeBox(
        .chosen(
          1, vote: [.zero, group.scalar(5)], data: [group.scalar(6), group.scalar(7)],
          communication: group.scalar(8), in: group))
      return (sound, try fixture.entry(fixture.keys(of: 1), by: .trustee(1)))
    },
    // adversary: T-02
    RuleBreak(.cer2, "the key of another trustee, with its own proof", at: .configured) {
      fixture in
      let group = fixture.group
      func chosen(_ trustee: Int, _ first: UInt64) -> TrusteeBox {
        TrusteeBox(
          .chosen(
            trustee, vote: [group.scalar(first), group.scalar(50 + first)],
            data: [group.scalar(60 + first), group.scalar(70 + first)],
            communication: group.scalar(80 + first), in: group))
      }
      try fixture.makeSecrets()
      fixture.secrets[0] = chosen(1, 5)
      try fixture.admit(fixture.entry(fixture.keys(of: 1), by: .trustee(1)))
      fixture.secrets[1] = chosen(2, 6)
      let sound = try fixture.entry(fixture.keys(of: 2), by: .trustee(2))
      fixture.secrets[1] = TrusteeBox(
        .chosen(
          2, vote: [group.scalar(5), group.scalar(90)], data: [group.scalar(91), group.scalar(92)],
          communication: group.scalar(93), in: group))
      return (sound, try fixture.entry(fixture.keys(of: 2), by: .trustee(2)))
    },
    // adversary: T-02
    RuleBreak(.cer2, "keys and proofs copied from another trustee", at: .configured, also: [.eg2C])
    { fixture in
      try fixture.makeSecrets()
      var copied = try fixture.keys(of: 1)
      try fixture.admit(fixture.entry(copied, by: .trustee(1)))
      copied.keys.trustee = 2
      return (
        try fixture.entry(fixture.keys(of: 2), by: .trustee(2)),
        try fixture.entry(copied, by: .trustee(2))
      )
    },
    // adversary: T-01
    RuleBreak(.eg2C, "the last trustee cancels the others", at: .configured) { fixture in
      try fixture.makeSecrets()
      for trustee in 1...2 {
        try fixture.admit(fixture.entry(fixture.keys(of: trustee), by: .trustee(trustee)))
      }
      let sound = try fixture.keys(of: 3)
      var rogue = sound
      let group = fixture.group
      for other in fixture.state.ceremony.keys.values {
        rogue.keys.voteCommitments[0] = group.vartimeMultiply(
          rogue.keys.voteCommitments[0], group.vartimeInverse(other.voteCommitments[0]))
      }
      return (try fixture.entry(sound, by: .trustee(3)), try fixture.entry(rogue, by: .trustee(3)))
    },
    // adversary: G-01
    RuleBreak(.eg2A, "a key outside the group", at: .configured, also: [.eg2C]) { fixture in
      try fixture.keysPair { keys, group in
        keys.keys.dataCommitments[1] = group.vartimeMultiply(
          keys.keys.dataCommitments[1], try group.minusOne)
      }
    },
    // adversary: G-01
    RuleBreak(.eg2A, "a communication key outside the group", at: .configured, also: [.eg2C]) {
      fixture in
      try fixture.keysPair { keys, group in
        keys.keys.communicationKey = group.vartimeMultiply(
          keys.keys.communicationKey, try group.minusOne)
      }
    },
    // adversary: F-11
    RuleBreak(.eg2B, "a response of q", at: .configured, exactly: [.log5]) { fixture in
      try fixture.makeSecrets()
      let keys = try fixture.keys(of: 1)
      let sound = try fixture.entry(keys, by: .trustee(1))
      return (
        sound,
        try fixture.edited(
          sound, keys.keys.voteProof.responses[0].hex, fixture.orderHex, by: .trustee(1))
      )
    },
    RuleBreak(.eg2C, "a response that is not right", at: .configured) { fixture in
      try fixture.keysPair { keys, group in
        keys.keys.voteProof.responses[0] = group.vartimeAdd(
          keys.keys.voteProof.responses[0], .one)
      }
    },
    // adversary: F-07
    RuleBreak(.eg2C, "the proofs of both key sets exchanged", at: .configured) { fixture in
      try fixture.keysPair { keys, _ in
        (keys.keys.voteProof, keys.keys.dataProof) = (keys.keys.dataProof, keys.keys.voteProof)
      }
    },
    RuleBreak(.eg2C, "no responses but one", at: .configured) { fixture in
      try fixture.keysPair { keys, _ in
        keys.keys.voteProof.responses = [keys.keys.voteProof.responses[0]]
      }
    },
  ]

  private static let shares: [RuleBreak] = [
    RuleBreak(.cer3, "a share left out", at: .keys) { fixture in
      try fixture.sharesPair { shares, _ in shares.shares.removeLast() }
    },
    RuleBreak(.cer3, "two shares for one trustee", at: .keys) { fixture in
      try fixture.sharesPair { shares, _ in shares.shares[1] = shares.shares[0] }
    },
    RuleBreak(.cer3, "shares of another round", at: .keys) { fixture in
      try fixture.sharesPair { shares, _ in shares.round = 2 }
    },
    RuleBreak(.cer3, "a share whose proof does not hold", at: .keys) { fixture in
      try fixture.sharesPair { shares, group in
        shares.shares[0].c2 = shares.shares[0].c2.shifted(in: group)
      }
    },
    RuleBreak(.cer3, "a share whose text was changed", at: .keys) { fixture in
      try fixture.sharesPair { shares, _ in shares.shares[0].c1[5] ^= 1 }
    },
    // adversary: G-01
    RuleBreak(.cer3, "a share outside the group", at: .keys) { fixture in
      try fixture.sharesPair { shares, group in
        shares.shares[0].c0 = group.vartimeMultiply(shares.shares[0].c0, try group.minusOne)
      }
    },
    RuleBreak(.cer3, "a second set of shares", at: .keys) { fixture in
      try fixture.admit(fixture.entry(fixture.shares(of: 1), by: .trustee(1)))
      return (
        try fixture.entry(fixture.shares(of: 2), by: .trustee(2)),
        try fixture.entry(fixture.shares(of: 1), by: .trustee(1))
      )
    },
    RuleBreak(.cer5, "a receipt before all shares", at: .keys) { fixture in
      for trustee in 1...2 {
        try fixture.admit(fixture.entry(fixture.shares(of: trustee), by: .trustee(trustee)))
      }
      return (
        try fixture.entry(fixture.shares(of: 3), by: .trustee(3)),
        try fixture.entry(TrusteeReceipt(round: 1), by: .trustee(3))
      )
    },
    RuleBreak(.cer5, "a receipt of another round", at: .shares) { fixture in
      (
        try fixture.entry(TrusteeReceipt(round: 1), by: .trustee(3)),
        try fixture.entry(TrusteeReceipt(round: 2), by: .trustee(3))
      )
    },
    RuleBreak(.cer5, "a second receipt", at: .shares) { fixture in
      try fixture.admit(fixture.entry(TrusteeReceipt(round: 1), by: .trustee(3)))
      return (
        try fixture.entry(TrusteeReceipt(round: 1), by: .trustee(2)),
        try fixture.entry(TrusteeReceipt(round: 1), by: .trustee(3))
      )
    },
    // adversary: T-06
    RuleBreak(.cer4, "evidence that does not hold", at: .shares) { fixture in
      let sound = try fixture.complaint(by: 2, about: 1)
      var changed = sound
      changed.evidence.proof = changed.evidence.proof.shifted(in: fixture.group)
      return (
        try fixture.entry(sound, by: .trustee(2)), try fixture.entry(changed, by: .trustee(2))
      )
    },
    // adversary: T-06
    RuleBreak(.cer4, "another β than the share's", at: .shares) { fixture in
      let sound = try fixture.complaint(by: 2, about: 1)
      var changed = sound
      changed.evidence.shared = fixture.group.vartimeMultiply(
        changed.evidence.shared, fixture.group.generator.element)
      return (
        try fixture.entry(sound, by: .trustee(2)), try fixture.entry(changed, by: .trustee(2))
      )
    },
    RuleBreak(.cer4, "a complaint about another one's share", at: .shares) { fixture in
      let complaint = try fixture.complaint(by: 2, about: 1)
      return (
        try fixture.entry(complaint, by: .trustee(2)),
        try fixture.entry(complaint, by: .trustee(3))
      )
    },
    RuleBreak(.cer4, "a complaint after the receipt", at: .shares) { fixture in
      try fixture.admit(fixture.entry(TrusteeReceipt(round: 1), by: .trustee(3)))
      return (
        try fixture.entry(fixture.complaint(by: 2, about: 1), by: .trustee(2)),
        try fixture.entry(fixture.complaint(by: 3, about: 1), by: .trustee(3))
      )
    },
  ]
}

extension ElectionFixture {
  /// q as 64 digits.
  var orderHex: String {
    let zero = group.vartimeSubtract(.zero, .one).hex
    // q is odd, so q − 1 ends in an even digit and q has the digit above it.
    guard let last = zero.last?.hexDigitValue else { return zero }
    return zero.dropLast() + String(last + 1, radix: 16, uppercase: true)
  }

  /// Trustee 1's keys as they are, and with a change.
  fileprivate mutating func keysPair(
    _ change: (inout TrusteeKeysPublished, Group) throws -> Void
  ) throws -> RuleBreak.Pair {
    try makeSecrets()
    let sound = try keys(of: 1)
    var changed = sound
    try change(&changed, group)
    return (try entry(sound, by: .trustee(1)), try entry(changed, by: .trustee(1)))
  }

  /// Trustee 1's keys, and sound keys of a polynomial of another degree.
  fileprivate mutating func keysOfDegree(_ threshold: Int) throws -> RuleBreak.Pair {
    try makeSecrets()
    let sound = try keys(of: 1)
    secrets[0] = TrusteeBox(
      try TrusteeSecrets.generate(trustee: 1, threshold: threshold, in: group))
    return (try entry(sound, by: .trustee(1)), try entry(keys(of: 1), by: .trustee(1)))
  }

  fileprivate func sharesPair(
    _ change: (inout TrusteeSharesPublished, Group) throws -> Void
  ) throws -> RuleBreak.Pair {
    let sound = try shares(of: 1)
    var changed = sound
    try change(&changed, group)
    return (try entry(sound, by: .trustee(1)), try entry(changed, by: .trustee(1)))
  }
}
