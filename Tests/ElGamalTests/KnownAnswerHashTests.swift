// SPDX-License-Identifier: Apache-2.0

import Cryptography
import ElGamal
import Election
import Groups
import StrictJSON
import TestSupport
import Testing

/// The table of hash inputs (ElectionGuard 2.1.0, 5.5; digest 2.2), row by row: every input is put
/// together here from published bytes, without ``HashInput``, has the length that the table states,
/// and hashes to the published value.
@Suite(.needsShared) struct KnownAnswerHashTests {
  /// An input by hand.
  private struct Input {
    let domain: HashDomain
    var bytes: [UInt8]

    init(_ domain: HashDomain, _ parts: [UInt8]...) {
      self.domain = domain
      bytes = [domain.rawValue] + parts.flatMap { $0 }
    }

    func digest(_ key: Digest) -> Digest { HMACSHA256.authenticate(key: key, bytes) }
    func scalar(_ key: Digest) -> Scalar { Group.standard.scalar(reducing: digest(key)) }
  }

  private static func b(_ number: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  private let known: KnownAnswers
  private let group = Group.standard
  private let hp: Digest
  private let hb: Digest
  private let he: Digest
  private let hi: Digest

  init() throws {
    known = try KnownAnswers()
    hp = try known.part("/H_P").digest()
    hb = try known.part("/H_B").digest()
    he = try known.part("/H_E").digest()
    hi = try known.part("/ballots/0/H_I").digest()
  }

  private func bytes(_ pointers: String...) throws -> [UInt8] {
    try pointers.flatMap { try known.part($0).bytes() }
  }

  /// α_1 ‖ β_1 ‖ … of a contest of the first ballot.
  private func selections(_ contest: Int) throws -> [UInt8] {
    try known.part("/ballots/0/contests/\(contest)/selections").list().flatMap {
      try $0["alpha"].bytes() + $0["beta"].bytes()
    }
  }

  /// g^v · x^c
  private func commitment(_ proof: Answer, _ base: Element, _ x: Element) throws -> [UInt8] {
    group.bytes(group.vartimeCommitment(try proof.proof(), base: base, image: x))
  }

  private func commitment(_ proof: Answer, _ image: Answer) throws -> [UInt8] {
    try commitment(proof, group.generator.element, image.element())
  }

  @Test func elementsOfAnInput() throws {
    var input = HashInput(.parameterBase, in: group)
    #expect(input.bytes == [0x00])
    var length = 1
    func expect(_ added: Int) {
      length += added
      #expect(input.bytes.count == length)
    }
    input.append(group.generator.element)
    expect(512)
    input.append(Ciphertext(alpha: group.identity, beta: group.identity))
    expect(1024)
    input.append(Scalar.one)
    expect(32)
    input.append(hp)
    expect(32)
    input.append(index: 0x7FFF_FFFF)
    expect(4)
    #expect(input.bytes.suffix(4) == [0x7F, 0xFF, 0xFF, 0xFF])
    input.append(fixed: [1, 2, 3])
    expect(3)
    input.append(variable: [9, 9])
    expect(6)
    #expect(input.bytes.suffix(6) == [0, 0, 0, 2, 9, 9])
  }

  @Test func domainBytes() {
    let bytes = HashDomain.allCases.map(\.rawValue)
    let table: [UInt8] =
      [0x00, 0x01] + Array(0x10...0x14) + Array(0x20...0x2B) + Array(0x30...0x33)
    #expect(bytes == table)
  }

  // 00, 01, 13, 14
  @Test func baseHashes() throws {
    let parameters = Input(
      .parameterBase, group.parameters.encoded, Self.b(3), Self.b(2))
    #expect(parameters.bytes.count == 1065)
    let version = Array("v2.1.0".utf8) + [UInt8](repeating: 0, count: 26)
    #expect(try #require(Digest(version)).bytes == version)
    #expect(HMACSHA256.authenticate(key: version, parameters.bytes) == hp)

    let election = Input(.electionBase, Self.b(known.manifest.count), known.manifest)
    #expect(election.bytes.count == 5 + known.manifest.count)
    #expect(election.digest(hp) == hb)

    let guardians = try known.part("/guardians").list()
    let vote = try guardians.flatMap { try $0["K_vote"].list().flatMap { try $0.bytes() } }
    let data = try guardians.flatMap { try $0["K_data"].list().flatMap { try $0.bytes() } }
    let kappa = try guardians.flatMap { try $0["kappa"].bytes() }
    let (n, k) = (3, 2)
    let keys = Input(.trusteeKeys, try bytes("/K", "/K_hat"), vote, data, kappa)
    #expect(keys.bytes.count == 1 + (2 + 2 * n * k + n) * 512)
    #expect(keys.digest(hb) == (try known.part("/H_G").digest()))

    let extended = Input(.extendedBase, try bytes("/K", "/K_hat"))
    #expect(extended.bytes.count == 1025)
    #expect(extended.digest(hb) == he)
  }

  // 10
  @Test(arguments: [("K_vote", "proof_vote", "pk_vote"), ("K_data", "proof_data", "pk_data")])
  func keyProofs(_ keys: String, _ proof: String, _ label: String) throws {
    for guardian in try known.part("/guardians").list() {
      let images = try guardian[keys].list() + [guardian["kappa"]]
      let challenge = try guardian[proof]["c"].scalar()
      let commitments = try zip(images, guardian[proof]["v"].list()).flatMap { image, response in
        group.bytes(
          group.vartimeCommitment(
            CompactProof(challenge: challenge, response: try response.scalar()),
            base: group.generator, image: try image.element()))
      }
      let input = Input(
        .keyProof, Array(label.utf8), Self.b(try guardian["i"].int()),
        try images.flatMap { try $0.bytes() }, commitments)
      #expect(input.bytes.count == 12 + 2 * (2 + 1) * 512)
      #expect(input.scalar(hp) == challenge)
    }
  }

  // 11, 12, and the key derivation of shares: counter of one byte, length of two.
  @Test(arguments: 0..<6) func shares(_ position: Int) throws {
    let answer = try known.secret("/share_encryptions/\(position)")
    let (from, to) = (try answer["from"].int(), try answer["to"].int())
    let kappa = try known.part("/guardians/\(to - 1)/kappa")
    let shared = group.vartimePower(try kappa.element(), try answer["secret_xi"].scalar())
    let key = Input(
      .shareKey, Self.b(from), Self.b(to), try kappa.bytes(), try answer["C0"].bytes(),
      group.bytes(shared))
    #expect(key.bytes.count == 1545)
    let k = key.digest(hp)
    #expect(k == (try answer["secret_k"].digest()))
    for (counter, name) in [(UInt8(1), "secret_k1"), (2, "secret_k2")] {
      let message =
        [counter] + Array("share_enc_keys".utf8) + [0] + Array("share_encrypt".utf8)
        + Self.b(from) + Self.b(to) + [0x02, 0x00]
      #expect(HMACSHA256.authenticate(key: k, message) == (try answer[name].digest()))
    }
    let proof = Input(
      .shareProof, Self.b(from), Self.b(to), try commitment(answer["C2"], answer["C0"]),
      try answer["C0"].bytes(), try answer["C1"].bytes())
    #expect(proof.bytes.count == 1097)
    #expect(proof.scalar(hp) == (try answer["C2"]["c"].scalar()))
  }

  // 20, 21, 25
  @Test func identifierAndNonces() throws {
    let identifier = Input(.identifier, try bytes("/ballots/0/id_B"))
    #expect(identifier.bytes.count == 33)
    #expect(identifier.digest(he) == hi)
    let nonce = try known.secret("/ballots/0/xi_B").bytes()
    let selection = Input(.selectionNonce, Self.b(2), Self.b(3), nonce)
    #expect(selection.bytes.count == 41)
    #expect(
      selection.scalar(hi) == (try known.secret("/ballots/0/contests/1/xi/2").scalar()))
    let data = Input(.contestDataNonce, Self.b(1), nonce)
    #expect(data.bytes.count == 37)
    #expect(
      data.scalar(hi) == (try known.secret("/ballots/0/contests/0/contest_data_xi").scalar()))
  }

  // 22, 23, and the key derivation of the ballot nonce.
  @Test func ballotNonce() throws {
    let answer = try known.part("/ballots/0/encrypted_ballot_nonce")
    let joint = try known.secret("/guardians").list().reduce(Scalar.zero) {
      group.vartimeAdd($0, try $1["a_hat"]["0"].scalar())
    }
    let shared = group.vartimePower(try answer["C0"].element(), joint)
    let key = Input(.nonceKey, try answer["C0"].bytes(), group.bytes(shared))
    #expect(key.bytes.count == 1025)
    let pad = HMACSHA256.authenticate(
      key: key.digest(hi),
      [0x01] + Array("ballot_nonce".utf8) + [0] + Array("ballot_nonce_encrypt".utf8)
        + [0x01, 0x00])
    let opened = zip(try answer["C1"].bytes(), pad.bytes).map { $0 ^ $1 }
    #expect(opened == (try known.secret("/ballots/0/xi_B").bytes()))
    let proof = Input(
      .nonceProof, try commitment(answer["C2"], answer["C0"]), try answer["C0"].bytes(),
      try answer["C1"].bytes())
    #expect(proof.bytes.count == 1057)
    #expect(proof.scalar(hi) == (try answer["C2"]["c"].scalar()))
  }

  // 24, for a selection of the contest with R = 1 and of the one with R = 3, and for limits.
  @Test(arguments: [(0, 1, 1), (1, 1, 2), (2, 3, 4)])
  func rangeProofs(_ contest: Int, _ optionLimit: Int, _ selectionLimit: Int) throws {
    let key = try known.part("/K").element()
    /// a_0 ‖ b_0 ‖ … with b_j = K^(v_j − j·c_j) · β^(c_j)
    func commitments(_ proof: Answer, _ x: Ciphertext) throws -> [UInt8] {
      try proof.rangeProof().branches.enumerated().flatMap { value, branch in
        let a = group.vartimeCommitment(branch, base: group.generator, image: x.alpha)
        let w = group.vartimeSubtract(
          branch.response, group.vartimeMultiply(group.scalar(UInt64(value)), branch.challenge))
        let b = group.vartimeCommitment(
          CompactProof(challenge: branch.challenge, response: w), base: key, image: x.beta)
        return group.bytes(a) + group.bytes(b)
      }
    }
    func sum(_ proof: Answer) throws -> Scalar {
      try proof.rangeProof().branches.reduce(.zero) { group.vartimeAdd($0, $1.challenge) }
    }
    let published = try known.part("/ballots/0/contests/\(contest)")
    var total = group.emptyAggregate
    for (offset, selection) in try published["selections"].list().enumerated() {
      let ciphertext = try selection.ciphertext()
      total = group.vartimeMultiply(total, ciphertext)
      let proof = try selection["proof"]
      let input = Input(
        .rangeProof, Self.b(contest + 1), Self.b(offset + 1), group.bytes(ciphertext.alpha),
        group.bytes(ciphertext.beta), try commitments(proof, ciphertext))
      #expect(input.bytes.count == 9 + (2 * optionLimit + 4) * 512)
      #expect(optionLimit != 1 || input.bytes.count == 3081)
      #expect(input.scalar(hi) == (try sum(proof)))
    }
    let proof = try published["limit_proof"]
    let input = Input(
      .rangeProof, Self.b(contest + 1), group.bytes(total.alpha), group.bytes(total.beta),
      try commitments(proof, total))
    #expect(input.bytes.count == 5 + (2 * selectionLimit + 4) * 512)
    #expect(input.scalar(hi) == (try sum(proof)))
  }

  // 26, 27, and the key derivation of contest data: counter and length of four bytes.
  @Test func contestData() throws {
    let answer = try known.part("/ballots/0/contests/0/contest_data")
    let secret = try known.secret("/ballots/0/contests/0")
    let shared = group.vartimePower(
      try known.part("/K_hat").element(), try secret["contest_data_xi"].scalar())
    let key = Input(.contestDataKey, Self.b(1), try answer["C0"].bytes(), group.bytes(shared))
    #expect(key.bytes.count == 1029)
    let blocks = 2
    let pad = (1...blocks).flatMap { counter in
      let message =
        Self.b(counter) + Array("data_enc_keys".utf8) + [0] + Array("contest_data".utf8)
        + Self.b(1) + Self.b(256 * blocks)
      return HMACSHA256.authenticate(key: key.digest(hi), message).bytes
    }
    let opened = zip(try answer["C1"].bytes(), pad).map { $0 ^ $1 }
    #expect(opened == (try secret["contest_data_plain"].bytes()))
    let proof = Input(
      .contestDataProof, Self.b(1), try commitment(answer["C2"], answer["C0"]),
      try answer["C0"].bytes(), try answer["C1"].bytes())
    #expect(proof.bytes.count == 1029 + 32 * blocks)
    #expect(proof.scalar(hi) == (try answer["C2"]["c"].scalar()))
  }

  // 28, with contest data and without; 29
  @Test func contestHashesAndCode() throws {
    let place = "/ballots/0/contests"
    var input = Input(.contestHash, Self.b(1), try selections(0))
    #expect(input.bytes.count == 5 + 2 * 3 * 512)
    input.bytes += try bytes(
      "\(place)/0/contest_data/C0", "\(place)/0/contest_data/C1",
      "\(place)/0/contest_data/C2/c", "\(place)/0/contest_data/C2/v")
    #expect(input.bytes.count == 5 + 2 * 3 * 512 + 576 + 32 * 2)
    #expect(input.digest(hi) == (try known.part("\(place)/0/contest_hash").digest()))
    let plain = Input(.contestHash, Self.b(2), try selections(1))
    #expect(plain.bytes.count == 5 + 2 * 4 * 512)
    #expect(plain.digest(hi) == (try known.part("\(place)/1/contest_hash").digest()))
    let code = Input(
      .confirmationCode,
      try bytes("\(place)/0/contest_hash", "\(place)/1/contest_hash", "\(place)/2/contest_hash"),
      try bytes("/ballots/0/chaining_field"))
    #expect(code.bytes.count == 37 + 32 * 3)
    #expect(code.digest(hi) == (try known.part("/ballots/0/confirmation_code").digest()))
    // The ballot of the style that skips a contest names the manifest's index 3 (erratum 9).
    let second = try known.part("/ballots/1")
    let last = try second["contests"]["1"]
    let skipped = Input(
      .contestHash, Self.b(3),
      try last["selections"].list().flatMap { try $0["alpha"].bytes() + $0["beta"].bytes() })
    #expect(skipped.digest(try second["H_I"].digest()) == (try last["contest_hash"].digest()))
  }

  // 29 under H_E, 2A, 2B
  @Test func deviceAndChain() throws {
    let device = try known.part("/devices/0")
    let name = Array(try device["S_device"].text().utf8)
    let hash = Input(.device, Self.b(name.count), name)
    #expect(hash.bytes.count == 5 + name.count)
    #expect(hash.digest(he) == (try device["H_DI"].digest()))
    #expect(try device["B_C0"].bytes() == [0, 0, 0, 1] + device["H_DI"].bytes())
    let opening = Input(.confirmationCode, try device["B_C0"].bytes())
    #expect(opening.bytes.count == 37)
    #expect(opening.digest(he) == (try device["H_0"].digest()))
    let inner = Input(
      .chainClosing, try bytes("/ballots/3/confirmation_code"), try device["B_C0"].bytes())
    #expect(inner.bytes.count == 69)
    #expect(try device["closing_B_C"].bytes() == [0, 0, 0, 1] + inner.digest(he).bytes)
    let closing = Input(.confirmationCode, try device["closing_B_C"].bytes())
    #expect(closing.bytes.count == 37)
    #expect(closing.digest(he) == (try device["closing_hash"].digest()))
  }

  // 30, 31
  @Test(arguments: 0..<9) func tally(_ position: Int) throws {
    let published = try known.part("/tally/\(position)")
    let secret = try known.secret("/tally_partials/\(position)")
    let indices = Self.b(try published["contest"].int()) + Self.b(try published["option"].int())
    let ciphertext = try published["A"].bytes() + published["B"].bytes()
    for part in try secret["partials"].list() {
      let input = Input(
        .tallyCommitment, indices, Self.b(try part["i"].int()), ciphertext,
        try part["a_i"].bytes(), try part["b_i"].bytes(), try part["M_i"].bytes(),
        Self.b(2), Self.b(1), Self.b(3))
      #expect(input.bytes.count == 2577 + 4 * 2)
      #expect(input.digest(he) == (try part["d_i"].digest()))
    }
    let proof = try published["proof"]
    let input = Input(
      .tallyProof, indices, ciphertext, try commitment(proof, known.part("/K")),
      try commitment(proof, published["A"].element(), secret["M"].element()),
      try secret["M"].bytes())
    #expect(input.bytes.count == 2569)
    #expect(input.scalar(he) == (try proof["c"].scalar()))
  }

  // 32, for which the record has no value: both of our sides must agree with the table. Key H_I, as
  // in eq. 99 (erratum 2). 33
  @Test func contestDataDecryption() throws {
    let published = try known.part("/contest_data_decryptions/0")
    let ballot = try known.part("/ballots/1")
    let own = try ballot["H_I"].digest()
    let data = try ballot["contests"]["0"]["contest_data"]
    let encrypted =
      try data["C0"].bytes() + data["C1"].bytes() + data["C2"]["c"].bytes()
      + data["C2"]["v"].bytes()
    let proof = try published["proof"]
    let input = Input(
      .contestDataDecryption, Self.b(1), encrypted, try commitment(proof, known.part("/K_hat")),
      try commitment(proof, data["C0"].element(), published["beta"].element()),
      try published["beta"].bytes())
    #expect(input.bytes.count == 2117 + 32 * 2)
    #expect(input.scalar(own) == (try proof["c"].scalar()))

    let part = PartialDecryption(
      factor: try published["beta"].element(), a: group.generator.element,
      b: try data["C0"].element())
    let item = DecryptionItem.contestData(
      ballot: try ballot["confirmation_code"].digest(), identifierHash: own, contest: 1,
      try data.contestData())
    let commitment = Input(
      .contestDataCommitment, Self.b(1), Self.b(3), encrypted, group.bytes(part.a),
      group.bytes(part.b), group.bytes(part.factor), Self.b(2), Self.b(1), Self.b(3))
    #expect(commitment.bytes.count == 2125 + 32 * 2 + 4 * 2)
    #expect(
      item.commitment(of: 3, part, available: [1, 3], extendedBaseHash: he, in: group)
        == commitment.digest(own))
  }
}
