// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import Ledger
import TestSupport
import Testing

/// Notes, checkpoints and receipts made by other software.
@Suite(.needsShared) struct NoteVectorTests {
  struct Notes: Decodable {
    struct Note: Decodable {
      let vkey: String
      let skey: String?
      let note: String
    }
    let notes: [Note]
    let validVkeys: [String]
    let invalidVkeys: [String]
  }

  @Test func signedNotes() throws {
    let vectors = try decodeShared(Notes.self, "vectors/tlog/extracted/signed-note.json")
    var signed = 0
    for item in vectors.notes {
      let key = try NoteVerifierKey(vkey: item.vkey)
      #expect(key.vkey == item.vkey)
      let note = try SignedNote(utf8(item.note))
      #expect(try note.verify([key]) == [key])
      #expect(note.bytes == utf8(item.note))
      // `PRIVATE+KEY+<name>+<id>+<base64(0x01 || seed)>`: made here, the note is the same.
      guard let secret = item.skey?.split(separator: "+", maxSplits: 4).last else { continue }
      let seed = try base64(String(secret))
      #expect(seed.first == 1)
      let signer = try NoteSigner(
        name: key.name,
        key: Ed25519.PrivateKey(seed: SecretBytes(copying: [UInt8](seed.dropFirst()))))
      #expect(signer.verifierKey == key)
      #expect(try signer.sign(text: note.text) == note)
      signed += 1
    }
    #expect(signed == 2)
    for vkey in vectors.validVkeys {
      // Type 0x04 is a cosigner's key: each type reads its own and refuses the other.
      if vkey.hasPrefix("remora.n621.de") {
        #expect(throws: LedgerError.self) { try NoteVerifierKey(vkey: vkey) }
        #expect(try CosignerKey(vkey: vkey).vkey == vkey)
      } else {
        #expect(try NoteVerifierKey(vkey: vkey).vkey == vkey)
        #expect(throws: LedgerError.self) { try CosignerKey(vkey: vkey) }
      }
    }
    for vkey in vectors.invalidVkeys {
      #expect(throws: LedgerError.self, "\(vkey)") { try NoteVerifierKey(vkey: vkey) }
      #expect(throws: LedgerError.self, "\(vkey)") { try CosignerKey(vkey: vkey) }
    }
  }

  struct Cosigned: Decodable {
    let witnessSeedB64: String
    let vkey: String
    let timestamp: UInt64
    let checkpoint: String
    let signatureLine: String
  }

  /// A witness's line behind the log's is passed over by who asks for the log, and holds for who asks
  /// for the witness. Made here with the vector's key it is the same, byte for byte.
  @Test func cosignedCheckpoint() throws {
    let vector = try decodeShared(
      Cosigned.self, "vectors/tlog/extracted/cosignature-v1-derived.json")
    let key = try NoteVerifierKey(
      vkey: "monkeys+db4d9f7e+AULaJMvTtDLHPUcUrjdDad9vDlh/PTfC2VV60JUtCfWT")
    let note = utf8(vector.checkpoint + vector.signatureLine)
    #expect(try Checkpoint.verified(note, logKey: key).size == 8)
    let signed = try SignedNote(note)
    #expect(signed.signatures.count == 2)
    let witness = try CosignerKey(vkey: vector.vkey)
    #expect(witness.vkey == vector.vkey)
    #expect(try signed.cosignature(of: witness)?.time == vector.timestamp)
    let cosigner = try Cosigner(
      name: "witness",
      key: Ed25519.PrivateKey(seed: SecretBytes(copying: base64(vector.witnessSeedB64))))
    #expect(cosigner.verifierKey == witness)
    let line = try cosigner.cosign(checkpoint: signed.text, time: vector.timestamp)
    #expect(line.line == vector.signatureLine)
    #expect(try SignedNote(utf8(vector.checkpoint)).adding([line]).bytes == note)
  }

  struct WitnessConsistency: Decodable {
    let vkey: String
    let old: String
    let new: String
    let proofHex: [String]
    let addCheckpointBody: String
  }

  @Test func witnessConsistency() throws {
    let vector = try decodeShared(
      WitnessConsistency.self, "vectors/tlog/extracted/witness-consistency.json")
    let key = try NoteVerifierKey(vkey: vector.vkey)
    let old = try Checkpoint.verified(utf8(vector.old), logKey: key)
    let new = try Checkpoint.verified(utf8(vector.new), logKey: key)
    let proof = try vector.proofHex.map { try #require(Digest(hex: $0.uppercased())) }
    #expect(
      MerkleTree.verifyConsistency(
        oldSize: old.size, oldRoot: old.root, newSize: new.size, newRoot: new.root, proof: proof))
    #expect(
      !MerkleTree.verifyConsistency(
        oldSize: old.size, oldRoot: new.root, newSize: new.size, newRoot: new.root, proof: proof))
    let request = try AddCheckpointRequest(oldSize: old.size, proof: proof, note: utf8(vector.new))
    #expect(request.bytes == utf8(vector.addCheckpointBody))
    #expect(
      WitnessRules(logKeys: [key]).decide(request, stored: old)
        == .cosign(new, note: try SignedNote(utf8(vector.new))))
  }

  struct WitnessSequence: Decodable {
    struct Case: Decodable {
      let request: String
      let statusBySpec: Int
      let sourceAssert: String
    }
    let logVkey: String
    let cases: [Case]
  }

  /// Nine requests to one witness, in order, each against what the ones before have left.
  @Test func witnessSequence() throws {
    let vector = try decodeShared(
      WitnessSequence.self, "vectors/tlog/extracted/witness-add-checkpoint-sequence.json")
    let rules = WitnessRules(logKeys: [try NoteVerifierKey(vkey: vector.logVkey)])
    var stored: Checkpoint?
    var statuses: [Int] = []
    for item in vector.cases {
      let request = try AddCheckpointRequest(utf8(item.request))
      #expect(request.bytes == utf8(item.request))
      switch rules.decide(request, stored: stored) {
      case .cosign(let checkpoint, let note):
        #expect(item.statusBySpec == 200)
        #expect(item.request.hasSuffix(note.text + "\n" + note.signatures.map(\.line).joined()))
        stored = checkpoint
        statuses.append(200)
      case .refuse(let refusal):
        #expect(refusal.status == item.statusBySpec, "\(item.request)")
        statuses.append(refusal.status)
        if refusal.status == 409 {
          let size = String(decoding: refusal.body.dropLast(), as: UTF8.self)
          #expect(item.sourceAssert == "body == \"\(size)\\n\"")
        }
      }
    }
    #expect(statuses == [200, 403, 404, 422, 422, 200, 409, 200, 409])
  }

  struct ProofSyntax: Decodable {
    let valid: [String]
    let invalid: [String]
  }

  struct ProofVector: Decodable {
    let leafUtf8: String
    let vkey: String
    let proof: String
  }

  @Test func receipts() throws {
    let syntax = try decodeShared(ProofSyntax.self, "vectors/tlog/extracted/tlog-proof-syntax.json")
    for text in syntax.valid {
      #expect(try InclusionReceipt(utf8(text)).bytes == utf8(text))
    }
    for text in syntax.invalid {
      #expect(throws: LedgerError.self, "\(text)") { try InclusionReceipt(utf8(text)) }
    }
    let vector = try decodeShared(
      ProofVector.self, "vectors/tlog/extracted/tlog-proof-derived.json")
    let key = try NoteVerifierKey(vkey: vector.vkey)
    let receipt = try InclusionReceipt(utf8(vector.proof))
    let leaf = MerkleTree.leafHash(utf8(vector.leafUtf8))
    #expect(try receipt.verify(leafHash: leaf, logKey: key).size == 15)
    #expect(receipt.bytes == utf8(vector.proof))
    // adversary: L-01 (a receipt for another entry)
    #expect(throws: LedgerError.self) {
      try receipt.verify(leafHash: MerkleTree.leafHash(utf8("six")), logKey: key)
    }
    for index in receipt.bytes.indices {
      var changed = receipt.bytes
      changed[index] ^= 1
      #expect(throws: LedgerError.self, "byte \(index)") {
        try InclusionReceipt(changed).verify(leafHash: leaf, logKey: key)
      }
    }
  }

  /// A log of another implementation (Tessera): its tiles on disk, every checkpoint, every proof.
  struct TesseraTiles: TileSource {
    func tile(level: Int, index: UInt64, width: Int) throws(LedgerError) -> [UInt8] {
      guard let path = TilePath(.hashes(level: level), index: index, width: width),
        let bytes = try? Shared.bytes("vectors/tlog/tessera/testdata/log/\(path)")
      else { throw LedgerError("tile/\(level)/\(index)", "exists") }
      return bytes
    }
  }

  @Test func tesseraLog() throws {
    let folder = "vectors/tlog/tessera/testdata/log"
    let key = try NoteVerifierKey(
      vkey: "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
    let last = try Checkpoint.verified(Shared.bytes("\(folder)/checkpoint"), logKey: key)
    #expect(last.size == 15)
    // All there is to serve: 17 checkpoints, 15 tiles, 15 bundles, in five folders below this one.
    // `.state` is the log's own.
    let paths = try FileManager.default.subpathsOfDirectory(
      atPath: Shared.directory.appendingPathComponent(folder).path)
    #expect(paths.filter { !$0.hasPrefix(".state") }.count == 17 + 15 + 15 + 5)
    #expect(try Shared.bytes("\(folder)/checkpoint") == Shared.bytes("\(folder)/checkpoint.15"))
    for size in 0...15 {
      let checkpoint = try Checkpoint.verified(
        Shared.bytes("\(folder)/checkpoint.\(size)"), logKey: key)
      #expect(checkpoint.size == UInt64(size))
      let tree = TileTree(TesseraTiles(), size: checkpoint.size)
      #expect(try tree.root() == checkpoint.root)
      guard size > 0 else { continue }
      let bundle = try Shared.bytes("\(folder)/tile/entries/000.p/\(size)")
      let entries = try EntryBundle.decode(bundle, width: size)
      #expect(try EntryBundle.encode(entries) == bundle)
      #expect(MerkleTree.root(of: entries.map(MerkleTree.leafHash)) == checkpoint.root)
      for index in 0..<size {
        #expect(
          MerkleTree.verifyInclusion(
            leafHash: MerkleTree.leafHash(entries[index]), index: UInt64(index),
            size: checkpoint.size, root: checkpoint.root,
            proof: try tree.inclusionProof(index: UInt64(index))))
      }
      #expect(
        MerkleTree.verifyConsistency(
          oldSize: checkpoint.size, oldRoot: checkpoint.root, newSize: 15, newRoot: last.root,
          proof: try TileTree(TesseraTiles(), size: 15).consistencyProof(from: checkpoint.size)))
    }
  }
}
