// SPDX-License-Identifier: Apache-2.0

import ElectionFixtures
import Foundation
import Glibc
import StrictJSON
import TestSupport
import Testing

/// What operators copy: the example of a configuration, and the unit of systemd.
@Suite(.serialized) struct OperationsTests {
  static let folder = "Ceremonies/operations"
  static let example = Shared.repository.appendingPathComponent(
    "\(folder)/ballot-box.example.json")
  static let unit = Shared.repository.appendingPathComponent("\(folder)/ballot-box.service")

  /// The program's own reader takes the example, and the box runs with it.
  @Test(.hangs) func theExampleOfAConfigurationIsRead() async throws {
    let fixture = try ProcessPlan.fixture(1)
    var plan = try await ProcessPlan(fixture)
    plan.arguments = ["--config", Self.example.path]
    try await ProcessTests.served(plan) { port in
      let answer = try await Call.get("/readyz").send(to: port)
      #expect(answer.status == 200)
    }
    // Its places are the unit's; here they are not there, and that is what is complained about.
    let alone = try await ServeProcess(plan, plan.arguments).end()
    #expect(alone.status != 0 && alone.status != 2, "\(alone.errors)")
    #expect(alone.errors.contains("/etc/urna/box.key"), "\(alone.errors)")
    // A key that is misspelt is told.
    let text = try String(contentsOf: Self.example, encoding: .utf8)
    let wrong = text.replacingOccurrences(of: "\"milliseconds\"", with: "\"millisecond\"")
    #expect(wrong != text)
    try plan.folder.write(Array(wrong.utf8), "wrong.json")
    let refused = try await ServeProcess(
      plan, plan.place + ["--keys", plan.keys, "--config", plan.folder.path + "/wrong.json"]
    ).end()
    #expect(refused.status == 2, "\(refused.errors)")
    #expect(refused.errors.contains("batch.millisecond"), "\(refused.errors)")
  }

  /// The members of the example that name places.
  private static func places() throws -> [String: String] {
    guard case .object(let members) = try JSONValue(parsing: Array(Data(contentsOf: example)))
    else { return [:] }
    var places: [String: String] = [:]
    for member in members {
      if case .string(let text) = member.value { places[member.name] = text }
    }
    return places
  }

  /// The unit runs the program with this configuration, below the folder that the example names, and
  /// takes away what the box does not need.
  @Test func theUnitIsHardened() throws {
    let lines = Set(
      try String(contentsOf: Self.unit, encoding: .utf8).split(separator: "\n").map(String.init))
    for line in [
      "ExecStart=/usr/local/bin/ballot-box serve --config /etc/urna/ballot-box.json",
      "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "LimitCORE=0",
      "User=urna-ballot-box", "Restart=on-failure", "RestartPreventExitStatus=2 3 5",
      "ReadWritePaths=/var/lib/urna-ballot-box", "SystemCallFilter=@system-service",
    ] {
      #expect(lines.contains(line), "\(line)")
    }
    let places = try Self.places()
    for name in ["record", "database"] {
      #expect(places[name]?.hasPrefix("/var/lib/urna-ballot-box/") == true, "\(name)")
    }
    #expect(places["keys"] == "/etc/urna/box.key")
  }

  /// systemd itself finds nothing to complain about, where it is installed.
  @Test func theUnitIsVerified() throws {
    let tool = "/usr/bin/systemd-analyze"
    guard FileManager.default.isExecutableFile(atPath: tool) else {
      print("SKIPPED: no systemd-analyze")
      return
    }
    let folder = try TemporaryFolder()
    let text = try String(contentsOf: Self.unit, encoding: .utf8)
    let path = folder.path + "/ballot-box.service"
    func verify(_ text: String) throws -> (Int32, String) {
      try folder.write(Array(text.utf8), "ballot-box.service")
      let run = try ToolRun(tool, ["verify", path])
      return (run.status, run.text)
    }
    let here = text.replacingOccurrences(
      of: "/usr/local/bin/ballot-box", with: "\(ServeProcess.programs)/ballot-box")
    #expect(here != text)
    let (status, output) = try verify(here)
    #expect(status == 0 && output.isEmpty, "\(output)")
    // It would have found something.
    let (_, complaint) = try verify(
      here.replacingOccurrences(of: "ProtectSystem=strict", with: "ProtectSystem=streng"))
    #expect(complaint.contains("streng"), "\(complaint)")
  }
}
