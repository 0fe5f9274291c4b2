// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger

extension FuzzTarget {
  /// What the log and its readers exchange.
  static let notes = [
    FuzzTarget("note") {
      [
        try Materials.note(5), try Materials.note(9, cosigners: 3),
        utf8("a\n\nb\n\n— c AAAAAAA=\n"),
      ]
    } rewrite: { bytes in
      let note = try SignedNote(bytes)
      // Whoever is asked for, no line traps; one that holds is found again alone.
      let key = try Materials.cosigner(2).verifierKey
      _ = try? note.cosignature(of: key)
      let lines = note.signatures.map(\.line).joined()
      mustHold { try SignedNote.signatures(utf8(lines)) == note.signatures }
      return note.bytes
    },
    FuzzTarget("signatures") {
      [utf8(try SignedNote(Materials.note(9, cosigners: 3)).signatures.map(\.line).joined())]
    } rewrite: { bytes in
      utf8(try SignedNote.signatures(bytes).map(\.line).joined())
    },
    FuzzTarget("checkpoint") {
      try [0, 1, 9].map { utf8(try Materials.checkpoint($0).text) }
    } rewrite: { bytes in
      utf8(try Checkpoint(text: text(bytes)).text)
    },
    FuzzTarget("vkey") {
      [
        utf8(try Materials.signer().verifierKey.vkey),
        utf8(try Materials.cosigner(2).verifierKey.vkey),
      ]
    } rewrite: { bytes in
      let vkey = try text(bytes)
      // No text is both.
      do {
        let key = try NoteVerifierKey(vkey: vkey)
        mustHold { (try? CosignerKey(vkey: vkey)) == nil }
        return utf8(key.vkey)
      } catch {
        return utf8(try CosignerKey(vkey: vkey).vkey)
      }
    },
    FuzzTarget("proof") {
      try [0, 4, 8].map { index in
        try InclusionReceipt(
          index: UInt64(index),
          proof: MerkleTree.inclusionProof(index: index, in: Materials.leaves) ?? [],
          checkpoint: Materials.note(9, cosigners: 2), extra: index == 4 ? [1, 2] : nil
        ).bytes
      }
    } rewrite: { bytes in
      let receipt = try InclusionReceipt(bytes)
      let key = try Materials.signer().verifierKey
      let index = Int(receipt.index % 9)
      if let checkpoint = try? receipt.verify(leafHash: Materials.leaves[index], logKey: key) {
        // The log signed three trees; a leaf is where it is.
        mustHold { checkpoint == (try Materials.checkpoint(Int(checkpoint.size))) }
        mustHold { receipt.index == UInt64(index) }
      }
      return receipt.bytes
    },
    FuzzTarget("tile-path") {
      [
        "tile/0/000", "tile/63/x123/x456/789", "tile/1/x001/234.p/7", "tile/entries/000.p/255",
        "tile/payloads/x018/x446/x744/x073/x709/x551/615",
      ].map { utf8($0) }
    } rewrite: { bytes in
      guard let path = TilePath(try text(bytes)) else { throw LedgerError("path", "a path") }
      mustHold { TilePath(path.full.path) == path.full }
      return utf8(path.path)
    },
    // The first byte is the width less one.
    FuzzTarget("bundle") {
      [[0, 0, 1, 9], [2, 0, 0, 0, 1, 9, 0, 2, 8, 8]]
    } rewrite: { bytes in
      let width = Int(bytes.first ?? 0) + 1
      let rest = [UInt8](bytes.dropFirst())
      let entries = try EntryBundle.decode(rest, width: width)
      // A full bundle serves for a partial one; then only its beginning is used.
      if let payloads = try? PayloadBundle.decode(rest, width: width) {
        mustHold { payloads.count == width }
      }
      let written = try EntryBundle.encode(entries)
      return entries.count == width && rest.count == written.count
        ? bytes.prefix(1) + written : bytes
    },
    FuzzTarget("evidence") {
      let fork = Materials.leaves.map { MerkleTree.leafHash($0.bytes) }
      let signed = try Checkpoint(
        origin: Materials.origin, size: 9, root: MerkleTree.root(of: fork)
      ).signed(by: Materials.signer())
      // The old tree is perfect, so its root goes before the proof.
      let proof =
        [MerkleTree.root(of: fork.prefix(4))]
        + (MerkleTree.consistencyProof(from: 4, in: fork) ?? [])
      return [
        try Equivocation(smaller: Materials.note(9), bigger: signed, proof: []).bytes,
        try Equivocation(smaller: Materials.note(4), bigger: signed, proof: proof).bytes,
      ]
    } rewrite: { bytes in
      let evidence = try Equivocation(bytes)
      if let finding = try? evidence.verify(logKey: Materials.signer().verifierKey) {
        mustHold { finding.prefixRoot != finding.smaller.root }
      }
      return evidence.bytes
    },
  ]
}
