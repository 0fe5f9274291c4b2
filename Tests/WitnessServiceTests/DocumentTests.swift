// SPDX-License-Identifier: Apache-2.0

import Foundation
import Ledger
import Service
import StrictJSON
import TestSupport
import Testing
import WitnessService

/// What the pages and examples say, against what the program does.
@Suite struct DocumentTests {
  /// Every status of `Specs/openapi/witness.yaml`, as the server answers it.
  @Test func answersAreDocumented() async throws {
    let log = TestLog(9)
    let busy = TestLog(9, seed: 3, origin: "busy.example")
    var lines: [JSONValue] = []
    lines += try await TestWitness.run(
      logs: [log.key, busy.key], rate: LogRate(perMinute: 1, burst: 1)
    ) { witness in
      try await Self.answers(of: witness, log)
    }
    lines += try await TestWitness.run(store: BrokenStore()) { witness in
      let added = try await witness.http.add(log.request(0, 3))
      let latest = try await witness.http.latest(TestLog.origin)
      let ready = try await witness.http.send("GET", "/readyz", nil)
      return [
        Self.line("POST", "/add-checkpoint", added),
        Self.line("GET", "/{log}/checkpoint", latest), Self.line("GET", "/readyz", ready),
      ]
    }
    let folder = try TemporaryFolder()
    let text: [UInt8] = lines.reduce(into: []) { $0 += $1.canonicalBytes() + [0x0A] }
    try folder.write(text, "answers")
    let documented = try Self.check(["--answers", "\(folder.path)/answers"])
    var seen: [String: Set<Int>] = [:]
    for line in lines {
      let fields = try JSONReader(line).openFields()
      let route = try "\(fields["method"].string()) \(fields["route"].string())"
      seen[route, default: []].insert(try fields["status"].integer(100...599))
    }
    for (route, reader) in try JSONReader(documented).openFields().all {
      let statuses = Set(try reader.array().map { try $0.integer(100...599) })
      #expect(seen[route] == statuses, "\(route)")
    }
  }

  // See `TestLog.request`.
  @inline(never)
  private static func bodies(_ log: TestLog) throws -> [[UInt8]] {
    [
      try log.request(0, 3), try log.request(0, 3), try log.request(3, 3), [0],
      try TestLog(9, origin: "unknown.example").request(0, 3),
      try TestLog(9, seed: 2).request(0, 3),
      try AddCheckpointRequest(oldSize: 3, proof: [], note: log.note(9)).bytes,
      [UInt8](repeating: 0, count: AddCheckpointRequest.maximumByteCount + 1),
    ]
  }

  /// What a witness answers to every kind of request.
  private static func answers(
    of witness: TestWitness, _ log: TestLog
  ) async throws -> [JSONValue] {
    let latest = "/{log}/checkpoint"
    var lines: [JSONValue] = []
    for origin in [TestLog.origin, "unknown.example"] {
      let answer = try await witness.http.latest(origin)
      lines.append(line("GET", latest, answer))
    }
    let bodies = try bodies(log)
    for body in bodies {
      let answer = try await witness.http.add(body)
      lines.append(line("POST", "/add-checkpoint", answer))
    }
    let last = try await witness.http.latest(TestLog.origin)
    lines.append(line("GET", latest, last))
    for path in ["/healthz", "/readyz", "/metrics"] {
      let answer = try await witness.http.send("GET", path, nil)
      lines.append(line("GET", path, answer))
    }
    return lines
  }

  private static func line(_ method: String, _ route: String, _ answer: HTTP.Answer) -> JSONValue {
    [
      "method": .string(method), "route": .string(route), "status": .integer(Int64(answer.status)),
      "type": .string(answer.type), "body": .string(answer.text),
      "headers": .object(
        answer.headers.map { JSONMember(name: $0.key, value: .string($0.value)) }),
    ]
  }

  private static func check(_ arguments: [String]) throws -> JSONValue {
    let run = try ToolRun(
      "/usr/bin/python3",
      ["-W", "ignore", "Tests/Scripts/openapi.py", "Specs/openapi/witness.yaml"] + arguments,
      in: Shared.repository)
    try #require(run.status == 0, "\(run.errors)")
    return try JSONValue(parsing: Array(run.output.utf8))
  }

  /// The example of a configuration is one.
  @Test func theExampleIsRead() throws {
    let path = Shared.repository
      .appendingPathComponent("Ceremonies/operations/witness.example.json").path
    let file = try ConfigurationFile(path: path, keys: WitnessConfiguration.keys)
    let configuration = try WitnessConfiguration(
      try Settings(keys: WitnessConfiguration.keys, file: file))
    #expect(configuration.origins == ["box.example.org/2026/council"])
    #expect(configuration.memory == "/var/lib/urna-witness-memory/witness.memory")
    #expect(configuration.service.port == 8081)
  }

  /// `Specs/service.md` names every key with its range and default.
  @Test func everyKeyIsOnThePage() throws {
    let page = try String(
      contentsOf: Shared.repository.appendingPathComponent("Specs/service.md"), encoding: .utf8)
    for key in WitnessConfiguration.keys {
      let row = page.split(separator: "\n").first { $0.hasPrefix("| `\(key.name)` |") }
      let text = try #require(row, "\(key.name) is not in a table")
      if case .integer(let range) = key.kind {
        let range = "\(range.lowerBound) to \(range.upperBound)"
        #expect(text.contains(range), "\(key.name): \(range)")
      }
    }
    for (name, value) in Self.defaults {
      #expect(
        page.contains("| `limits.\(name)` | \(value) |"), "the default of \(name) is \(value)")
    }
  }

  private static var defaults: [(String, Int)] {
    let limits = ServiceLimits()
    return [
      ("bodyBytes", limits.bodyBytes), ("headBytes", limits.headBytes),
      ("headFields", limits.headFields), ("headerSeconds", limits.headerSeconds),
      ("bodySeconds", limits.bodySeconds), ("bytesPerSecond", limits.bytesPerSecond),
      ("idleSeconds", limits.idleSeconds), ("writeSeconds", limits.writeSeconds),
      ("connections", limits.connections), ("requests", limits.requests),
      ("shutdownSeconds", limits.shutdownSeconds),
    ]
  }
}

private struct BrokenStore: WitnessStore {
  func latest(origin: String) async throws(StoreError) -> [UInt8]? { throw .failed("disk") }
  func replace(origin: String, old: [UInt8]?, new: [UInt8]) async throws(StoreError) {
    throw .failed("disk")
  }
}
