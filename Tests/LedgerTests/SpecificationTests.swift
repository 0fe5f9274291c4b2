// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import Ledger
import TestSupport
import Testing

/// `Specs/ledger.md` shows what the code reads, and one thing fits the other.
@Suite struct SpecificationTests {
  /// The indented blocks of the page, in order.
  private static func blocks() throws -> [String] {
    let url = Shared.repository.appendingPathComponent("Specs/ledger.md")
    let text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
    var blocks: [String] = []
    var block = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("    ") {
        block += line.dropFirst(4) + "\n"
      } else if line.isEmpty, !block.isEmpty {
        block += "\n"
      } else {
        if !block.isEmpty { blocks.append(block) }
        block = ""
      }
    }
    // Empty lines behind a block are the page's.
    return blocks.map { block in
      String(block.reversed().drop { $0 == "\n" }.reversed()) + "\n"
    }
  }

  private static func block(_ start: String) throws -> [UInt8] {
    let found = try blocks().filter { $0.hasPrefix(start) && !$0.contains("<") }
    #expect(found.count == 1, "\(start)")
    return utf8(try #require(found.first))
  }

  @Test func theExampleHolds() throws {
    let policy = try WitnessPolicy(Self.block("# Both"))
    let logKey = try #require(policy.logs.first).key
    let university = try #require(policy.witnesses.first).key
    let leaves = numberedLeaves(9)

    let request = try AddCheckpointRequest(Self.block("old 5"))
    let stored = try Checkpoint(
      origin: logKey.name, size: 5, root: MerkleTree.root(of: leaves.prefix(5)))
    guard
      case .cosign(let checkpoint, let note) = WitnessRules(logKeys: [logKey]).decide(
        request, stored: stored)
    else {
      Issue.record("the witness refuses")
      return
    }
    #expect(checkpoint.root == MerkleTree.root(of: leaves))

    let answer = try SignedNote.signatures(Self.block("\u{2014} university"))
    let cosigned = try note.adding(answer, of: university)
    let time = try #require(try cosigned.cosignature(of: university)).time
    // What the page says is signed.
    let message = try Self.block("cosignature/v1")
    #expect(message == utf8("cosignature/v1\ntime \(time)\n\(note.text)"))
    #expect(
      university.publicKey.isValid(
        signature: [UInt8](try #require(answer.first).signature.dropFirst(8)), for: message))

    let receipt = try InclusionReceipt(Self.block("c2sp.org/tlog-proof@v1"))
    let witnessed = try receipt.verify(
      leafHash: MerkleTree.leafHash(utf8("3")), logKey: logKey, policy: policy)
    #expect(witnessed.cosignatures.count == 2)
    #expect(receipt.checkpoint.starts(with: cosigned.bytes))

    let evidence = try Equivocation(Self.block("urna/evidence/v1"))
    let finding = try evidence.verify(logKey: logKey)
    #expect(finding.smaller == stored)
    #expect(finding.bigger.size == 9)
  }

  @Test func pathsAndLimits() throws {
    let url = Shared.repository.appendingPathComponent("Specs/ledger.md")
    let page = String(decoding: try Data(contentsOf: url), as: UTF8.self)
    #expect(page.contains("`\(Checkpoint.monitoringPath(origin: "box.urna.example/election"))`"))
    func grouped(_ number: Int) -> String { "\(number / 1000),\(number % 1000) bytes" }
    for limit in [
      AddCheckpointRequest.maximumByteCount, InclusionReceipt.maximumByteCount,
      Equivocation.maximumByteCount, WitnessPolicy.maximumByteCount, SignedNote.maximumByteCount,
    ] {
      #expect(page.contains(grouped(limit)), "\(limit)")
    }
  }
}
