// SPDX-License-Identifier: Apache-2.0

import Cryptography
import ElGamal
import Election
import Groups
import StrictJSON
import TestSupport
import Testing

/// Decryption, from the trustees' shares to the published totals and proofs.
@Suite(.needsShared) struct KnownAnswerDecryptionTests {
  private func share(_ trustee: Int, _ known: KnownAnswers) throws -> TrusteeShare {
    let secret = try known.secret("/guardians/\(trustee - 1)")
    return TrusteeShare(
      trustee: trustee, voteShare: try secret["z"].secretScalar(),
      dataShare: try secret["z_hat"].secretScalar())
  }

  @Test(arguments: 0..<9) func total(_ position: Int) throws {
    let known = try KnownAnswers()
    let group = known.group
    let published = try known.part("/tally/\(position)")
    let secret = try known.secret("/tally_partials/\(position)")
    let extended = try known.extendedBaseHash()
    let ciphertext = Ciphertext(
      alpha: try published["A"].element(), beta: try published["B"].element())
    let item = DecryptionItem.tally(
      contest: try published["contest"].int(), option: try published["option"].int(), ciphertext)
    let available = try known.part("/available_guardians").list().map { try $0.int() }
    #expect(available == [1, 3])
    var parts: [Int: PartialDecryption] = [:]
    for answer in try secret["partials"].list() {
      let trustee = try answer["i"].int()
      #expect(
        Interpolation.coefficient(of: trustee, among: available, in: group)
          == (try answer["w"].scalar()))
      let part = try share(trustee, known).partial(
        item, nonce: try answer["u_i"].secretScalar(), in: group)
      #expect(part.factor == (try answer["M_i"].element()))
      #expect(part.a == (try answer["a_i"].element()))
      #expect(part.b == (try answer["b_i"].element()))
      #expect(
        item.commitment(
          of: trustee, part, available: available, extendedBaseHash: extended, in: group)
          == (try answer["d_i"].digest()))
      parts[trustee] = part
    }
    let combined = try #require(
      CombinedDecryption(item, parts: parts, extendedBaseHash: extended, in: group))
    #expect(combined.factor == (try secret["M"].element()))
    #expect(combined.challenge == (try published["proof"]["c"].scalar()))
    var sum = Scalar.zero
    for answer in try secret["partials"].list() {
      let trustee = try answer["i"].int()
      let response = try #require(
        try share(trustee, known).response(
          item, nonce: try answer["u_i"].secretScalar(), challenge: combined.challenge,
          available: available, in: group))
      #expect(response == (try answer["v_i"].scalar()))
      #expect(
        combined.isResponseValid(
          response, of: trustee, part: try #require(parts[trustee]),
          shareImage: JointKeys.shareImage(.vote, of: trustee, try known.trustees(), in: group),
          item: item, available: available, in: group))
      sum = group.vartimeAdd(sum, response)
    }
    #expect(sum == (try published["proof"]["v"].scalar()))
    let power = group.vartimeMultiply(ciphertext.beta, group.vartimeInverse(combined.factor))
    #expect(power == (try published["T"].element()))
    let key = try known.part("/K").element()
    let logarithm = DiscreteLogarithm(base: key, bound: 15, in: group)
    #expect(try logarithm.vartimeLogarithm(of: power) == UInt64(try published["t"].int()))
  }

  @Test func totalsAreThoseOfTheDigest() throws {
    let totals = try KnownAnswers().part("/tally").list().map { try $0["t"].int() }
    #expect(totals == [1, 2, 0] + [2, 2, 1, 2] + [4, 1])
  }

  // The trustees' u_i are not among the secrets; their sum follows from the published proof and the
  // joint secret, u = v + c·ŝ, and gives the published challenge.
  @Test func contestData() throws {
    let known = try KnownAnswers()
    let group = known.group
    let context = try known.context()
    let opened = try known.part("/contest_data_decryptions/0")
    let ballot = try known.part("/ballots/1")
    #expect(try opened["ballot_id"].text() == ballot["ballot_id"].text())
    let encryption = try ballot["contests"]["0"]["contest_data"].contestData()
    let hash = context.identifierHash(of: try ballot["id_B"].digest())
    let proof = try opened["proof"].proof()
    let joint = try known.secret("/guardians").list().reduce(Scalar.zero) {
      group.vartimeAdd($0, try $1["a_hat"]["0"].scalar())
    }
    let beta = group.vartimePower(encryption.c0, joint)
    #expect(beta == (try opened["beta"].element()))
    let u = group.recovered(proof, secret: joint)
    let item = DecryptionItem.contestData(
      ballot: try ballot["confirmation_code"].digest(), identifierHash: hash,
      contest: try opened["contest"].int(), encryption)
    #expect(
      item.challenge(
        a: group.vartimePower(group.generator, u), b: group.vartimePower(encryption.c0, u),
        factor: beta, extendedBaseHash: context.extendedBaseHash, in: group) == proof.challenge)
    #expect(
      try encryption.decrypted(
        publicShared: beta, contest: try opened["contest"].int(), identifierHash: hash, in: group)
        == opened["D"].bytes())
    // Two trustees' parts give the same β.
    var parts: [Int: PartialDecryption] = [:]
    for trustee in [1, 3] {
      parts[trustee] = try share(trustee, known).partial(
        item, nonce: group.secret(.one), in: group)
    }
    let combined = try #require(
      CombinedDecryption(
        item, parts: parts, extendedBaseHash: context.extendedBaseHash, in: group))
    #expect(combined.factor == beta)
  }
}
