// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import StrictJSON
import Testing
import TestSupport

/// The whole election by the real programs, each a process of its own.
@Suite struct DemoTests {
  @Test func endsWithTheVerdict() async throws {
    let demo = try await DemoElection.finished()
    #expect(demo.run.output.contains("verdict: passed; all five tampered copies were rejected"))
    #expect(demo.run.output.contains("trustee 4 is named for a wrong share"))
    for refusal in ["BAL-4", "BAL-1", "EG-6.D"] { #expect(demo.run.output.contains(refusal)) }
    #expect(demo.run.errors.isEmpty, "\(demo.run.errors)")
  }

  /// The verifier alone, from a copy of the record: the answer is in JSON and every rule is in it.
  // adversary: V-08
  @Test func verifierRunsFromTheRecordAlone() async throws {
    let demo = try await DemoElection.finished()
    let folder = try TemporaryFolder("copy")
    let run = try ProgramRun.run("verifier", ["record", try demo.copy(to: folder), "--json"])
    #expect(run.status == 0 && run.errors.isEmpty)
    let report = JSONReader(try JSONValue(parsing: Array(run.output.utf8)))
    let fields = try report.fields(["method", "rules", "verdict"])
    #expect(try fields["verdict"].string() == "passed")
    let results = try fields["rules"].array().map { try $0.openFields()["result"].string() }
    #expect(results.count > 70)
    #expect(results.allSatisfy { $0 == "passed" || $0 == "not applicable" })
  }

  /// Every leaf and every payload against its JSON Schema, and mutated ones against it as well.
  @Test func payloadsKeepTheirSchemas() async throws {
    let demo = try await DemoElection.finished()
    for arguments in [[demo.record], ["--self-test", demo.record]] {
      let (status, text) = try ProgramRun.python("Tests/Scripts/validate-record.py", arguments)
      #expect(status == 0, "\(text)")
    }
  }

  @Test func reportKeepsItsSchema() async throws {
    let demo = try await DemoElection.finished()
    let folder = try TemporaryFolder("report")
    let run = try ProgramRun.run("verifier", ["record", demo.record, "--json"])
    let report = try folder.write(run.output, to: "report.json")
    let (status, text) = try ProgramRun.python(
      "Tests/Scripts/validate-record.py", ["--report", report])
    #expect(status == 0, "\(text)")
    let broken = try folder.write(
      run.output.replacingOccurrences(of: "\"verdict\"", with: "\"opinion\""), to: "broken.json")
    #expect(
      try ProgramRun.python("Tests/Scripts/validate-record.py", ["--report", broken]).0 == 1)
  }

  /// No secret is in anything public: not in the record, the entries, or what the programs print.
  // adversary: T-14
  @Test func secretsStaySecret() async throws {
    let demo = try await DemoElection.finished()
    let secrets = "\(demo.work)/secrets"
    var words: [[UInt8]] = []
    for name in try DemoElection.files(below: secrets) {
      let path = "\(secrets)/\(name)"
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600, "\(name)")
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      if name.hasSuffix(".passphrase") {
        words.append(Array(bytes.dropLast()))
      } else if name.hasPrefix("voter-") {
        let wallet = try JSONReader(JSONValue(parsing: bytes)).openFields()
        words.append(Array(try wallet["seed"].string().utf8))
        words.append(try wallet["seed"].hex(bytes: 32))
      } else if name == "box" {
        for range in [12..<44, 44..<76] {
          words.append(Array(bytes[range]))
          words.append(Array(Hex.encode(Array(bytes[range])).utf8))
        }
      }
    }
    #expect(words.count == 26)
    var published: [(String, [UInt8])] = [
      ("output", Array(demo.run.output.utf8)), ("errors", Array(demo.run.errors.utf8)),
    ]
    for folder in [demo.record, "\(demo.work)/entries"] {
      for name in try DemoElection.files(below: folder) {
        let url = URL(fileURLWithPath: "\(folder)/\(name)")
        published.append((name, [UInt8](try Data(contentsOf: url))))
      }
    }
    for (name, bytes) in published {
      let data = Data(bytes)
      for word in words { #expect(data.range(of: Data(word)) == nil, "a secret is in \(name)") }
    }
  }

  /// Ballots of one style have one length, whatever they hold.
  // adversary: G-12
  @Test func lengthsShowNothing() async throws {
    let demo = try await DemoElection.finished()
    var lengths: [String: Set<Int>] = [:]
    for number in 1...8 {
      let wallet = "\(demo.work)/ballots/voter-\(number).json"
      #expect(FileManager.default.fileExists(atPath: wallet))
      let entry = "\(demo.work)/entries/ballot-1-\(number).entry"
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: entry)))
      let style = "\((number - 1) % 4)"
      lengths[style, default: []].insert(bytes.count)
    }
    #expect(lengths.count == 4 && lengths.values.allSatisfy { $0.count == 1 }, "\(lengths)")
  }
}
