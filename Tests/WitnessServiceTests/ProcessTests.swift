// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Ledger
import TestSupport
import Testing

/// The program: what it keeps over a stop, a kill, a restore.
@Suite(.serialized) struct ProcessTests {
  private let log = TestLog(40)

  private func folder() throws -> WitnessFolder { try WitnessFolder(logs: [log.key]) }

  private func latest(_ http: HTTP, _ folder: WitnessFolder) async throws -> UInt64? {
    let answer = try await http.latest(TestLog.origin)
    if answer.status == 404 { return nil }
    return try Checkpoint.verified(answer.body, cosigner: folder.key).size
  }

  @Test func stopsInOrderAndGoesOn() async throws {
    let folder = try folder()
    var size = 0
    for next in [5, 9, 17] {
      let server = try await folder.serve()
      let answer = try await server.http.add(log.request(size, next))
      #expect(answer.status == 200, "\(answer.text)")
      size = next
      #expect(try await server.end(SIGTERM) == 0)
    }
    let server = try await folder.serve()
    #expect(try await latest(server.http, folder) == 17)
    let status = try WitnessFolder.run(["status", "--config", folder.configuration])
    #expect(status.status == 0)
    #expect(status.output.contains("\(TestLog.origin) size 17 root "), "\(status.output)")
    #expect(try await server.end(SIGINT) == 0)
    // The log of it all says nothing about anybody.
    let text = String(decoding: try folder.folder.bytes("log"), as: UTF8.self)
    #expect(!text.contains("127.0.0.1") && !text.contains("/checkpoint"), "\(text)")
  }

  // adversary: L-03
  /// Killed at every system call that writes, between checking a request and answering it. Whatever was
  /// answered is remembered; what was not is remembered wholly or not at all; and the next start works.
  @Test(arguments: ["fdatasync", "fsync", "pwrite64", "renameat", "write", "writev", "openat"])
  func killedBetweenStoringAndAnswering(_ call: String) async throws {
    try #require(FileManager.default.isExecutableFile(atPath: "/usr/bin/strace"))
    var kills = 0
    var remembered: Set<UInt64> = []
    for place in 1...24 {
      let folder = try folder()
      let first = try await folder.serve()
      let begun = try await first.http.add(log.request(0, 5))
      #expect(begun.status == 200)
      try await first.end(SIGTERM)
      // Calls before the server listens are not counted: the tracer comes to the running process.
      let server = try await folder.serve()
      let tracer = Process()
      tracer.executableURL = URL(fileURLWithPath: "/usr/bin/strace")
      tracer.arguments = [
        "-f", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
        "inject=\(call):signal=KILL:when=\(place)", "-p", "\(server.identifier)",
      ]
      let errors = Pipe()
      tracer.standardError = errors
      try tracer.run()
      // It says that it has attached.
      _ = errors.fileHandleForReading.availableData
      let answer = try? await server.http.add(log.request(5, 12))
      if answer?.status == 200 {
        try await server.end(SIGKILL)
      } else {
        #expect(try await server.wait() == SIGKILL)
        kills += 1
      }
      tracer.waitUntilExit()
      let again = try await folder.serve()
      let size = try #require(try await latest(again.http, folder))
      remembered.insert(size)
      #expect(size == 12 || (size == 5 && answer?.status != 200), "\(call) \(place): \(size)")
      let next = try await again.http.add(log.request(Int(size), 20))
      #expect(next.status == 200, "\(call) \(place): \(next.text)")
      #expect(try await latest(again.http, folder) == 20)
      try await again.end(SIGTERM)
      // Behind the last such call of a request there is nothing left to kill.
      if answer?.status == 200 { break }
    }
    #expect(kills > 0, "no \(call) was met: nothing was tested")
    print("\(call): \(kills) kills, sizes remembered \(remembered.sorted())")
  }

  // adversary: L-03
  /// A database put back from a copy, and one that was lost.
  @Test func restoredDatabasesAreRefused() async throws {
    let folder = try folder()
    let empty = try folder.copy()
    let server = try await folder.serve()
    _ = try await server.http.add(log.request(0, 5))
    try await server.end(SIGTERM)
    let five = try folder.copy()
    let second = try await folder.serve()
    _ = try await second.http.add(log.request(5, 12))
    // Killed, so that the write-ahead log still holds it.
    try await second.end(SIGKILL)
    let twelve = try folder.copy()
    for old in [empty, five] {
      try folder.restore(old) { !$0.hasSuffix("memory") }
      let refusal = try folder.refusal()
      #expect(refusal.status == 5)
      #expect(refusal.errors.contains("rolled back"), "\(refusal.errors)")
      try folder.restore(twelve)
    }
    try folder.restore(twelve) { $0 == "w.sqlite" || $0.hasSuffix("memory") }
    let third = try await folder.serve()
    #expect(try await latest(third.http, folder) == 12)
    try await third.end(SIGTERM)
    try folder.folder.remove("w.memory")
    #expect(try folder.refusal().status == 4)
    try folder.restore(twelve)
    try folder.folder.remove("w.sqlite")
    let lost = try folder.refusal()
    #expect(lost.status == 4)
    #expect(lost.errors.contains("there is no database"), "\(lost.errors)")
    let begun = try WitnessFolder.run(["init", "--config", folder.configuration])
    #expect(begun.status == 5)
  }

  /// What the witness cannot see, the log can: both files put back together.
  @Test func logsSeeWhatTheWitnessCannot() async throws {
    let folder = try folder()
    let server = try await folder.serve()
    _ = try await server.http.add(log.request(0, 5))
    try await server.end(SIGTERM)
    let five = try folder.copy()
    let second = try await folder.serve()
    _ = try await second.http.add(log.request(5, 12))
    try await second.end(SIGTERM)
    try folder.restore(five)
    let third = try await folder.serve()
    let answer = try await third.http.add(log.request(12, 20))
    #expect(answer.status == 409)
    #expect(answer.text == "5\n")
    try await third.end(SIGTERM)
  }

  /// A database cosigned with another key, and a second process.
  @Test func strangeDatabasesAreRefused() async throws {
    let folder = try folder()
    let other = try self.folder()
    let server = try await folder.serve()
    _ = try await server.http.add(log.request(0, 5))
    let twice = try folder.refusal()
    #expect(twice.status == 5)
    #expect(twice.errors.contains("another process"), "\(twice.errors)")
    try await server.end(SIGTERM)
    try folder.folder.write(other.folder.bytes("secret"), "secret")
    #expect(chmod(folder) == 0)
    let stranger = try folder.refusal()
    #expect(stranger.status == 4)
    #expect(stranger.errors.contains("not this witness's"), "\(stranger.errors)")
  }

  private func chmod(_ folder: WitnessFolder) -> Int32 {
    unsafe Glibc.chmod("\(folder.folder.path)/secret", 0o600)
  }

  @Test func badConfigurationsAreUsageErrors() throws {
    let folder = try folder()
    let log = try TestLog(0).key.vkey
    for (text, part) in [
      ("{}", "logs"), (#"{"logs":["x"]}"#, "logs: item 0"),
      (#"{"logs":["\#(log)"],"secert":"a"}"#, "secert: the key is unknown"),
      (#"{"logs":["\#(log)"]}"#, "secret: the key is missing"), ("{", "$"),
    ] {
      try folder.folder.write([UInt8](text.utf8), "bad.json")
      let outcome = try WitnessFolder.run(["serve", "--config", "\(folder.folder.path)/bad.json"])
      #expect(outcome.status == 2, "\(text)")
      #expect(outcome.errors.contains(part), "\(outcome.errors)")
    }
  }

  @Test func secretsAreNotSpilled() throws {
    let folder = try folder()
    let path = "\(folder.folder.path)/secret"
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(unsafe Glibc.chmod(path, 0o644) == 0)
    let outcome = try folder.refusal()
    #expect(outcome.status == 5)
    let twice = try WitnessFolder.run([
      "keys", "--secret", path, "--public", "\(folder.folder.path)/p2", "--name", "a",
    ])
    #expect(twice.status == 5)
    let name = try WitnessFolder.run([
      "keys", "--secret", path + "2", "--public", "\(folder.folder.path)/p2", "--name", "a b",
    ])
    #expect(name.status == 2)
    #expect(!folder.folder.exists("secret2"))
  }
}
