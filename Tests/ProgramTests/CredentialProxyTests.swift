// SPDX-License-Identifier: Apache-2.0

import Election
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// A citizen whose programs reach every server through a SOCKS5 proxy of others, from the registration to the vote.
@Suite(
  .hangs,
  .enabled(
    if: NamingProxy.isPossible && CredentialElection.isPossible
      || Shared.isContinuousIntegration, "needs microsocks and strace"))
struct CredentialProxyTests {
  /// What a program connects to, as strace saw it.
  private struct Traced: Sendable {
    let run: ToolRun
    /// The ports of this machine.
    var ports: Set<Int> = []
    /// Every other address.
    var others: [String] = []
    /// Files that say how names are looked up.
    var resolving: [String] = []

    init(_ program: String, _ arguments: [String], _ environment: [String: String]) throws {
      let folder = try TemporaryFolder("trace")
      run = try ToolRun(
        try #require(ToolRun.strace),
        [
          "-f", "-qq", "-o", folder / "trace", "-e", "trace=connect,sendto,sendmsg,openat",
          "\(ToolRun.programs)/\(program)",
        ] + arguments, environment: environment)
      for line in try folder.text("trace").split(separator: "\n") {
        if let start = line.range(of: "sin_port=htons(") {
          let port = Int(line[start.upperBound...].prefix { $0.isNumber }) ?? 0
          if line.contains("inet_addr(\"127.0.0.1\")") {
            ports.insert(port)
          } else {
            others.append(String(line))
          }
        } else if line.contains("connect(") && !line.contains("resumed>") {
          others.append(String(line))
        }
        for file in ["/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf"]
        where line.contains("\"\(file)\"") {
          resolving.append(file)
        }
      }
    }
  }

  /// Names are looked up by the proxy, which alone knows them, and nothing connects past it.
  @Test func everythingGoesThroughTheProxy() async throws {
    let election = try await CredentialElection.begin(
      CredentialElection.Plan(citizens: 4, authorities: 2))
    let proxy = try await NamingProxy()
    let citizens = try election.citizens(3)
    let hidden = citizens[0]
    func named(_ address: String, _ name: String) -> String {
      address.replacingOccurrences(of: "127.0.0.1", with: "\(name).urna.invalid")
    }
    let box = named(election.box, "box")
    let issuers = election.addresses.enumerated().map { named($1, "issuer-\($0 + 1)") }
    func arguments(_ verb: String) -> [String] {
      [
        verb, "--record", box, "--proxy", proxy.address, "--wallet", hidden.wallet,
      ]
    }
    func run(_ arguments: [String]) async throws -> Traced {
      let runs = try await onThreads([arguments], atOnce: 1) {
        try Traced("voter", $0, election.environment)
      }
      let traced = try #require(runs.first)
      #expect(traced.run.status == 0, "\(arguments.first ?? ""): \(traced.run.text)")
      #expect(traced.ports == [proxy.port], "\(arguments.first ?? ""): \(traced.ports)")
      #expect(traced.others.isEmpty && traced.resolving.isEmpty, "\(traced.others)")
      return traced
    }
    let register = election.registerArguments(hidden, at: issuers)
    // Without the proxy there are no such servers.
    let lost = try await onThreads([register], atOnce: 1) {
      try election.voter("register", hidden, $0, record: box)
    }
    #expect(lost.first?.status == 4, "\(lost.map(\.text))")
    _ = try await run(arguments("register") + register)
    #expect(try election.kept(hidden.wallet).signatures.count == 3)
    let open = try await onThreads(Array(citizens.dropFirst()), atOnce: 2) {
      try election.register($0)
    }
    for run in open { try #require(run.status == 0, "\(run.text)") }

    try await ceremony(election)
    try election.move(past: election.registration.upperBound)
    try await election.commission("open-activation")
    _ = try await run(arguments("activate") + ["--submit"])
    let active = try await onThreads(Array(citizens.dropFirst()), atOnce: 2) {
      try election.voter("activate", $0, ["--submit"])
    }
    for run in active { try #require(run.status == 0, "\(run.text)") }
    try await election.stopIssuers()
    try election.move(past: election.activation.upperBound)
    try await openVoting(election)
    let choices = try election.folder.write("{\"contests\": []}", to: "choices.json")
    _ = try await run(arguments("vote") + ["--choices", choices, "--submit"])
    _ = try await run(arguments("cast") + ["--submit"])
    let state = try await election.state()
    #expect(state.credentials.counts.map(\.issued).reduce(0, +) == 3)
    try await election.end()
  }

  private func ceremony(_ election: CredentialElection) async throws {
    for verb in ["generate", "share", "receive", "confirm"] {
      let entry = election.folder / "\(verb).entry"
      try await election.run(
        "trustee",
        [
          verb, "--record", election.box, "--secret", election.folder / "trustee.key", "--output",
          entry,
        ])
      try await election.run(
        "election", ["submit", "--box", election.box, entry], withPassphrase: false)
    }
  }

  /// The list is frozen, and the issuers destroy their keys, one of them in its module.
  private func openVoting(_ election: CredentialElection) async throws {
    try await election.commission("freeze")
    for number in CredentialElection.issuers {
      let name = election.folder / "issuer-\(number)"
      var arguments = [
        "keys", "destroy", "--record", election.box, "--number", "\(number)", "--secret",
        "\(name).key", "--keys", "\(name).keys", "--database", "\(name).sqlite", "--submit",
      ]
      let module = number == CredentialElection.hardwareIssuer ? election.module : nil
      if let module { arguments += ["--pin-file", module.pinFile] }
      let run = try await election.run("issuer", arguments)
      #expect(run.output.contains("on the token") == (module != nil), "\(run.text)")
    }
    try await election.commission("open")
  }
}

/// microsocks with user and password, that knows names which nobody else does.
private final class NamingProxy: Sendable {
  private static let path = "/usr/bin/microsocks"
  static let isPossible: Bool = {
    let found = FileManager.default.isExecutableFile(atPath: path) && ToolRun.strace != nil
    if !found { print("SKIPPED: microsocks or strace is absent; no citizen went through a proxy") }
    return found
  }()

  let port: Int
  private let names: PreloadedLibrary
  private let identifier: Int32

  var address: String { "socks5://citizen:word-of-tests@127.0.0.1:\(port)" }

  init() async throws {
    names = try PreloadedLibrary("Tests/TestNames/testnames.c")
    // It cannot choose a port by itself; one that was free a moment ago may be taken.
    for _ in 0..<10 {
      let port = Int(try RawServer { _ in }.port)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Self.path)
      process.arguments = [
        "-i", "127.0.0.1", "-p", "\(port)", "-u", "citizen", "-P", "word-of-tests",
      ]
      process.environment = ProcessInfo.processInfo.environment.merging(
        [PreloadedLibrary.variable: names.path]
      ) { $1 }
      process.standardInput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      try await Task.sleep(for: .milliseconds(300))
      guard process.isRunning else { continue }
      self.port = port
      identifier = process.processIdentifier
      return
    }
    throw POSIXError(.EADDRNOTAVAIL)
  }

  deinit { _ = kill(identifier, SIGKILL) }
}
