// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import Foundation
import Ledger
import LedgerFiles
import TestSupport
import Testing

/// Wallets that are killed: `voter register` and `voter activate` end by SIGKILL before each call by which others
/// could see that they came further, and are started again.
@Suite(.hangs, .enabled(if: CredentialElection.isPossible, "needs the built programs"))
struct WalletCrashTests {
  /// A wallet whose program was killed.
  struct Killed: Sendable {
    let citizen: CredentialElection.Citizen
    let number: Int
    let status: Int32
    /// The calls that it came to, the one that did not happen among them.
    let reached: Int
    /// The call that did not happen.
    let call: String
  }

  /// Runs a program with the switch, once for each of these calls, each with a citizen of its own.
  private func kill(
    _ citizens: [CredentialElection.Citizen], before numbers: [Int], _ log: TemporaryFolder,
    _ run: @escaping @Sendable (CredentialElection.Citizen, [String: String]) throws -> ToolRun
  ) async throws -> [Killed] {
    try await onThreads(Array(zip(citizens, numbers)), atOnce: 4) { citizen, number in
      let path = log / "calls-\(number)"
      let run = try run(citizen, try KillSwitch.environment(log: path, at: number))
      let calls = try KillSwitch.calls(path)
      return Killed(
        citizen: citizen, number: number, status: run.status, reached: calls.count,
        call: calls.last?.description ?? "none")
    }
  }

  /// Says what was tried.
  private func report(_ name: String, _ calls: [KillSwitch.Call], _ killed: [Killed]) throws {
    let met = killed.filter { $0.status == KillSwitch.status }
    var kinds: [String: Int] = [:]
    for call in calls { kinds[call.name, default: 0] += 1 }
    let words = kinds.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
    print(
      "\(name): \(calls.count) calls (\(words.joined(separator: ", "))), killed before \(met.count)"
    )
    // How often a program looks whether the record has come further differs, so of the last numbers some are of no
    // call. What it does besides is the same.
    #expect(met.count * 2 > killed.count, "\(killed.filter { $0.status != KillSwitch.status })")
    for kind in ["connect", "socket", "rename", "sync"] {
      #expect(met.contains { $0.call.contains(kind) }, "\(kind): \(met.map(\.call))")
    }
    for item in killed {
      // Killed before its number, or done without so many calls.
      let isMet = item.status == KillSwitch.status && item.reached == item.number
      let isDone = item.status == 0 && item.reached < item.number
      #expect(isMet || isDone, "\(item.number): \(item.status) behind \(item.reached)")
    }
  }

  // adversary: E-07, E-08
  /// The wallet ends between any two steps of the registration. Started again it gets the credential: one request
  /// on the record, from each issuer the signature that it had given before, and nothing is left beside the wallet.
  @Test func killedAtEachStepOfTheRegistration() async throws {
    let election = try await CredentialElection.registering()
    let terms = try #require(try await election.state().terms)
    let log = try TemporaryFolder("calls")
    let first = try election.citizen()
    let undisturbed = try await onThreads([first], atOnce: 1) { citizen in
      try election.register(
        citizen, environment: KillSwitch.environment(log: log / "undisturbed"))
    }
    try #require(undisturbed.first?.status == 0, "\(undisturbed.map(\.text))")
    let calls = try KillSwitch.calls(log / "undisturbed")
    let numbers = Array(1...max(calls.count, 1))
    let killed = try await kill(try election.citizens(numbers.count), before: numbers, log) {
      try election.register($0, environment: $1)
    }
    try report("wallet, registration", calls, killed)

    var before: [[[UInt8]?]] = []
    for item in killed { before.append(try await answers(election, item.citizen, terms)) }
    let again = try await onThreads(killed, atOnce: 4) { try election.register($0.citizen) }
    for (item, run) in zip(killed, again) {
      #expect(run.status == 0, "\(item.number), \(item.call): \(run.text)")
    }
    let state = try await election.state()
    for (item, before) in zip(killed, before) {
      let context = Comment(rawValue: "\(item.number), \(item.call)")
      let citizen = item.citizen
      let wallet = try election.kept(citizen.wallet)
      let records = state.credentials.records(
        district: citizen.district.number, index: citizen.index)
      #expect(records.count == 1, context)
      #expect(
        records.first?.request == (try election.request(of: wallet, citizen, terms)), context)
      let after = try await answers(election, citizen, terms)
      for number in CredentialElection.issuers {
        let answer = try #require(after[number - 1], context)
        if let earlier = before[number - 1] { #expect(earlier == answer, context) }
        let key = try #require(
          terms.credentialKey(issuer: number, district: citizen.district.number))
        let signature = try election.secrets(wallet, citizen).signature(
          from: answer, key: key, issuer: number)
        #expect(wallet.signatures[number] == signature, context)
      }
      let folder = URL(fileURLWithPath: citizen.wallet).deletingLastPathComponent().path
      let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      #expect(names == ["wallet", "wallet.public"], context)
    }
    let known = before.map { $0.compactMap(\.self).count }
    print("answers that issuers had given when the wallet was killed: \(known)")
    #expect(known.contains(0) && known.contains(3))
    try await otherDevice(election, first)
  }

  /// Another device with the seed, and nothing else, has the same credential in the end.
  private func otherDevice(
    _ election: CredentialElection, _ citizen: CredentialElection.Citizen
  ) async throws {
    let wallet = try election.kept(citizen.wallet)
    let other = citizen.wallet + "-other"
    try election.write(seedOf: wallet, to: other)
    let runs = try await onThreads([other], atOnce: 1) {
      try election.register(citizen, wallet: $0)
    }
    #expect(runs.first?.status == 0, "\(runs.map(\.text))")
    #expect(try election.kept(other) == wallet)
  }

  /// What each issuer answered to the citizen's request before.
  private func answers(
    _ election: CredentialElection, _ citizen: CredentialElection.Citizen, _ terms: CredentialTerms
  ) async throws -> [[UInt8]?] {
    let request = try election.request(of: election.kept(citizen.wallet), citizen, terms)
    var answers: [[UInt8]?] = []
    for address in election.addresses {
      answers.append(try await CredentialElection.earlier(address, request))
    }
    return answers
  }

  // adversary: E-07, E-11
  /// The same for the activation: the key is on the list once, and the receipt holds.
  @Test func killedAtEachStepOfTheActivation() async throws {
    let election = try await CredentialElection.begin(CredentialElection.Plan(citizens: 30))
    let citizens = try election.citizens(election.plan.citizens)
    let registered = try await onThreads(citizens, atOnce: 4) { try election.register($0) }
    for run in registered { try #require(run.status == 0, "\(run.text)") }
    try await election.stopIssuers()
    try election.move(past: election.registration.upperBound)
    try await election.commission("open-activation")

    let log = try TemporaryFolder("calls")
    let activate: @Sendable (CredentialElection.Citizen, [String: String]) throws -> ToolRun = {
      citizen, environment in
      try election.voter(
        "activate", citizen,
        [
          "--submit", "--promise", citizen.wallet + ".promise", "--receipt",
          citizen.wallet + ".tlog-proof",
        ], environment: environment)
    }
    let undisturbed = try await onThreads([citizens[0]], atOnce: 1) {
      try activate($0, KillSwitch.environment(log: log / "undisturbed"))
    }
    try #require(undisturbed.first?.status == 0, "\(undisturbed.map(\.text))")
    let calls = try KillSwitch.calls(log / "undisturbed")
    // One citizen for each call; of more calls than citizens, the last ones: from the message to the box on.
    let numbers = Array((1...max(calls.count, 1)).suffix(citizens.count - 1))
    let killed = try await kill(Array(citizens.dropFirst()), before: numbers, log, activate)
    try report("wallet, activation", calls, killed)
    let between = try await election.state()
    let again = try await onThreads(killed, atOnce: 4) { try activate($0.citizen, [:]) }
    for (item, run) in zip(killed, again) {
      #expect(run.status == 0, "\(item.number), \(item.call): \(run.text)")
    }
    try await isOnTheListOnce(election, [citizens[0]] + killed.map(\.citizen))
    let early = try killed.filter { item in
      let key = try election.secrets(election.kept(item.citizen.wallet), item.citizen).pseudonym()
      return between.credentials.status(of: key.publicKey) != nil
    }
    print("killed when the key was on the list already: \(early.count)")
    #expect(!early.isEmpty && early.count < killed.count)
    try await election.end()
  }

  private func isOnTheListOnce(
    _ election: CredentialElection, _ citizens: [CredentialElection.Citizen]
  ) async throws {
    let state = try await election.state()
    for citizen in citizens {
      let key = try election.secrets(election.kept(citizen.wallet), citizen).pseudonym()
      #expect(
        state.credentials.status(of: key.publicKey) == .active(district: citizen.district.number))
    }
    var activations = 0
    try RecordDirectory(path: election.record).forEachEntry { _, entry, _ in
      if try LedgerEntry(bytes: entry).type == EntryType.credentialActivation.rawValue {
        activations += 1
      }
    }
    #expect(activations == citizens.count)
  }
}
