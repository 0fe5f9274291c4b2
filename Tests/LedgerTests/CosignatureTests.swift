// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import TestSupport
import Testing

/// A witness's statement must hold for one checkpoint, one time and one key, and for nothing else.
@Suite struct CosignatureTests {
  private let origin = "example.com/log"

  private func note(size: UInt64 = 12) throws -> SignedNote {
    let checkpoint = try Checkpoint(origin: origin, size: size, root: MerkleTree.leafHash([1]))
    return try SignedNote(checkpoint.signed(by: testSigner(origin, seed: 1)))
  }

  @Test func cosignsAndVerifies() throws {
    let cosigner = try testCosigner("witness.example/w1", seed: 2)
    let key = cosigner.verifierKey
    let note = try note()
    #expect(try note.cosignature(of: key) == nil)
    let line = try cosigner.cosign(checkpoint: note.text, time: 1_679_315_147)
    #expect(line.signature.count == 72)
    let cosigned = try note.adding([line])
    #expect(cosigned.signatures == note.signatures + [line])
    #expect(try cosigned.cosignature(of: key)?.time == 1_679_315_147)
    #expect(try SignedNote(cosigned.bytes) == cosigned)
    // The log's signature still holds, and the log's key does not read a cosignature.
    #expect(
      try Checkpoint.verified(cosigned.bytes, logKey: testSigner(origin, seed: 1).verifierKey)
        .size == 12)
    let other = try testCosigner("witness.example/w1", seed: 3).verifierKey
    #expect(try cosigned.cosignature(of: other) == nil)
    let renamed = try CosignerKey(name: "witness.example/w2", publicKey: key.publicKey)
    #expect(try cosigned.cosignature(of: renamed) == nil)
  }

  // adversary: L-03 (a cosignature moved to another tree)
  @Test func aCosignatureHoldsForItsTextAndTimeOnly() throws {
    let cosigner = try testCosigner("witness.example/w1", seed: 2)
    let key = cosigner.verifierKey
    let line = try cosigner.cosign(checkpoint: note().text, time: 7)
    let moved = try note(size: 13).adding([line])
    #expect(throws: LedgerError.self) { try moved.cosignature(of: key) }
    for index in line.signature.indices {
      for bit: UInt8 in 0..<8 {
        var changed = line.signature
        changed[index] ^= 1 << bit
        let wrong = try signature(key, changed)
        let cosigned = try note().adding([wrong])
        #expect(throws: LedgerError.self, "byte \(index), bit \(bit)") {
          try cosigned.cosignature(of: key)
        }
      }
    }
    for length in [1, 8, 64, 71, 73] {
      let bytes = [UInt8]((line.signature + [0]).prefix(length))
      let cosigned = try note().adding([signature(key, bytes)])
      #expect(throws: LedgerError.self, "\(length) bytes") { try cosigned.cosignature(of: key) }
    }
  }

  /// A wrong line beside a right one of the same key: the note is refused, whichever comes first.
  @Test func everyLineOfAKeyMustHold() throws {
    let cosigner = try testCosigner("witness.example/w1", seed: 2)
    let key = cosigner.verifierKey
    let note = try note()
    let right = try cosigner.cosign(checkpoint: note.text, time: 7).line
    let later = try cosigner.cosign(checkpoint: note.text, time: 9).line
    let wrong = try cosigner.cosign(checkpoint: self.note(size: 13).text, time: 8).line
    func read(_ lines: String...) throws -> Cosignature? {
      try SignedNote(note.bytes + lines.flatMap { utf8($0) }).cosignature(of: key)
    }
    #expect(try read(right, later)?.time == 9)
    #expect(try read(later, right)?.time == 9)
    #expect(throws: LedgerError.self) { try read(right, wrong) }
    #expect(throws: LedgerError.self) { try read(wrong, later) }
  }

  @Test func onlyCheckpointsAndTimesInRangeAreCosigned() throws {
    let cosigner = try testCosigner("witness.example/w1", seed: 2)
    let text = try note().text
    for time in [0, UInt64(Int64.max) + 1, .max] {
      #expect(throws: LedgerError.self, "\(time)") {
        _ = try cosigner.cosign(checkpoint: text, time: time)
      }
    }
    #expect(
      try note().adding([cosigner.cosign(checkpoint: text, time: UInt64(Int64.max))])
        .cosignature(of: cosigner.verifierKey)?.time == UInt64(Int64.max))
    for text in ["", "a\n", text + "extension\n", String(text.dropLast()), "\n" + text] {
      #expect(throws: LedgerError.self, "\(text)") {
        _ = try cosigner.cosign(checkpoint: text, time: 1)
      }
    }
    // A statement without a time is none, even when its signature holds.
    let key = try Ed25519.PrivateKey(seed: SecretBytes(copying: [UInt8](repeating: 2, count: 32)))
    let timeless = try key.signature(for: utf8("cosignature/v1\ntime 0\n\(text)"))
    let line = try signature(cosigner.verifierKey, [UInt8](repeating: 0, count: 8) + timeless)
    let note = try note().adding([line])
    #expect(throws: LedgerError.self) { try note.cosignature(of: cosigner.verifierKey) }
  }

  @Test func addingKeepsTheOrderAndOneLineAKey() throws {
    let note = try note()
    let first = try testCosigner("b.example", seed: 2)
    let second = try testCosigner("a.example", seed: 3)
    let early = try first.cosign(checkpoint: note.text, time: 7)
    let late = try first.cosign(checkpoint: note.text, time: 8)
    let other = try second.cosign(checkpoint: note.text, time: 7)
    #expect(try note.adding([early, early, other]).signatures == note.signatures + [early, other])
    #expect(
      try note.adding([early, other]).adding([late, other]).signatures
        == note.signatures + [early, other])
    #expect(try note.adding([]) == note)
    let many = try (0..<64).map { number in
      try signature(CosignerKey(name: "w\(number)", publicKey: first.verifierKey.publicKey), [1])
    }
    #expect(try note.adding([SignedNote.Signature](many.dropLast())).signatures.count == 64)
    #expect(throws: LedgerError.self) { try note.adding(many) }
  }

  @Test func anAnswerIsAddedWhenItsLineHolds() throws {
    let note = try note()
    let witness = try testCosigner("w.example", seed: 2)
    let stranger = try testCosigner("x.example", seed: 3)
    let right = try witness.cosign(checkpoint: note.text, time: 7)
    let wrong = try witness.cosign(checkpoint: self.note(size: 13).text, time: 7)
    let foreign = try stranger.cosign(checkpoint: note.text, time: 7)
    let added = try note.adding([foreign, right], of: witness.verifierKey)
    #expect(added.signatures == note.signatures + [right])
    for answer in [[], [foreign], [wrong], [right, wrong]] {
      #expect(throws: LedgerError.self) { try note.adding(answer, of: witness.verifierKey) }
    }
  }

  @Test func signatureLinesAlone() throws {
    let note = try note()
    let lines = try [("a.example", UInt8(2)), ("b.example", 3)].map { name, seed in
      try testCosigner(name, seed: seed).cosign(checkpoint: note.text, time: 7)
    }
    let body = lines.map(\.line).joined()
    #expect(try SignedNote.signatures(utf8(body)) == lines)
    let wrong = [
      "", "\n", String(body.dropLast()), "\n" + body, body + "\n", body + "x\n", note.text + body,
      body.replacing("\n", with: "\r\n"), body.replacing("\u{2014} ", with: "- "),
      String(repeating: lines[0].line, count: 65),
    ]
    for text in wrong {
      #expect(throws: LedgerError.self, "\(text)") { try SignedNote.signatures(utf8(text)) }
    }
    #expect(throws: LedgerError.self) { try SignedNote.signatures(utf8(body) + [0xFF, 0x0A]) }
    let long = [UInt8](repeating: 0x0A, count: SignedNote.maximumByteCount + 1)
    #expect(throws: LedgerError.self) { try SignedNote.signatures(long) }
  }

  @Test func cosignerKeysHaveOneSpellingAndOneType() throws {
    let key = try testCosigner("witness.example/w1", seed: 2).verifierKey
    #expect(try CosignerKey(vkey: key.vkey) == key)
    let log = try NoteVerifierKey(name: key.name, publicKey: key.publicKey)
    #expect(log.keyID != key.keyID)
    #expect(throws: LedgerError.self) { try CosignerKey(vkey: log.vkey) }
    #expect(throws: LedgerError.self) { try NoteVerifierKey(vkey: key.vkey) }
    let bytes = utf8(key.vkey)
    for index in bytes.indices {
      for bit: UInt8 in 0..<8 {
        var changed = bytes
        changed[index] ^= 1 << bit
        guard let text = String(validating: changed, as: UTF8.self) else { continue }
        #expect(throws: LedgerError.self, "\(text)") { try CosignerKey(vkey: text) }
      }
    }
    for name in ["", "a+b", "a b", "a\u{A0}b", "a\nb", String(repeating: "a", count: 256)] {
      #expect(throws: LedgerError.self, "\(name)") {
        try CosignerKey(name: name, publicKey: key.publicKey)
      }
    }
    // The composed and the decomposed letter are equal strings and different names.
    let composed = try CosignerKey(name: "\u{E9}", publicKey: key.publicKey)
    let decomposed = try CosignerKey(name: "e\u{301}", publicKey: key.publicKey)
    #expect(composed != decomposed)
  }

  private func signature(_ key: CosignerKey, _ bytes: [UInt8]) throws -> SignedNote.Signature {
    let id = (0..<4).map { UInt8(truncatingIfNeeded: key.keyID >> UInt32(24 - 8 * $0)) }
    let line = "\u{2014} \(key.name) \(Base64.encode(id + bytes))\n"
    return try #require(SignedNote.signatures(utf8(line)).first)
  }
}
