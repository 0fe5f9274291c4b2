// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import ElGamal
import Groups
import Ledger

/// The decrypted totals and the certified result.
extension RuleBreak {
  static let results: [RuleBreak] = [
    // adversary: F-11
    RuleBreak(.eg10A, "a response of q", at: .responded, exactly: [.log5]) { fixture in
      let decrypted = try fixture.decrypted()
      let sound = try fixture.entry(decrypted, by: .commission)
      let response = decrypted.contests[0].options[0].proof.response.hex
      return (sound, try fixture.edited(sound, response, fixture.orderHex, by: .commission))
    },
    RuleBreak(.eg10B, "a response one higher", at: .responded) { fixture in
      try fixture.decryptedPair { decrypted, group in
        decrypted.contests[0].options[0].proof =
          decrypted.contests[0].options[0].proof.shifted(in: group)
      }
    },
    RuleBreak(.eg10B, "a total and its power raised by one", at: .responded) { fixture in
      let key = try fixture.context().voteKey.element
      return try fixture.decryptedPair { decrypted, group in
        decrypted.contests[0].options[0].total += 1
        decrypted.contests[0].options[0].power = group.vartimeMultiply(
          decrypted.contests[0].options[0].power, key)
      }
    },
    // adversary: F-02
    RuleBreak(.eg10B, "a result that fits commitments chosen first", at: .responded) { fixture in
      try fixture.weakDecryption()
    },
    // adversary: T-10
    RuleBreak(.eg10B, "the results of two options exchanged", at: .responded) { fixture in
      try fixture.decryptedPair { decrypted, _ in
        let options = decrypted.contests[0].options
        decrypted.contests[0].options[0] = options[1]
        decrypted.contests[0].options[1] = options[0]
        decrypted.contests[0].options[0].label = options[0].label
        decrypted.contests[0].options[1].label = options[1].label
      }
    },
    // adversary: T-11
    RuleBreak(.log5, "a total without a proof", at: .responded) { fixture in
      let sound = try fixture.entry(fixture.decrypted(), by: .commission)
      return (
        sound, try fixture.edited(sound, "\"proof\"", "\"power\"", by: .commission)
      )
    },
    RuleBreak(.eg10C, "a total raised by one", at: .responded) { fixture in
      try fixture.decryptedPair { decrypted, _ in
        decrypted.contests[0].options[0].total += 1
      }
    },
    // adversary: G-01
    RuleBreak(.eg10C, "T outside the group", at: .responded, also: [.eg10B]) { fixture in
      let minusOne = try fixture.group.minusOne
      return try fixture.decryptedPair { decrypted, group in
        decrypted.contests[0].options[0].power = group.vartimeMultiply(
          decrypted.contests[0].options[0].power, minusOne)
      }
    },
    RuleBreak(
      .eg11A, "a contest that does not exist", at: .responded, also: [.eg11B, .eg11C]
    ) { fixture in
      try fixture.decryptedPair { decrypted, _ in decrypted.contests[4].label = "bay" }
    },
    RuleBreak(.eg11B, "an option that does not exist", at: .responded, also: [.eg11C]) { fixture in
      try fixture.decryptedPair { decrypted, _ in
        decrypted.contests[0].options[1].label = "nobody"
      }
    },
    RuleBreak(.eg11C, "two labels exchanged", at: .responded) { fixture in
      try fixture.decryptedPair { decrypted, _ in
        let labels = decrypted.contests[0].options.map(\.label)
        decrypted.contests[0].options[0].label = labels[1]
        decrypted.contests[0].options[1].label = labels[0]
      }
    },
    RuleBreak(.eg11C, "an option left out", at: .responded) { fixture in
      try fixture.decryptedPair { decrypted, _ in decrypted.contests[0].options.removeLast() }
    },
    RuleBreak(.eg11C, "a contest without ballots left out", at: .responded) { fixture in
      try fixture.decryptedPair { decrypted, _ in decrypted.contests.removeLast() }
    },
    RuleBreak(.eg11C, "an option twice", at: .responded) { fixture in
      try fixture.decryptedPair { decrypted, _ in
        decrypted.contests[4].options.append(decrypted.contests[4].options[0])
      }
    },
    RuleBreak(.eg11D, "a contest with ballots left out", at: .responded, also: [.eg11C]) {
      fixture in
      try fixture.decryptedPair { decrypted, _ in decrypted.contests.removeLast(2) }
    },
    // adversary: F-11
    RuleBreak(.eg12A, "a response of q for a text", at: .responded, exactly: [.log5]) { fixture in
      let decrypted = try fixture.decrypted()
      let sound = try fixture.entry(decrypted, by: .commission)
      let response = decrypted.contestData[0].proof.response.hex
      return (sound, try fixture.edited(sound, response, fixture.orderHex, by: .commission))
    },
    RuleBreak(.eg12B, "a response one higher for a text", at: .responded) { fixture in
      try fixture.decryptedPair { decrypted, group in
        decrypted.contestData[0].proof = decrypted.contestData[0].proof.shifted(in: group)
      }
    },
    RuleBreak(.eg12B, "another β of a text", at: .responded, also: [.eg12C]) { fixture in
      try fixture.decryptedPair { decrypted, group in
        decrypted.contestData[0].shared = group.vartimeMultiply(
          decrypted.contestData[0].shared, group.generator.element)
      }
    },
    RuleBreak(.eg12C, "another text", at: .responded) { fixture in
      try fixture.decryptedPair { decrypted, _ in decrypted.contestData[0].bytes[3] ^= 1 }
    },
    RuleBreak(.cer7, "a text left out", at: .responded) { fixture in
      try fixture.decryptedPair { decrypted, _ in decrypted.contestData.removeLast() }
    },
    // adversary: T-10
    RuleBreak(.cer7, "two texts exchanged", at: .responded, also: [.eg12B, .eg12C]) { fixture in
      try fixture.decryptedPair { decrypted, _ in decrypted.contestData.swapAt(0, 1) }
    },
    RuleBreak(.cer10, "a result before all answered", at: .revealed) { fixture in
      try fixture.admit(fixture.entry(fixture.responses(of: 1), by: .trustee(1)))
      let last = try fixture.entry(fixture.responses(of: 2), by: .trustee(2))
      var complete = fixture
      try complete.admit(last)
      return (last, try fixture.entry(complete.decrypted(), by: .commission))
    },
    RuleBreak(.cer10, "the result of another session", at: .responded) { fixture in
      try fixture.decryptedPair { decrypted, _ in decrypted.session = 2 }
    },
    RuleBreak(.cer11, "another total certified", at: .decrypted) { fixture in
      try fixture.certifiedPair { $0.contests[0].options[0].total += 1 }
    },
    RuleBreak(.cer11, "a contest left out of the result", at: .decrypted) { fixture in
      try fixture.certifiedPair { $0.contests.removeLast() }
    },
    RuleBreak(.bal8, "other counts certified", at: .decrypted) { fixture in
      try fixture.certifiedPair { $0.ballots.challenged += 1 }
    },
    // adversary: L-11
    RuleBreak(.log8, "a second result", at: .decrypted) { fixture in
      let first = try fixture.entry(fixture.certified(), by: .commission)
      return (first, try fixture.entry(fixture.decrypted(), by: .commission))
    },
  ]
}

extension ElectionFixture {
  fileprivate func decryptedPair(
    _ change: (inout TallyDecrypted, Group) -> Void
  ) throws -> RuleBreak.Pair {
    let sound = try decrypted()
    var changed = sound
    change(&changed, group)
    return (try entry(sound, by: .commission), try entry(changed, by: .commission))
  }

  fileprivate func certifiedPair(
    _ change: (inout ResultCertified) -> Void
  ) throws -> RuleBreak.Pair {
    let sound = try certified()
    var changed = sound
    change(&changed)
    return (try entry(sound, by: .commission), try entry(changed, by: .commission))
  }

  /// F-02: with a challenge over (a, b) alone, trustees who all collude choose a = g^x and any b,
  /// hash them, and solve for the factor: M = (b·A^−v)^(1/c). The total is whatever M makes of B.
  fileprivate func weakDecryption() throws -> RuleBreak.Pair {
    let context = try context()
    let total = try recomputed().totals.contests[0][0]
    let secret = secrets.reduce(Scalar.zero) { sum, box in
      group.vartimeAdd(sum, box.secrets.voteCoefficients.with(0) { group.revealed($0) })
    }
    let (x, y) = (try group.randomScalar(), try group.randomScalar())
    let a = group.vartimePower(group.generator, x)
    let b = group.vartimePower(total.alpha, y)
    let challenge = weakChallenge(a, b)
    let response = group.vartimeSubtract(x, group.vartimeMultiply(challenge, secret))
    guard let inverse = group.vartimeInverse(challenge) else {
      throw NotAdmitted(type: "a challenge of 0", failures: [])
    }
    let factor = group.vartimePower(
      group.vartimeMultiply(
        b, group.vartimeInverse(group.vartimePower(total.alpha, response))), inverse)
    let proof = CompactProof(challenge: challenge, response: response)
    guard
      weakChallenge(
        group.vartimeCommitment(proof, base: group.generator, image: context.voteKey.element),
        group.vartimeCommitment(proof, base: total.alpha, image: factor)) == challenge
    else { throw NotAdmitted(type: "the forgery under the weak transformation", failures: []) }
    let power = group.vartimeMultiply(total.beta, group.vartimeInverse(factor))
    // In a toy group even this total can be found, so nothing but the proof is wrong.
    let announced = try DiscreteLogarithm(
      base: context.voteKey.element, bound: 1 << 24, in: group
    ).vartimeLogarithm(of: power)
    return try decryptedPair { decrypted, _ in
      decrypted.contests[0].options[0] = DecryptedTotal(
        label: decrypted.contests[0].options[0].label, total: Int(announced), power: power,
        proof: proof)
    }
  }

  private func weakChallenge(_ a: Element, _ b: Element) -> Scalar {
    var input = HashInput(.tallyProof, in: group)
    input.append(a)
    input.append(b)
    return input.scalar(key: SHA256.hash([]))
  }
}
