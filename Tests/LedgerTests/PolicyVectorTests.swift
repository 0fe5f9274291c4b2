// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import TestSupport
import Testing

/// Policies that are in use. Sigsum writes bare keys in hexadecimal where c2sp.org/tlog-policy has
/// vkeys; the rest of the syntax is the same.
@Suite(.needsShared) struct PolicyVectorTests {
  struct Converted {
    var text = ""
    var keys: [String: CosignerKey] = [:]
    var logKeys: [NoteVerifierKey] = []
  }

  /// Replaces the keys. A log's name is made of its URL, a witness's is the policy's.
  private static func converted(_ name: String) throws -> Converted {
    let bytes = try Shared.bytes("vectors/tlog/sigsum-policy/sigsum-\(name).builtin-policy")
    var result = Converted()
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      var items = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map { String($0) }
      switch items.first {
      case "log":
        let key = try #require(Ed25519.PublicKey(hex: items[1].uppercased()))
        result.logKeys.append(
          try NoteVerifierKey(name: String(items[2].dropFirst(8)), publicKey: key))
        items[1] = try #require(result.logKeys.last).vkey
      case "witness":
        let key = try CosignerKey(
          name: items[1], publicKey: #require(Ed25519.PublicKey(hex: items[2].uppercased())))
        result.keys[items[1]] = key
        items[2] = key.vkey
      default: break
      }
      result.text += (line.hasPrefix("#") ? String(line) : items.joined(separator: " ")) + "\n"
    }
    return result
  }

  /// Each policy, and each subset of its witnesses, beside the rule that its comments state.
  @Test func everySubsetOfWitnesses() throws {
    let poc = ["poc.sigsum.org/nisse", "rgdd.se/poc-witness", "witness1.smartit.nu/witness1"]
    let rules: [(name: String, logs: Int, witnesses: Int, rule: (Set<String>) -> Bool)] = [
      ("generic-2025-1", 2, 3, { $0.count >= 2 }),
      ("test1-2025", 1, 3, { $0.count >= 2 }),
      // 4 of 5 and 4 of 6, of which one is a group of three that needs two.
      (
        "test2-2025", 1, 7,
        { $0.subtracting(poc).count + ($0.intersection(poc).count >= 2 ? 1 : 0) >= 4 }
      ),
      (
        "test-2025-3", 2, 8,
        { $0.subtracting(poc).count + ($0.intersection(poc).count >= 2 ? 1 : 0) >= 4 }
      ),
    ]
    for (name, logs, witnesses, rule) in rules {
      let converted = try Self.converted(name)
      let policy = try WitnessPolicy(utf8(converted.text))
      #expect(policy.logs.map(\.key) == converted.logKeys)
      #expect(policy.logs.count == logs)
      #expect(policy.logs.allSatisfy { $0.url?.hasPrefix("https://") == true })
      #expect(policy.witnesses.count == witnesses)
      let names = policy.witnesses.map(\.name)
      var satisfied = 0
      for subset in 0..<(1 << witnesses) {
        let chosen = Set(names.indices.filter { subset >> $0 & 1 == 1 }.map { names[$0] })
        let keys = Set(try chosen.map { try #require(converted.keys[$0]) })
        let isSatisfied = policy.isSatisfied(by: keys)
        #expect(isSatisfied == rule(chosen), "\(name): \(chosen.sorted())")
        satisfied += isSatisfied ? 1 : 0
      }
      #expect(satisfied > 0 && satisfied < 1 << witnesses)
    }
  }

  /// As they are, the files are no policies of C2SP.
  @Test func hexadecimalKeysAreNoVkeys() throws {
    let bytes = try Shared.bytes("vectors/tlog/sigsum-policy/sigsum-test1-2025.builtin-policy")
    let error = #expect(throws: LedgerError.self) { try WitnessPolicy(bytes) }
    #expect(error?.place == "policy, line 3")
  }
}
