// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import TestSupport
import Testing

/// A policy that is read otherwise than its author meant it lets a forked log pass.
@Suite struct PolicyTests {
  private static let log = "example.com/log"

  private static func vkey(_ number: UInt8) throws -> String { try key(number).vkey }

  private static func key(_ number: UInt8) throws -> CosignerKey {
    try testCosigner("w\(number).example", seed: number).verifierKey
  }

  private static func logKey(_ name: String = log, seed: UInt8 = 101) throws -> String {
    try testSigner(name, seed: seed).verifierKey.vkey
  }

  private static func policy(_ lines: String...) throws -> WitnessPolicy {
    try WitnessPolicy(utf8(lines.map { $0 + "\n" }.joined()))
  }

  private static func keys(_ numbers: [UInt8]) throws -> Set<CosignerKey> {
    Set(try numbers.map { try key($0) })
  }

  /// The example of c2sp.org/tlog-policy: 2 of X1, X2, X3 and one of Y1, Y2, Y3. All 64 subsets.
  @Test func theExampleOfTheText() throws {
    var text = "log \(try Self.logKey())\n\n"
    for number: UInt8 in 1...3 { text += "witness X\(number) \(try Self.vkey(number))\n" }
    text += "group X-witnesses 2 X1 X2 X3\n\n"
    for number: UInt8 in 4...6 { text += "witness Y\(number - 3) \(try Self.vkey(number))\n" }
    text += "group Y-witnesses any Y1 Y2 Y3\n\ngroup X-and-Y all X-witnesses Y-witnesses\n"
    text += "quorum X-and-Y\n"
    let policy = try WitnessPolicy(utf8(text))
    #expect(policy.bytes == utf8(text))
    #expect(policy.witnesses.map(\.name) == ["X1", "X2", "X3", "Y1", "Y2", "Y3"])
    #expect(!policy.isTrivial)
    for subset: UInt8 in 0..<64 {
      let members = (0..<6).filter { subset >> UInt8($0) & 1 == 1 }
      let x = members.filter { $0 < 3 }.count
      let y = members.count - x
      #expect(
        policy.isSatisfied(by: try Self.keys(members.map { UInt8($0 + 1) })) == (x >= 2 && y >= 1),
        "\(members)")
    }
  }

  @Test func whiteSpaceCommentsAndURLs() throws {
    let policy = try Self.policy(
      "# quorum none", "", " \t ", "\t # witness a b", "  log\t\(try Self.logKey())  https://a ",
      "witness  #a \(try Self.vkey(1))\thttps://w.example/\u{E9}", "quorum\t#a ")
    #expect(policy.logs.map(\.url) == ["https://a"])
    #expect(policy.logs.map(\.key.name) == [Self.log])
    #expect(policy.witnesses.map(\.url) == ["https://w.example/\u{E9}"])
    #expect(policy.isSatisfied(by: try Self.keys([1])))
    #expect(!policy.isSatisfied(by: try Self.keys([2])))
    #expect(!policy.isSatisfied(by: []))
  }

  @Test func noQuorumIsSaidAndNotAssumed() throws {
    let policy = try Self.policy("quorum none")
    #expect(policy == WitnessPolicy.none)
    #expect(policy.isTrivial)
    #expect(policy.isSatisfied(by: []))
    #expect(try !Self.policy("witness a \(Self.vkey(1))", "quorum a").isTrivial)
    #expect(throws: LedgerError.self) { try WitnessPolicy([]) }
    #expect(throws: LedgerError.self) { try WitnessPolicy(utf8("\n")) }
  }

  @Test func brokenRulesAreNamedWithTheirLine() throws {
    let a = "witness a \(try Self.vkey(1))"
    let b = "witness b \(try Self.vkey(2))"
    let renamed = try CosignerKey(name: "other.example", publicKey: Self.key(1).publicKey).vkey
    let sameLog = try Self.logKey("other.example")
    let log = "log \(try Self.logKey())"
    let cases: [([String], Int)] = [
      (["quorum a"], 1), ([a, "quorum b"], 2), ([a, "quorum none", "quorum none"], 3),
      ([a, "quorum a", "quorum a"], 3), (["quorum"], 1), ([a, "quorum a a"], 2),
      // The same key under another name, so with another ID.
      ([a, "witness c \(renamed)", "quorum a"], 2), ([log, "log \(sameLog)", "quorum none"], 2),
      ([log, log, "quorum none"], 2), ([a, a, "quorum a"], 2),
      ([a, "witness a \(try Self.vkey(2))", "quorum a"], 2),
      ([a, "group a any a", "quorum a"], 2), (["witness none \(try Self.vkey(1))"], 1),
      ([a, "group none any a", "quorum none"], 2),
      // Only earlier names, each a member once, in one group or in two.
      (["group g any a", a, "quorum g"], 1), ([a, "group g any g", "quorum g"], 2),
      ([a, "group g any a a", "quorum g"], 2), ([a, b, "group g 2 a b a", "quorum g"], 3),
      ([a, b, "group g any a", "group h all a b", "quorum h"], 4),
      ([a, "group g any a", "group h any g", "group i any g", "quorum h"], 4),
      ([a, "group g any none", "quorum g"], 2),
      ([a, "group g any", "quorum g"], 2), ([a, "group g", "quorum a"], 2),
      ([a, b, "group g 0 a b", "quorum g"], 3), ([a, b, "group g 3 a b", "quorum g"], 3),
      ([a, b, "group g 02 a b", "quorum g"], 3), ([a, b, "group g -1 a b", "quorum g"], 3),
      ([a, b, "group g 18446744073709551617 a b", "quorum g"], 3),
      ([a, b, "group g both a b", "quorum g"], 3), ([a, b, "group g ALL a b", "quorum g"], 3),
      // Names are bytes: K is not the Kelvin sign, one spelling of a letter is not the other.
      (["witness K \(try Self.vkey(1))", "quorum \u{212A}"], 2),
      (["witness \u{E9} \(try Self.vkey(1))", "quorum e\u{301}"], 2),
      // A log's key is no witness's key, and the reverse.
      (["witness a \(try Self.logKey())", "quorum a"], 1),
      (["log \(try Self.vkey(1))", "quorum none"], 1),
      (["log", "quorum none"], 1), (["\(log) u u", "quorum none"], 1),
      (["witness a", "quorum a"], 1), (["\(a) u u", "quorum a"], 1),
      (["\(a)x", "quorum a"], 1), (["logs \(try Self.logKey())", "quorum none"], 1),
      (["quorum none", "Quorum none"], 2), (["quorum none\r"], 1), (["quorum none # all"], 1),
      (["quorum none\u{0}"], 1), (["quorum none\u{7F}"], 1), (["quorum\u{A0}none"], 1),
    ]
    for (lines, number) in cases {
      let text = lines.map { $0 + "\n" }.joined()
      let error = #expect(throws: LedgerError.self, "\(text)") { try WitnessPolicy(utf8(text)) }
      #expect(error?.place == "policy, line \(number)", "\(text)")
    }
    #expect(throws: LedgerError.self) { try Self.policy(a, b, "group g any a b") }
    #expect(throws: LedgerError.self) { try WitnessPolicy(utf8("quorum none")) }
  }

  @Test func namesAreOpaqueBytes() throws {
    // Not UTF-8, and different from its neighbour in one bit.
    let first = utf8("witness ") + [0xFF, 0x80] + utf8(" \(try Self.vkey(1))\n")
    let second = utf8("witness ") + [0xFF, 0x81] + utf8(" \(try Self.vkey(2))\n")
    let policy = try WitnessPolicy(first + second + utf8("quorum ") + [0xFF, 0x81, 0x0A])
    #expect(policy.isSatisfied(by: try Self.keys([2])))
    #expect(!policy.isSatisfied(by: try Self.keys([1])))
  }

  @Test func limits() throws {
    func text(_ count: Int) throws -> String {
      var text = ""
      for number in 0..<count {
        var generator = SeededGenerator(seed: UInt64(number))
        let key = try Ed25519.PrivateKey(seed: SecretBytes(copying: generator.bytes(32))).publicKey
        text += "log \(try NoteVerifierKey(name: "l", publicKey: key).vkey)\n"
        text += "witness w\(number) \(try CosignerKey(name: "w", publicKey: key).vkey)\n"
        text += "group g\(number) any w\(number)\n"
      }
      return text
    }
    let most = try WitnessPolicy(utf8(text(256) + "quorum g255\n"))
    #expect(most.logs.count == 256)
    #expect(most.witnesses.count == 256)
    // The 257th of each kind.
    var lines = try text(257).split(separator: "\n").suffix(3).map { String($0) }
    lines[2] = "group g256 any g255"
    for (line, kind) in zip(lines, ["logs", "witnesses", "groups"]) {
      let text = try text(256) + line + "\nquorum none\n"
      let error = #expect(throws: LedgerError.self) { try WitnessPolicy(utf8(text)) }
      #expect(error?.rule == "at most 256 \(kind)")
    }
    let long = utf8(String(repeating: "#\n", count: 131_072) + "quorum none\n")
    #expect(throws: LedgerError.self) { try WitnessPolicy(long) }
    // Groups in a row, each the only member of the next one.
    var chain = "witness w \(try Self.vkey(1))\ngroup g0 any w\n"
    for number in 1..<256 { chain += "group g\(number) all g\(number - 1)\n" }
    let deep = try WitnessPolicy(utf8(chain + "quorum g255\n"))
    #expect(deep.isSatisfied(by: try Self.keys([1])))
    #expect(!deep.isSatisfied(by: []))
  }

  // adversary: L-03
  @Test func checkpointsUnderAPolicy() throws {
    let signer = try testSigner(Self.log, seed: 101)
    let logKey = signer.verifierKey
    let policy = try Self.policy(
      "log \(logKey.vkey)", "witness a \(Self.vkey(1))", "witness b \(Self.vkey(2))",
      "witness c \(Self.vkey(3))", "group g 2 a b c", "quorum g")
    let leaves = numberedLeaves(5)
    let checkpoint = try Checkpoint(
      origin: Self.log, size: 5, root: MerkleTree.root(of: leaves))
    let signed = try SignedNote(checkpoint.signed(by: signer))
    func line(_ number: UInt8, time: UInt64 = 9) throws -> SignedNote.Signature {
      try testCosigner("w\(number).example", seed: number).cosign(
        checkpoint: signed.text, time: time)
    }
    let one = try signed.adding([line(1), line(7)]).bytes
    let two = try signed.adding([line(3, time: 11), line(1)]).bytes
    #expect(throws: LedgerError.self) { try policy.verify(signed.bytes, logKey: logKey) }
    #expect(throws: LedgerError.self) { try policy.verify(one, logKey: logKey) }
    let unmet = try policy.examine(one, logKey: logKey)
    #expect(!unmet.isQuorumMet)
    #expect(unmet.cosigners == (try Self.keys([1])))
    let met = try policy.verify(two, logKey: logKey)
    #expect(met.isQuorumMet)
    #expect(met.checkpoint == checkpoint)
    #expect(met.cosignatures.map(\.witness.name) == ["a", "c"])
    #expect(met.cosignatures.map(\.cosignature.time) == [9, 11])
    #expect(try WitnessPolicy.none.verify(signed.bytes, logKey: logKey).cosignatures.isEmpty)

    // A known witness's line that does not hold spoils the note, quorum or not.
    let wrong = try testCosigner("w2.example", seed: 2).cosign(
      checkpoint: Checkpoint(origin: Self.log, size: 6, root: checkpoint.root).text, time: 9)
    let spoiled = try SignedNote(two).adding([wrong]).bytes
    #expect(throws: LedgerError.self) { try policy.examine(spoiled, logKey: logKey) }
    // A log that the policy does not list, though its signature holds.
    let other = try testSigner(Self.log, seed: 102)
    let foreign = try SignedNote(checkpoint.signed(by: other)).adding([line(1), line(2)]).bytes
    #expect(throws: LedgerError.self) { try policy.examine(foreign, logKey: other.verifierKey) }
    #expect(throws: LedgerError.self) { try policy.examine(foreign, logKey: logKey) }

    let proof = try #require(MerkleTree.inclusionProof(index: 3, in: leaves))
    let receipt = try InclusionReceipt(index: 3, proof: proof, checkpoint: two)
    #expect(
      try receipt.verify(leafHash: leaves[3], logKey: logKey, policy: policy) == met)
    #expect(throws: LedgerError.self) {
      try receipt.verify(leafHash: leaves[2], logKey: logKey, policy: policy)
    }
    // Two of three: without one of the two lines the quorum is gone, so every byte matters.
    for index in receipt.bytes.indices {
      for bit: UInt8 in [0, 5] {
        var changed = receipt.bytes
        changed[index] ^= 1 << bit
        #expect(throws: LedgerError.self, "byte \(index), bit \(bit)") {
          try InclusionReceipt(changed).verify(leafHash: leaves[3], logKey: logKey, policy: policy)
        }
      }
    }
    let bare = try InclusionReceipt(index: 3, proof: proof, checkpoint: signed.bytes)
    #expect(try bare.verify(leafHash: leaves[3], logKey: logKey) == checkpoint)
    #expect(throws: LedgerError.self) {
      try bare.verify(leafHash: leaves[3], logKey: logKey, policy: policy)
    }
  }
}
