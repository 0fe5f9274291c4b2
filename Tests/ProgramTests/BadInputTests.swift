// SPDX-License-Identifier: Apache-2.0

import Foundation
import StrictJSON
import TestSupport
import Testing

/// Every file that a program reads, spoiled in every way: one line that names the file, a status
/// that is not 0, nothing written, little memory, no trap.
@Suite struct BadInputTests {
  /// A program with one file that will be bad.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let program: String
    /// `{}` is the bad file; `{out}` a name in an empty folder.
    let arguments: [String]
    let good: [UInt8]
    var isSecret = false
    var testDescription: String { name }
  }

  /// A way of spoiling a file.
  struct Spoiling: Sendable {
    let name: String
    /// Nil where the way does not apply; the file is missing when the result is empty and `removes`.
    let apply: @Sendable ([UInt8]) -> [UInt8]?
    var removes = false
  }

  // adversary: G-09
  // adversary: B-06
  // adversary: B-07
  static let general: [Spoiling] = [
    Spoiling(name: "missing", apply: { _ in [] }, removes: true),
    Spoiling(name: "empty") { _ in [] },
    Spoiling(name: "half of it") { Array($0.prefix($0.count / 2)) },
    Spoiling(name: "the last byte cut") { Array($0.dropLast(2)) },
    Spoiling(name: "trailing bytes") { $0 + Array("x".utf8) },
    Spoiling(name: "not UTF-8") { [0xFF, 0xFE] + $0 },
    Spoiling(name: "random bytes") { _ in
      var generator = SeededGenerator(seed: 5)
      return generator.bytes(4096)
    },
    Spoiling(name: "300 MB") { _ in [UInt8](repeating: 0x20, count: 300 << 20) },
  ]

  static let json: [Spoiling] = [
    Spoiling(name: "byte order mark") { [0xEF, 0xBB, 0xBF] + $0 },
    Spoiling(name: "another root") { _ in Array("17".utf8) },
    Spoiling(name: "null") { _ in Array("null".utf8) },
    Spoiling(name: "a duplicated member") { duplicatingFirstMember($0) },
    Spoiling(name: "an unknown member") { addingMember($0) },
    Spoiling(name: "a number of 10 MB") { bytes in
      replacingFirstValue(bytes, with: [UInt8](repeating: 0x39, count: 10 << 20))
    },
    Spoiling(name: "a string of 10 MB") { bytes in
      replacingFirstValue(bytes, with: [0x22] + [UInt8](repeating: 0x41, count: 10 << 20) + [0x22])
    },
    Spoiling(name: "nesting of 10000") { bytes in
      replacingFirstValue(
        bytes,
        with: [UInt8](repeating: 0x5B, count: 10_000) + [UInt8](repeating: 0x5D, count: 10_000))
    },
    Spoiling(name: "a value of another type") {
      replacingFirstValue($0, with: Array("[true]".utf8))
    },
  ]

  /// `{` … → `{"name": value, ` … with the first member twice.
  static func duplicatingFirstMember(_ bytes: [UInt8]) -> [UInt8]? {
    guard let (start, end) = firstMember(bytes) else { return nil }
    return Array(bytes[..<end]) + [0x2C] + Array(bytes[start..<end]) + Array(bytes[end...])
  }

  static func addingMember(_ bytes: [UInt8]) -> [UInt8]? {
    guard let (start, _) = firstMember(bytes) else { return nil }
    return Array(bytes[..<start]) + Array("\"unheardOf\": 1, ".utf8) + Array(bytes[start...])
  }

  static func replacingFirstValue(_ bytes: [UInt8], with value: [UInt8]) -> [UInt8]? {
    guard let (start, end) = firstMember(bytes),
      let colon = bytes[start..<end].firstIndex(of: 0x3A)
    else { return nil }
    return Array(bytes[...colon]) + value + Array(bytes[end...])
  }

  /// Where the first member of the first object stands: from its name to the end of its value.
  static func firstMember(_ bytes: [UInt8]) -> (Int, Int)? {
    guard let brace = bytes.firstIndex(of: 0x7B),
      let start = bytes[brace...].firstIndex(of: 0x22)
    else { return nil }
    var depth = 0
    var isText = false
    var position = start
    while position < bytes.count {
      let byte = bytes[position]
      if isText {
        if byte == 0x5C { position += 1 } else if byte == 0x22 { isText = false }
      } else if byte == 0x22 {
        isText = true
      } else if byte == 0x7B || byte == 0x5B {
        depth += 1
      } else if (byte == 0x2C || byte == 0x7D) && depth == 0 {
        return (start, position)
      } else if byte == 0x7D || byte == 0x5D {
        depth -= 1
      }
      position += 1
    }
    return nil
  }

  static func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  /// All programs' input files that are JSON.
  static func jsonCases() async throws -> [Case] {
    let opened = try await VotingRecord.open()
    let work = opened.demo.work
    let definition = Shared.repository.appendingPathComponent("Ceremonies/demo-county.json").path
    func initialising(_ bad: String) -> Case {
      var arguments = [
        "init", "--name", "x", "--threshold", "1", "--output", "{out}", "--secret",
        "\(work)/secrets/commission", "--passphrase-file", "\(work)/secrets/commission.passphrase",
      ]
      var good = ""
      for (option, file) in [
        ("--manifest", "manifest.json"), ("--ballot-box", "box.json"),
        ("--trustee", "trustee-1.json"), ("--voters", "voters.json"),
      ] {
        arguments += [option, option == bad ? "{}" : "\(work)/\(file)"]
        if option == bad { good = "\(work)/\(file)" }
      }
      return Case(
        name: "election init \(bad)", program: "election", arguments: arguments,
        good: (try? bytes(good)) ?? [])
    }
    let wallet = try freshWallet(opened)
    func voting(_ bad: String) throws -> Case {
      let choices = "\(work)/ballots/choices-8.json"
      return Case(
        name: "voter vote \(bad)", program: "voter",
        arguments: [
          "vote", "--record", opened.record, "--wallet", bad == "--wallet" ? "{}" : "{wallet}",
          "--choices", bad == "--choices" ? "{}" : choices, "--output", "{out}",
        ],
        good: bad == "--wallet" ? wallet : try bytes(choices), isSecret: bad == "--wallet")
    }
    return [
      Case(
        name: "election import", program: "election",
        arguments: ["import", "--from", "nist-1500-20", "{}", "--output", "{out}"],
        good: try bytes(definition)),
      initialising("--manifest"), initialising("--ballot-box"), initialising("--trustee"),
      initialising("--voters"), try voting("--wallet"), try voting("--choices"),
    ]
  }

  /// A voter's wallet as it was before the vote.
  static func freshWallet(_ opened: VotingRecord, voter: Int = 8) throws -> [UInt8] {
    let wallet = try JSONReader(
      JSONValue(parsing: bytes("\(opened.demo.work)/secrets/voter-\(voter)")))
    let seed = try wallet.openFields()["seed"].string()
    return JSONValue.object([
      JSONMember(name: "version", value: 1), JSONMember(name: "seed", value: .string(seed)),
      JSONMember(name: "ballots", value: .array([])),
    ]).prettyBytes()
  }

  /// Input files in the formats of this project.
  static func binaryCases() async throws -> [Case] {
    let opened = try await VotingRecord.open()
    let secrets = "\(opened.demo.work)/secrets"
    return [
      Case(
        name: "ballot-box accept", program: "ballot-box",
        arguments: ["accept", "--keys", opened.box, "--record", "{out}", "{}"],
        good: try bytes(opened.entry("configuration"))),
      Case(
        name: "ballot-box accept --keys", program: "ballot-box",
        arguments: [
          "accept", "--keys", "{}", "--record", "{out}", opened.entry("configuration"),
        ], good: try bytes(opened.box), isSecret: true),
      Case(
        name: "trustee --secret", program: "trustee",
        arguments: [
          "generate", "--record", opened.record, "--secret", "{}", "--passphrase-file",
          "\(secrets)/trustee-1.passphrase", "--output", "{out}",
        ], good: try bytes("\(secrets)/trustee-1"), isSecret: true),
      Case(
        name: "election --secret", program: "election",
        arguments: [
          "close", "--record", opened.record, "--secret", "{}", "--passphrase-file",
          "\(secrets)/commission.passphrase", "--output", "{out}",
        ], good: try bytes("\(secrets)/commission"), isSecret: true),
    ]
  }

  @Test func json() async throws {
    var worst = (milliseconds: 0, megabytes: 0)
    for item in try await Self.jsonCases() {
      for spoiling in Self.general + Self.json {
        try await expectRefusal(item, spoiling, &worst)
      }
    }
    print("bad JSON: at most \(worst.milliseconds) ms and \(worst.megabytes) MB")
  }

  @Test func binary() async throws {
    var worst = (milliseconds: 0, megabytes: 0)
    for item in try await Self.binaryCases() {
      for spoiling in Self.general { try await expectRefusal(item, spoiling, &worst) }
    }
    print("bad files: at most \(worst.milliseconds) ms and \(worst.megabytes) MB")
  }

  private func expectRefusal(
    _ item: Case, _ spoiling: Spoiling, _ worst: inout (milliseconds: Int, megabytes: Int)
  ) async throws {
    guard let bytes = spoiling.apply(item.good), bytes != item.good else { return }
    // Of a definition in a foreign format, what is not represented is warned about.
    if item.program == "election", item.arguments[0] == "import",
      spoiling.name == "an unknown member"
    {
      return
    }
    let input = try TemporaryFolder("input")
    let output = try TemporaryFolder("output")
    let path = input / "bad-file"
    if !spoiling.removes {
      _ = try input.write(bytes, to: "bad-file", permissions: item.isSecret ? 0o600 : 0o644)
    }
    let wallet = try input.write(
      Self.freshWallet(try await VotingRecord.open()), to: "wallet", permissions: 0o600)
    let arguments = item.arguments.map {
      switch $0 {
      case "{}": path
      case "{out}": output / "made"
      case "{wallet}": wallet
      default: $0
      }
    }
    let run = try ProgramRun.run(item.program, arguments)
    worst = (max(worst.milliseconds, run.milliseconds), max(worst.megabytes, run.megabytes))
    let what = "\(item.name), \(spoiling.name): status \(run.status), \(run.errors.prefix(400))"
    #expect((1...5).contains(run.status), "\(what)")
    #expect(!spoiling.removes || run.status == 3, "\(what)")
    #expect(run.errorLines.count == 1, "\(what)")
    let line = run.errorLines.first ?? ""
    #expect(line.hasPrefix("error: ") && line.contains("bad-file"), "\(what)")
    #expect(line.utf8.count < 1000, "\(what)")
    #expect(try output.names().isEmpty, "\(what)")
    #expect(run.megabytes < 200, "\(what): \(run.megabytes) MB")
    // A generous bound: the machine may be busy. The measured times are well below a second.
    #expect(run.milliseconds < 20_000, "\(what): \(run.milliseconds) ms")
  }
}
