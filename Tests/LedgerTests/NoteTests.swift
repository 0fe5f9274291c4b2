// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import TestSupport
import Testing

@Suite struct NoteTests {
  private func signer(_ name: String = "example.com/log", seed: UInt8 = 1) throws -> NoteSigner {
    let key = try Ed25519.PrivateKey(
      seed: SecretBytes(copying: [UInt8](repeating: seed, count: 32)))
    return try NoteSigner(name: name, key: key)
  }

  @Test func signsAndVerifies() throws {
    let signer = try signer()
    let note = try signer.sign(text: "a\n\nb\n")
    #expect(try SignedNote(note.bytes) == note)
    #expect(note.text == "a\n\nb\n")
    #expect(try note.verify([signer.verifierKey]) == [signer.verifierKey])
    let other = try self.signer(seed: 2).verifierKey
    #expect(throws: LedgerError.self) { try note.verify([other]) }
    #expect(throws: LedgerError.self) { try note.verify([]) }
  }

  @Test func textWithoutNewlineOrWithControlCharactersIsNotSigned() throws {
    let signer = try signer()
    for text in ["abc", "", "a\tb\n", "a\u{0}\n", "a\r\n"] {
      #expect(throws: LedgerError.self, "\(text)") { _ = try signer.sign(text: text) }
    }
    for name in ["", "a+b", "a b", "a\u{A0}b", "a\u{2003}b", "a\nb"] {
      #expect(throws: LedgerError.self, "\(name)") {
        _ = try NoteVerifierKey(name: name, publicKey: signer.verifierKey.publicKey)
      }
    }
  }

  @Test func everyChangedBitIsNoticed() throws {
    let signer = try signer()
    let key = signer.verifierKey
    let bytes = try signer.sign(text: "example\n12\n").bytes
    for index in bytes.indices {
      for bit: UInt8 in 0..<8 {
        var changed = bytes
        changed[index] ^= 1 << bit
        #expect(throws: LedgerError.self, "byte \(index), bit \(bit)") {
          try SignedNote(changed).verify([key])
        }
      }
    }
    for length in bytes.indices {
      #expect(throws: LedgerError.self) {
        try SignedNote([UInt8](bytes.prefix(length))).verify([key])
      }
    }
    for tail in ["\n", "x", "x\n", "\u{2014}\n", "\u{2014} a b\n"] {
      #expect(throws: LedgerError.self) { try SignedNote(bytes + utf8(tail)).verify([key]) }
    }
  }

  @Test func unknownSignaturesArePassedOverAndKnownWrongOnesAreNot() throws {
    let signer = try signer()
    let key = signer.verifierKey
    let bytes = try signer.sign(text: "example\n12\n").bytes
    func line(_ name: String, _ id: UInt32) -> [UInt8] {
      let id = (0..<4).map { UInt8(truncatingIfNeeded: id >> UInt32(24 - 8 * $0)) }
      return utf8("\u{2014} \(name) \(Base64.encode(id + [UInt8](repeating: 1, count: 64)))\n")
    }
    var many = bytes
    for number in 0..<15 { many += line("witness\(number).example", UInt32(number)) }
    #expect(try SignedNote(many).verify([key]) == [key])
    #expect(try SignedNote(many).signatures.count == 16)
    #expect(try SignedNote(bytes + line(key.name, key.keyID ^ 1)).verify([key]) == [key])
    #expect(try SignedNote(bytes + line("other", key.keyID)).verify([key]) == [key])
    #expect(throws: LedgerError.self) {
      try SignedNote(bytes + line(key.name, key.keyID)).verify([key])
    }
    var tooMany = bytes
    for number in 0..<64 { tooMany += line("witness\(number).example", UInt32(number)) }
    #expect(throws: LedgerError.self) { try SignedNote(tooMany) }
    #expect(throws: LedgerError.self) {
      try SignedNote([UInt8](repeating: 0x41, count: SignedNote.maximumByteCount + 1))
    }
  }

  @Test func verifierKeysHaveOneSpelling() throws {
    let vkey = try signer().verifierKey.vkey
    #expect(try NoteVerifierKey(vkey: vkey).vkey == vkey)
    let bytes = utf8(vkey)
    for index in bytes.indices {
      var changed = bytes
      changed[index] &+= 1
      guard let text = String(validating: changed, as: UTF8.self) else { continue }
      #expect(throws: LedgerError.self, "\(text)") { try NoteVerifierKey(vkey: text) }
    }
    for start in bytes.indices {
      for end in start...bytes.count where end - start < bytes.count {
        let text = String(decoding: bytes[start..<end], as: UTF8.self)
        #expect(throws: LedgerError.self, "\(text)") { try NoteVerifierKey(vkey: text) }
      }
    }
  }

  @Test func checkpointsAreStrict() throws {
    let signer = try signer()
    let root = MerkleTree.leafHash([1])
    let checkpoint = try Checkpoint(origin: "example.com/log", size: 12, root: root)
    let bytes = try checkpoint.signed(by: signer)
    #expect(try Checkpoint.verified(bytes, logKey: signer.verifierKey) == checkpoint)
    let base = Base64.encode(root.bytes)
    let wrong = [
      "", "a\n", "a\n1\n", "a\n1\n\(base)", "\n1\n\(base)\n", "a\n01\n\(base)\n",
      "a\n+1\n\(base)\n",
      "a\n-1\n\(base)\n", "a\n1 \n\(base)\n", "a\n\n\(base)\n", "a\n0\n\(base)\n",
      "a\n9223372036854775808\n\(base)\n", "a\n18446744073709551616\n\(base)\n",
      "a\n1\n\(base)\nextension\n", "a\n1\n\(base)\n\n", "a\n1\n\(base.dropLast())\n",
      "a\n1\n\(Base64.encode([UInt8](repeating: 0, count: 31)))\n",
      "\(String(repeating: "a", count: 256))\n1\n\(base)\n", "a\nx\n\(base)\n", "a\n٣\n\(base)\n",
    ]
    for text in wrong {
      #expect(throws: LedgerError.self, "\(text)") { try Checkpoint(text: text) }
    }
    #expect(try Checkpoint(text: "a\n9223372036854775807\n\(base)\n").size == UInt64(Int64.max))
    let stranger = try Checkpoint(origin: "other", size: 12, root: root)
    #expect(throws: LedgerError.self) { try stranger.signed(by: signer) }
    // The right key under another origin: signed as a bare note, refused as a checkpoint.
    let note = try signer.sign(text: stranger.text).bytes
    #expect(throws: LedgerError.self) {
      try Checkpoint.verified(note, logKey: signer.verifierKey)
    }
  }

  @Test func base64HasOneSpelling() {
    var generator = SeededGenerator(seed: 64)
    for length in 0..<70 {
      let bytes = generator.bytes(length)
      #expect(Base64.decode(Base64.encode(bytes).utf8) == bytes, "seed \(generator.seed)")
    }
    for text in [
      "A", "AA", "AAA", "AA=", "A===", "AB==", "AAB=", "AA==AA==", "AA-_", "AA==\n", "====",
    ] {
      #expect(Base64.decode(text.utf8) == nil, "\(text)")
    }
  }
}
