// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import TestSupport
import Testing

/// A witness that cosigns what it should not, or answers what the log misreads, makes a fork invisible.
@Suite struct WitnessTests {
  private static let origin = "example.com/log"
  private let leaves = numberedLeaves(40)

  private func checkpoint(_ size: Int, origin: String = origin) throws -> Checkpoint {
    try Checkpoint(
      origin: origin, size: UInt64(size), root: MerkleTree.root(of: leaves.prefix(size)))
  }

  private func note(_ size: Int) throws -> [UInt8] {
    try checkpoint(size).signed(by: testSigner(Self.origin, seed: 1))
  }

  private func proof(_ old: Int, _ new: Int) throws -> [Digest] {
    if old == 0 { return [] }
    return try #require(
      MerkleTree.consistencyProof(from: old, in: [Digest](leaves.prefix(new))))
  }

  private func rules() throws -> WitnessRules {
    WitnessRules(logKeys: [
      try testSigner(Self.origin, seed: 1).verifierKey,
      try testSigner(Self.origin, seed: 4).verifierKey,
      try testSigner("other.example/log", seed: 5).verifierKey,
    ])
  }

  private func status(
    old: UInt64, _ proof: [Digest], _ note: [UInt8], stored: Checkpoint?
  ) throws -> Int {
    let request = try AddCheckpointRequest(oldSize: old, proof: proof, note: note)
    switch try rules().decide(request, stored: stored) {
    case .cosign: return 200
    case .refuse(let refusal): return refusal.status
    }
  }

  /// Sizes 0 to 9, each stored, each asked from and to: 200 for the right step from the stored size
  /// alone.
  @Test func everyStepBetweenSmallTrees() throws {
    for stored in 0...9 {
      for old in 0...9 {
        for new in 0...9 {
          let proof = old <= new ? try self.proof(old, new) : []
          let expected = old > new ? 400 : old != stored ? 409 : 200
          #expect(
            try status(
              old: UInt64(old), proof, note(new), stored: checkpoint(stored)) == expected,
            "stored \(stored), old \(old), new \(new)")
        }
      }
    }
    #expect(try status(old: 0, [], note(7), stored: nil) == 200)
    #expect(try status(old: 0, [], note(0), stored: nil) == 200)
    #expect(try status(old: 3, proof(3, 7), note(7), stored: nil) == 409)
  }

  // adversary: L-03
  @Test func forksAndWrongProofsAreNotCosigned() throws {
    let signer = try testSigner(Self.origin, seed: 1)
    let other = numberedLeaves(12).map { MerkleTree.leafHash($0.bytes) }
    let fork = try Checkpoint(origin: Self.origin, size: 7, root: MerkleTree.root(of: other[..<7]))
      .signed(by: signer)
    let stored = try checkpoint(7)
    #expect(try status(old: 7, [], fork, stored: stored) == 422)
    let forked = try Checkpoint(origin: Self.origin, size: 12, root: MerkleTree.root(of: other))
      .signed(by: signer)
    let forkedProof = try #require(MerkleTree.consistencyProof(from: 7, in: other))
    #expect(try status(old: 7, forkedProof, forked, stored: stored) == 422)
    let right = try proof(7, 12)
    #expect(try status(old: 7, right, note(12), stored: stored) == 200)
    #expect(try status(old: 7, [], note(12), stored: stored) == 422)
    #expect(try status(old: 7, right + [leaves[0]], note(12), stored: stored) == 422)
    #expect(try status(old: 7, [Digest](right.dropLast()), note(12), stored: stored) == 422)
    #expect(try status(old: 7, right.reversed(), note(12), stored: stored) == 422)
    #expect(try status(old: 7, [leaves[0]], note(7), stored: stored) == 422)
    #expect(try status(old: 0, [leaves[0]], note(7), stored: nil) == 422)
    #expect(try status(old: 0, [leaves[0]], note(0), stored: nil) == 422)
    // A tree without leaves and with a root: well-formed lines, and a status of its own.
    let hollow = try signer.sign(
      text: "\(Self.origin)\n0\n\(Base64.encode(leaves[0].bytes))\n"
    ).bytes
    #expect(try status(old: 0, [], hollow, stored: nil) == 422)
    #expect(try status(old: 0, [], hollow, stored: checkpoint(0)) == 422)
    #expect(try status(old: 0, [], hollow, stored: stored) == 409)
  }

  @Test func onlyKnownLogsAndTheirKeys() throws {
    let stranger = try testSigner(Self.origin, seed: 2)
    let unknown = try checkpoint(7, origin: "unknown.example").signed(
      by: testSigner("unknown.example", seed: 1))
    #expect(try status(old: 0, [], unknown, stored: nil) == 404)
    // Before a size is told: a stranger learns nothing of what is stored.
    #expect(try status(old: 3, [], unknown, stored: nil) == 404)
    let unsigned = try checkpoint(7).signed(by: stranger)
    #expect(try status(old: 0, [], unsigned, stored: nil) == 403)
    #expect(try status(old: 3, [], unsigned, stored: checkpoint(5)) == 403)
    // The key of one log does not sign for another.
    let crossed = try testSigner("other.example/log", seed: 5).sign(text: checkpoint(7).text)
    #expect(try status(old: 0, [], crossed.bytes, stored: nil) == 403)
    // A second key of the log is enough; a known key's wrong line beside a right one is not.
    let second = try checkpoint(7).signed(by: testSigner(Self.origin, seed: 4))
    #expect(try status(old: 0, [], second, stored: nil) == 200)
    let wrong = try SignedNote(note(8)).signatures
    let spoiled = try SignedNote(second).adding(wrong)
    #expect(try status(old: 0, [], spoiled.bytes, stored: nil) == 403)
    // Lines that nobody could have signed.
    for tail in ["x\n", "\u{2014} a b\n", String(repeating: wrong[0].line, count: 64)] {
      let request = try AddCheckpointRequest(utf8("old 0\n\n") + note(7) + utf8(tail))
      guard case .refuse(let refusal) = try rules().decide(request, stored: nil) else {
        Issue.record("cosigned")
        continue
      }
      #expect(refusal.status == 403)
      #expect(throws: LedgerError.self) {
        try AddCheckpointRequest(oldSize: 0, proof: [], note: note(7) + utf8(tail))
      }
    }
    #expect(try status(old: 0, [], note(7), stored: checkpoint(7, origin: "x")) == 500)
  }

  @Test func onlyCheckedSignaturesAreKept() throws {
    let stranger = try testSigner("stranger.example", seed: 2).sign(text: checkpoint(7).text)
    let second = try SignedNote(checkpoint(7).signed(by: testSigner(Self.origin, seed: 4)))
    let first = try SignedNote(note(7))
    let twice = utf8(first.signatures[0].line)
    let note = try SignedNote(first.adding(stranger.signatures + second.signatures).bytes + twice)
    #expect(note.signatures.count == 4)
    let request = try AddCheckpointRequest(oldSize: 0, proof: [], note: note.bytes)
    guard case .cosign(let checkpoint, let kept) = try rules().decide(request, stored: nil) else {
      Issue.record("refused")
      return
    }
    #expect(checkpoint == (try self.checkpoint(7)))
    #expect(kept.signatures == first.signatures + second.signatures)
    #expect(kept.text == note.text)
    // What is then stored is served, and checked, as a cosigned checkpoint.
    let cosigner = try testCosigner("w.example", seed: 9)
    let stored = try kept.adding([cosigner.cosign(checkpoint: kept.text, time: 5)])
    #expect(try stored.cosignature(of: cosigner.verifierKey)?.time == 5)
    #expect(try Checkpoint.verified(stored.bytes, cosigner: cosigner.verifierKey) == checkpoint)
    #expect(throws: LedgerError.self) {
      try Checkpoint.verified(kept.bytes, cosigner: cosigner.verifierKey)
    }
    let moved = utf8(stored.text.replacing("\n7\n", with: "\n8\n"))
    let altered = moved + stored.bytes.dropFirst(moved.count)
    #expect(try SignedNote(altered).text.contains("\n8\n"))
    #expect(throws: LedgerError.self) {
      try Checkpoint.verified(altered, cosigner: cosigner.verifierKey)
    }
  }

  @Test func conflictsTellTheStoredSize() throws {
    let request = try AddCheckpointRequest(oldSize: 0, proof: [], note: note(7))
    #expect(
      try rules().decide(request, stored: checkpoint(5))
        == .refuse(.conflict(storedSize: 5)))
    let refusal = WitnessRefusal.conflict(storedSize: 5)
    #expect(refusal.body == utf8("5\n"))
    #expect(refusal.contentType == "text/x.tlog.size")
    #expect(
      try WitnessAnswer(
        status: refusal.status, contentType: refusal.contentType, body: refusal.body)
        == .conflict(size: 5))
  }

  @Test func requestsAreStrict() throws {
    let note = try note(12)
    let request = try AddCheckpointRequest(oldSize: 7, proof: proof(7, 12), note: note)
    let bytes = request.bytes
    #expect(try AddCheckpointRequest(bytes) == request)
    #expect(request.origin == Self.origin)
    #expect(bytes.starts(with: utf8("old 7\n")))
    let body = String(decoding: note, as: UTF8.self)
    let hash = Base64.encode(leaves[0].bytes)
    let wrong = [
      "", "old 7", "old 7\n", "old 7\n\n", "old 7\n\(body)", "\n\(body)", "old\n\n\(body)",
      "old 07\n\n\(body)", "old +7\n\n\(body)", "old  7\n\n\(body)", "old 7 \n\n\(body)",
      "old 18446744073709551616\n\n\(body)", "Old 7\n\n\(body)", "old 7\r\n\n\(body)",
      "old 7\n\(hash.dropLast())\n\n\(body)", "old 7\n\(hash) \n\n\(body)",
      "old 7\nAAAA\n\n\(body)", "old 7\n\n\n\(body)", " old 7\n\n\(body)",
      "old 7\n\(String(repeating: hash + "\n", count: 64))\n\(body)", "old 7\n\n\(body)x",
      "old 7\n\n\(body)\n", "old 7\n\n\(body.dropLast())",
    ]
    for text in wrong {
      #expect(throws: LedgerError.self, "\(text)") { try AddCheckpointRequest(utf8(text)) }
    }
    let most = utf8("old 7\n\(String(repeating: hash + "\n", count: 63))\n\(body)")
    #expect(try AddCheckpointRequest(most).bytes == most)
    // Extension lines, which no witness can check.
    let extended = try testSigner(Self.origin, seed: 1).sign(text: checkpoint(7).text + "more\n")
    #expect(throws: LedgerError.self) {
      try AddCheckpointRequest(oldSize: 0, proof: [], note: extended.bytes)
    }
    #expect(throws: LedgerError.self) {
      try AddCheckpointRequest(
        oldSize: 0, proof: [Digest](repeating: leaves[0], count: 64), note: note)
    }
    let long = [UInt8](repeating: 0x41, count: AddCheckpointRequest.maximumByteCount + 1)
    #expect(throws: LedgerError.self) { try AddCheckpointRequest(long) }
  }

  /// No bit of a request that is cosigned could be another: size, hashes, text and signature are all
  /// decided on.
  @Test func everyChangedBitIsRefused() throws {
    let request = try AddCheckpointRequest(oldSize: 7, proof: proof(7, 12), note: note(12))
    let rules = try rules()
    let stored = try checkpoint(7)
    guard case .cosign = rules.decide(request, stored: stored) else {
      Issue.record("the request itself is refused")
      return
    }
    let bytes = request.bytes
    for index in bytes.indices {
      for bit: UInt8 in 0..<8 {
        var changed = bytes
        changed[index] ^= 1 << bit
        // A body that is no request is refused before the rules.
        guard let request = try? AddCheckpointRequest(changed) else { continue }
        if case .cosign = rules.decide(request, stored: stored) {
          Issue.record("byte \(index), bit \(bit)")
        }
      }
    }
  }

  @Test func answersAreStrict() throws {
    let line = try testCosigner("w.example", seed: 9).cosign(
      checkpoint: checkpoint(7).text, time: 5)
    #expect(
      try WitnessAnswer(status: 200, contentType: nil, body: utf8(line.line))
        == .cosignatures([line]))
    for body in ["", "\n", "ok\n", String(line.line.dropLast()), line.line + "\n"] {
      #expect(throws: LedgerError.self, "\(body)") {
        try WitnessAnswer(status: 200, contentType: nil, body: utf8(body))
      }
    }
    func conflict(_ type: String?, _ body: String) throws -> WitnessAnswer {
      try WitnessAnswer(status: 409, contentType: type, body: utf8(body))
    }
    let size = WitnessAnswer.sizeContentType
    #expect(try conflict("Text/X.tlog.size; charset=utf-8", "0\n") == .conflict(size: 0))
    #expect(try conflict(size, "9223372036854775807\n") == .conflict(size: 1 << 63 - 1))
    for body in ["", "\n", "7", "07\n", "7\n\n", " 7\n", "-1\n", "9223372036854775808\n"] {
      #expect(throws: LedgerError.self, "\(body)") { try conflict(size, body) }
    }
    // Without the type it is somebody else's conflict: a proxy's, or an old protocol's.
    for type in [nil, "", "text/plain", "text/x.tlog.sizes", ";text/x.tlog.size"] {
      #expect(try conflict(type, "7\n") == .refused(status: 409, reason: "7"))
    }
    #expect(
      try WitnessAnswer(status: 422, contentType: nil, body: utf8("no\u{1B}[2J\u{E9}\nsecond"))
        == .refused(status: 422, reason: "no?[2J??"))
    #expect(
      try WitnessAnswer(status: 503, contentType: nil, body: [])
        == .refused(
          status: 503, reason: ""))
    let long = [UInt8](repeating: 0x41, count: 1000)
    #expect(
      try WitnessAnswer(status: 302, contentType: nil, body: long)
        == .refused(
          status: 302, reason: String(repeating: "A", count: 200)))
  }

  @Test func monitoringPathIsTheHashOfTheOrigin() {
    // echo -n example.com/log | sha256sum
    #expect(
      Checkpoint.monitoringPath(origin: Self.origin)
        == "4d3203c8f35cdf600e475f55fede6081a703d3d322f208865fca2ec4f0e030f8/checkpoint")
  }
}
