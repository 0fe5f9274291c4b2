// SPDX-License-Identifier: Apache-2.0

import Foundation
import StrictJSON
import Synchronization
import Testing

/// The measuring program itself: a run that counts what did not happen, or passes over what failed,
/// would make every figure of it worthless.
@Suite(.serialized) struct LoadTests {
  private static func prepare(_ voters: Int, in folder: TemporaryFolder) throws -> String {
    let path = folder / "prepared"
    let run = try ProgramRun.run(
      "ballot-box", ["load", "prepare", "--voters", "\(voters)", "--output", path])
    try #require(run.status == 0, "\(run.errors)")
    return path
  }

  @Test func everyReceiptOfAQuickElectionHolds() throws {
    let folder = try TemporaryFolder("load")
    let input = try Self.prepare(40, in: folder)
    let cases: [[String]] = [
      ["--profile", "estonia2023", "--rate", "500", "--cast"],
      ["--profile", "saturate", "--clients", "8", "--prepaid", "--connections", "4"],
    ]
    for arguments in cases {
      let run = try ProgramRun.run(
        "ballot-box", ["load", "run", "--input", input, "--json"] + arguments)
      try #require(run.status == 0, "\(arguments): \(run.errors)\(run.output)")
      let fields = try JSONReader(JSONValue(parsing: Array(run.output.utf8))).openFields()
      #expect(try fields["receipts"].integer(0...1000) == 40)
      #expect(try fields["receipt"].openFields()["count"].integer(0...1000) == 40)
      #expect(try fields["failed"].integer(0...1000) == 0)
      #expect(try fields["refused"].integer(0...1000) == 0)
      #expect(
        try fields["decisions"].integer(0...1000) == (arguments.contains("--cast") ? 40 : 0))
      #expect(try fields["isOneProcess"].bool() == arguments.contains("--prepaid"))
      let most = try fields["connections"].openFields()["most"].integer(1...1024)
      if arguments.contains("--connections") { #expect(most <= 4) }
    }
  }

  /// In one command, and nothing is left behind.
  @Test func anElectionIsMadeForOneRun() throws {
    let folder = try TemporaryFolder("load")
    let run = try ProgramRun.run(
      "ballot-box", ["load", "--profile", "oneday", "--voters", "8", "--rate", "100"],
      environment: ["TMPDIR=\(folder.path)"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("8 receipts verified"), "\(run.output)")
    #expect(try folder.names() == [])
    let both = try ProgramRun.run(
      "ballot-box", ["load", "--profile", "oneday", "--voters", "8", "--input", "x", "--rate", "1"])
    #expect(both.status == 2, "\(both.errors)")
    let none = try ProgramRun.run(
      "ballot-box", ["load", "--profile", "oneday", "--voters", "0", "--rate", "1"])
    #expect(none.status == 2 && none.errors.contains("--voters: 1"), "\(none.errors)")
  }

  /// A run that ends well although its box was killed would report a box that is not there.
  @Test func aBoxThatIsKilledEndsTheRun() throws {
    let folder = try TemporaryFolder("load")
    let input = try Self.prepare(40, in: folder)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "\(ProgramRun.programs)/ballot-box")
    // An hour's ballots in an hour: the run would last longer than the box lives.
    process.arguments = [
      "load", "run", "--input", input, "--profile", "flat", "--speed", "1", "--work",
      folder / "work",
    ]
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    defer { if process.isRunning { process.terminate() } }
    var text = ""
    var server: Int32?
    while server == nil {
      let piece = errors.fileHandleForReading.availableData
      try #require(!piece.isEmpty, "the run ended before its server: \(text)")
      text += String(decoding: piece, as: UTF8.self)
      server = text.firstMatch(of: /server: process (\d+), port/).flatMap { Int32($0.1) }
    }
    try #require(kill(#require(server), SIGKILL) == 0)
    let rest = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 4)
    let message = String(decoding: rest, as: UTF8.self)
    #expect(message.contains("error: the server ended with signal 9"), "\(message)")
  }

  /// Without its witnesses a run would wait for receipts that cannot come.
  @Test func aTakenWitnessPortIsNamed() throws {
    let folder = try TemporaryFolder("load")
    let input = try Self.prepare(2, in: folder)
    let manifest = try JSONReader(
      JSONValue(parsing: Array(folder.text("prepared/load.json").utf8))
    ).openFields()
    let port = try #require(try manifest["witnessPorts"].array().first?.integer(1...65535))
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(number) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let bound = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(bound == 0 && listen(number, 1) == 0)
    let run = try ProgramRun.run(
      "ballot-box", ["load", "run", "--input", input, "--profile", "saturate"])
    #expect(run.status == 4)
    #expect(run.errors.contains("port \(port), which the election's policy names"), "\(run.errors)")
  }

  /// No option of the server that is in service leads to a box that takes proofs for checked.
  @Test func serveHasNoWayPastTheProofs() throws {
    let help = try ProgramRun.run("ballot-box", ["serve", "--help"])
    #expect(help.status == 0)
    #expect(!help.output.lowercased().contains("prepaid"))
    let run = try ProgramRun.run("ballot-box", ["serve", "--prepaid"])
    #expect(run.status == 2)
    #expect(run.errors.contains("--prepaid"))
  }

  @Test func theLedgerAloneReportsWhatItAppended() throws {
    let run = try ProgramRun.run(
      "ballot-box", ["load", "ledger", "--entries", "600", "--payload", "64", "--json"])
    try #require(run.status == 0, "\(run.errors)")
    let fields = try JSONReader(JSONValue(parsing: Array(run.output.utf8))).openFields()
    #expect(try fields["entries"].integer(0...1000) == 600)
    #expect(try fields["batches"].integer(0...1000) == 3)
    // Each batch waits for two bundles, a tile and the checkpoint, and for their names.
    #expect(try fields["fileWaits"].integer(0...1000) >= 3 * 8)
    #expect(try fields["memory"].array().count >= 4)
  }
}
