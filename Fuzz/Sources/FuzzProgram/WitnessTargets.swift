// SPDX-License-Identifier: Apache-2.0

import Ledger

extension FuzzTarget {
  /// What logs, witnesses and those who trust them exchange.
  static let witnessing = [
    FuzzTarget("witness-request") {
      let proof = MerkleTree.consistencyProof(from: 5, in: Materials.leaves) ?? []
      return [
        try AddCheckpointRequest(oldSize: 0, proof: [], note: Materials.note(5)).bytes,
        try AddCheckpointRequest(
          oldSize: 5, proof: proof, note: Materials.note(9, cosigners: 1)
        ).bytes,
      ]
    } rewrite: { bytes in
      let request = try AddCheckpointRequest(bytes)
      let rules = WitnessRules(logKeys: [try Materials.signer().verifierKey])
      for stored in [nil, try Materials.checkpoint(5)] {
        switch rules.decide(request, stored: stored) {
        case .cosign(let checkpoint, let note):
          // Nothing but what the log signed, and nothing smaller than before.
          mustHold { checkpoint == (try Materials.checkpoint(Int(checkpoint.size))) }
          mustHold { checkpoint.size >= stored?.size ?? 0 }
          mustHold { note.signatures.count == 1 }
        case .refuse(let refusal):
          mustHold { [400, 403, 404, 409, 422].contains(refusal.status) }
        }
      }
      return request.bytes
    },
    // The first byte chooses the status, the second the media type.
    FuzzTarget("witness-answer") {
      let lines = try SignedNote(Materials.note(9, cosigners: 2)).signatures.map(\.line).joined()
      return [[0, 0] + utf8(lines), [1, 1] + utf8("5\n"), [2, 0] + utf8("no")]
    } rewrite: { bytes in
      let status = [200, 409, 422][Int(bytes.first ?? 0) % 3]
      let type = (bytes.dropFirst().first ?? 0) & 1 == 1 ? WitnessAnswer.sizeContentType : nil
      let body = [UInt8](bytes.dropFirst(2))
      switch try WitnessAnswer(status: status, contentType: type, body: body) {
      case .cosignatures(let lines):
        return bytes.prefix(2) + utf8(lines.map(\.line).joined())
      case .conflict(let size):
        return bytes.prefix(2) + utf8("\(size)\n")
      case .refused(_, let reason):
        mustHold { reason.utf8.count <= 200 }
        mustHold { reason.utf8.allSatisfy { (0x20...0x7E).contains($0) } }
        return bytes
      }
    },
    FuzzTarget("policy") {
      [utf8(try Materials.policy()), WitnessPolicy.none.bytes]
    } rewrite: { bytes in
      let policy = try WitnessPolicy(bytes)
      let all = policy.witnesses.map(\.key)
      mustHold { policy.isSatisfied(by: Set(all)) }
      mustHold { policy.isSatisfied(by: []) == policy.isTrivial }
      // One more witness never makes a quorum less.
      var satisfied = false
      var some: Set<CosignerKey> = []
      for key in all {
        some.insert(key)
        let isSatisfied = policy.isSatisfied(by: some)
        mustHold { isSatisfied || !satisfied }
        satisfied = isSatisfied
      }
      return policy.bytes
    },
  ]
}
