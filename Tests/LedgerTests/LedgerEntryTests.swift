// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import TestSupport
import Testing

@Suite struct LedgerEntryTests {
  private let electionID = SHA256.hash([1, 2, 3])
  private let payload = utf8("{\"version\":1}")

  private func key(_ seed: UInt8 = 5) throws -> Ed25519.PrivateKey {
    try Ed25519.PrivateKey(seed: SecretBytes(copying: [UInt8](repeating: seed, count: 32)))
  }

  private func entry(by author: Author = .trustee(3)) throws -> LedgerEntry {
    try LedgerEntry.signed(
      type: "ceremony.keys", by: author, payload: payload, electionID: electionID, key: key())
  }

  @Test func encodingIsTheDocumentedOne() throws {
    let entry = try entry()
    let digest = SHA256.hash(payload).hex
    let signature = Hex.encode(entry.signature)
    #expect(
      String(decoding: entry.bytes, as: UTF8.self)
        == "{\"by\":\"trustee/3\",\"payload\":{\"sha256\":\"\(digest)\",\"size\":13},"
        + "\"signature\":\"\(signature)\",\"type\":\"ceremony.keys\",\"version\":1}")
    let signed =
      utf8("urna/entry/v1") + [0] + electionID.bytes
      + utf8(
        "{\"by\":\"trustee/3\",\"payload\":{\"sha256\":\"\(digest)\",\"size\":13},"
          + "\"type\":\"ceremony.keys\",\"version\":1}")
    #expect(try key().publicKey.isValid(signature: entry.signature, for: signed))
    #expect(entry.leafHash == MerkleTree.leafHash(entry.bytes))
  }

  @Test func roundTripForEachAuthor() throws {
    let pseudonym = try key(9).publicKey
    let authors: [Author] = [
      .commission, .ballotBox, .trustee(1), .trustee(Int(Int32.max)), .pseudonym(pseudonym),
    ]
    for author in authors {
      let entry = try entry(by: author)
      #expect(try LedgerEntry(bytes: entry.bytes) == entry)
      #expect(Author(author.description) == author)
      #expect(entry.isSignatureValid(electionID: electionID, key: try key().publicKey))
    }
  }

  @Test func signatureBindsElectionKeyAndContent() throws {
    let entry = try entry()
    #expect(!entry.isSignatureValid(electionID: SHA256.hash([9]), key: try key().publicKey))
    #expect(!entry.isSignatureValid(electionID: electionID, key: try key(6).publicKey))
    let text = String(decoding: entry.bytes, as: UTF8.self)
    for (old, new) in [
      ("trustee/3", "trustee/4"), ("ceremony.keys", "ceremony.kews"),
      ("\"size\":13", "\"size\":14"),
      ("\"version\":1}", "\"version\":2}"),
    ] {
      #expect(text.contains(old))
      let changed = try LedgerEntry(bytes: utf8(text.replacing(old, with: new)))
      #expect(!changed.isSignatureValid(electionID: electionID, key: try key().publicKey), "\(new)")
    }
  }

  // adversary: L-02
  @Test func everyChangedBitIsRefusedOrUnsigned() throws {
    let bytes = try entry().bytes
    let publicKey = try key().publicKey
    for index in bytes.indices {
      for bit: UInt8 in 0..<8 {
        var changed = bytes
        changed[index] ^= 1 << bit
        let parsed = try? LedgerEntry(bytes: changed)
        #expect(
          parsed?.isSignatureValid(electionID: electionID, key: publicKey) != true,
          "byte \(index), bit \(bit)")
      }
    }
    for length in bytes.indices {
      #expect(throws: LedgerError.self) { try LedgerEntry(bytes: [UInt8](bytes.prefix(length))) }
    }
  }

  @Test func otherSpellingsAreRefused() throws {
    let text = String(decoding: try entry().bytes, as: UTF8.self)
    let digest = SHA256.hash(payload).hex
    let changes = [
      ("{\"by\"", "{ \"by\""), ("\"by\":", "\"by\": "), (":13}", ":013}"), (":13}", ":13.0}"),
      (":13}", ":1.3e1}"), (":13}", ":-13}"), (":13}", ":16777217}"),
      (":13}", ":99999999999999999999}"), ("\"version\":1}", "\"version\":0}"),
      ("\"version\":1}", "\"version\":01}"), ("\"version\":1}", "\"version\":2147483648}"),
      ("\"version\":1}", "\"version\":1}\n"), ("\"version\":1}", "\"version\":1,\"x\":1}"),
      ("\"version\":1}", "\"version\":1}}"), ("trustee/3", "trustee/0"),
      ("trustee/3", "trustee/03"),
      ("trustee/3", "trustee/"), ("trustee/3", "trustee/2147483648"), ("trustee/3", "Commission"),
      ("trustee/3", "trustee\\/3"), ("trustee/3", "nobody"), ("trustee/3", "pseudonym/00"),
      ("trustee/3", "pseudonym/" + String(repeating: "0", count: 64)),
      (digest, digest.lowercased()), (digest, String(digest.dropLast(2))),
      ("ceremony.keys", "ceremony"), ("ceremony.keys", "Ceremony.keys"),
      ("ceremony.keys", "a.b.c"), ("ceremony.keys", ".keys"), ("ceremony.keys", "ceremony."),
      ("ceremony.keys", "ceremony.\\u006beys"), ("ceremony.keys", "ceremony.k\u{E9}ys"),
      ("ceremony.keys", "a." + String(repeating: "b", count: 63)),
      ("{\"by\"", "\u{FEFF}{\"by\""),
    ]
    for (old, new) in changes {
      #expect(text.contains(old))
      #expect(throws: LedgerError.self, "\(new)") {
        try LedgerEntry(bytes: utf8(text.replacing(old, with: new)))
      }
    }
    #expect(throws: LedgerError.self) { try LedgerEntry(bytes: []) }
    #expect(throws: LedgerError.self) {
      try LedgerEntry(bytes: [UInt8](repeating: 0x20, count: LedgerEntry.maximumByteCount + 1))
    }
  }

  @Test func valuesOutOfRangeAreNotSigned() throws {
    let key = try key()
    func sign(_ type: String, _ version: Int, _ author: Author, _ count: Int) throws {
      _ = try LedgerEntry.signed(
        type: type, version: version, by: author, payload: [UInt8](repeating: 0, count: count),
        electionID: electionID, key: key)
    }
    try sign("a.b", 1, .commission, 0)
    try sign("a.b", 1, .commission, 16 << 20)
    #expect(throws: LedgerError.self) { try sign("a.b", 1, .commission, (16 << 20) + 1) }
    #expect(throws: LedgerError.self) { try sign("a.b", 0, .commission, 0) }
    #expect(throws: LedgerError.self) { try sign("a.b", 1 << 31, .commission, 0) }
    #expect(throws: LedgerError.self) { try sign("a b", 1, .commission, 0) }
    #expect(throws: LedgerError.self) { try sign("a.b", 1, .trustee(0), 0) }
  }

  @Test func entryFile() throws {
    let file = try EntryFile(entry: entry(), payload: payload)
    #expect(try EntryFile(bytes: file.bytes) == file)
    #expect(throws: LedgerError.self) { try EntryFile(bytes: file.bytes + [0]) }
    #expect(throws: LedgerError.self) { try EntryFile(bytes: [UInt8](file.bytes.dropLast())) }
    #expect(throws: LedgerError.self) { try EntryFile(bytes: file.entry.bytes) }
    #expect(throws: LedgerError.self) { try EntryFile(bytes: [0x0A] + file.bytes) }
    #expect(throws: LedgerError.self) { try EntryFile(entry: file.entry, payload: [1]) }
    var other = file.bytes
    other[other.count - 1] ^= 1
    #expect(throws: LedgerError.self) { try EntryFile(bytes: other) }
  }
}
