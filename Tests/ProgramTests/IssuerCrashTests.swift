// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import Foundation
import IssuerStore
import TestSupport
import Testing
import WebClient

/// Issuers that are killed: `issuer serve` ends by SIGKILL before each call by which others could see that it came
/// further, from the moment a request comes, and is started again.
@Suite(.hangs, .enabled(if: CredentialElection.isPossible, "needs the built programs"))
struct IssuerCrashTests {
  /// What was left behind by an issuer that was killed.
  private struct Killed {
    let asked: AskedRequest
    let other: AskedRequest
    let citizen: CredentialElection.Citizen
    /// The call that did not happen.
    let call: String

    static let answered = "nothing: it had answered"
  }

  /// Issuers that were killed one after the other, over one database.
  private struct Chain {
    var killed: [Killed] = []
    /// How many had the signature on the disk.
    var kept = 0
  }

  // adversary: E-05, E-07
  /// Whatever the issuer had come to: the same request gets the signature that its key gives, another one for the
  /// place gets none, and the record has one request.
  @Test func killedAtEachStepOfAnIssuance() async throws {
    let election = try await CredentialElection.registering()
    // Two at a time: one takes the odd numbers, one the even ones.
    async let odd = chain(election, from: 1)
    async let even = chain(election, from: 2)
    let chains = [try await odd, try await even]
    let killed = chains.flatMap(\.killed)
    try await election.isWhole(killed.map { ($0.citizen, $0.asked.request.hash, $0.call) })
    var kinds: [String: Int] = [:]
    for item in killed { kinds[item.call, default: 0] += 1 }
    let words = kinds.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    let kept = chains.map(\.kept).reduce(0, +)
    print(
      "issuer: killed at \(killed.count) places (\(words.joined(separator: ", "))); "
        + "the signature was on the disk at \(kept)")
    #expect(killed.count >= 12)
    // The last of each chain is killed behind its answer; of the others, some had kept nothing.
    #expect(kept >= chains.count && kept < killed.count)
  }

  private func chain(_ election: CredentialElection, from first: Int) async throws -> Chain {
    let terms = try #require(try await election.state().terms)
    let folder = try TemporaryFolder("killed-issuer")
    let database = folder / "issued.sqlite"
    try await election.run("issuer", ["init", "--database", database], withPassphrase: false)
    let armed = folder / "armed"
    var chain = Chain()
    for number in stride(from: first, through: 120, by: 2) {
      let log = folder / "calls-\(number)"
      let server = try await election.serve(
        2, database: database, name: "killed-issuer-\(first)",
        environment: KillSwitch.environment(log: log, at: number, armed: armed))
      if let last = chain.killed.last, try await isKept(last, server.address) { chain.kept += 1 }
      if chain.killed.last?.call == Killed.answered {
        try await server.kill()
        return chain
      }
      let citizen = try election.citizen()
      let seeds = try election.entrySeeds(citizen, terms)
      let asked = try await election.request(
        citizen, seed: SecureRandom.bytes(32), entrySeeds: seeds, issuer: 2, terms)
      let other = try await election.request(
        citizen, seed: SecureRandom.bytes(32), entrySeeds: seeds, issuer: 2, terms)
      let body = try asked.body()
      _ = try folder.write("", to: "armed")
      var call = Killed.answered
      do {
        let response = try await CredentialElection.ask(server.address, body)
        _ = try asked.blindSignature(in: response)
        try await server.kill()
      } catch is WebError {
        #expect(try await server.ended() == 9)
        call = try #require(try KillSwitch.calls(log).last).name
      }
      try FileManager.default.removeItem(atPath: armed)
      chain.killed.append(Killed(asked: asked, other: other, citizen: citizen, call: call))
    }
    Issue.record("there is no end of calls")
    return chain
  }

  /// The issuer that was started again gives the one signature, and none to another wallet.
  ///
  /// - Returns: whether it had the signature before it was asked again.
  private func isKept(_ killed: Killed, _ address: String) async throws -> Bool {
    let context = Comment(rawValue: killed.call)
    let request = killed.asked.request.hash
    let early = try await CredentialElection.earlier(address, request)
    let body = try killed.asked.body()
    let first = try await CredentialElection.ask(address, body)
    let signature = try killed.asked.blindSignature(in: first)
    if let early { #expect(early == signature, context) }
    let second = try await CredentialElection.ask(address, body)
    #expect(second.body == first.body, context)
    let other = try await CredentialElection.ask(address, killed.other.body())
    #expect(other.status == 409, context)
    #expect(
      try await CredentialElection.earlier(address, killed.other.request.hash) == nil, context)
    return early != nil
  }

  /// The third issuer's keys never leave its module. A wallet takes its signatures, also after the process was
  /// killed; without the token the issuer does not start.
  @Test(.enabled(if: SoftwareModule.isPresent || Shared.isContinuousIntegration, "needs SoftHSM"))
  func keysInAModule() async throws {
    let election = try await CredentialElection.registering()
    let terms = try #require(try await election.state().terms)
    try #require(election.module != nil)
    let folder = try TemporaryFolder("module-issuer")
    let database = folder / "issued.sqlite"
    try await election.run("issuer", ["init", "--database", database], withPassphrase: false)
    let citizen = try election.citizen()
    func register(_ server: ServerProcess) async throws -> ToolRun {
      let issuers = Array(election.addresses.prefix(2)) + [server.address]
      let runs = try await onThreads([citizen], atOnce: 1) {
        try election.register($0, at: issuers)
      }
      return try #require(runs.first)
    }
    let number = CredentialElection.hardwareIssuer
    let server = try await election.serve(number, database: database, name: "module-issuer")
    let run = try await register(server)
    #expect(run.status == 0 && run.output.contains("issuer 3 (Issuer 3) signed"), "\(run.text)")
    #expect(run.output.contains("the credential is complete"), "\(run.text)")
    let wallet = try election.kept(citizen.wallet)
    let request = try election.request(of: wallet, citizen, terms)
    let answer = try await CredentialElection.earlier(server.address, request)
    try await server.kill()
    let again = try await election.serve(number, database: database, name: "module-issuer")
    #expect(try await CredentialElection.earlier(again.address, request) == answer)
    // Another database: the module signs once more, and the signature is the same.
    try await again.kill()
    let second = folder / "second.sqlite"
    try await election.run("issuer", ["init", "--database", second], withPassphrase: false)
    let third = try await election.serve(number, database: second, name: "module-issuer")
    try FileManager.default.removeItem(atPath: citizen.wallet)
    try election.write(seedOf: wallet, to: citizen.wallet)
    let repeated = try await register(third)
    #expect(repeated.status == 0, "\(repeated.text)")
    #expect(try await CredentialElection.earlier(third.address, request) == answer)
    #expect(try election.kept(citizen.wallet) == wallet)
    try await third.kill()

    // What does not start.
    let empty = try folder.write(
      "directories.tokendir = \(folder.path)\nobjectstore.backend = file\n", to: "empty.conf")
    do {
      _ = try await election.serve(
        number, database: second, name: "no-token", environment: ["SOFTHSM2_CONF": empty])
      Issue.record("an issuer without its token started")
    } catch let error as ServerProcess.Ended {
      #expect(!error.description.contains(SoftwareModule.pin), "\(error)")
    }
  }
}

extension CredentialElection {
  /// Each of these places has one request on the record, this one.
  func isWhole(
    _ places: [(citizen: Citizen, request: Digest, call: String)]
  ) async throws {
    let state = try await state()
    for (citizen, request, call) in places {
      let records = state.credentials.records(
        district: citizen.district.number, index: citizen.index)
      #expect(records.map(\.request) == [request], "\(call)")
    }
  }

  /// A wallet that has the seed, and nothing else.
  func write(seedOf wallet: KeptWallet, to path: String) throws {
    let seed = wallet.seed.map { String(format: "%02X", $0) }.joined()
    let text = "{\"version\":1,\"seed\":\"\(seed)\",\"ballots\":[]}"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
  }
}
