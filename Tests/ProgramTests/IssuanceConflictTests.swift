// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import Cryptography
import Election
import Foundation
import Issuance
import IssuerStore
import StrictJSON
import TestSupport
import Testing
import WebClient

/// Many who ask for one entry of the roll, and some who ask for none of theirs, at real issuers.
@Suite(.hangs, .enabled(if: CredentialElection.isPossible, "needs the built programs"))
struct IssuanceConflictTests {
  // adversary: E-07
  /// Two wallets with the same letters, started together: one has the credential, the other is told what happened.
  @Test func twoWalletsWithOneCode() async throws {
    let election = try await CredentialElection.registering()
    let terms = try #require(try await election.state().terms)
    let citizens = try election.citizens(4)
    var devices: [(citizen: CredentialElection.Citizen, wallet: String)] = []
    for citizen in citizens {
      try election.makeWallet(citizen, citizen.wallet + "-other")
      devices += [(citizen, citizen.wallet), (citizen, citizen.wallet + "-other")]
    }
    let runs = try await onThreads(devices, atOnce: devices.count) {
      try election.register($0.citizen, wallet: $0.wallet)
    }
    let state = try await election.state()
    for (position, citizen) in citizens.enumerated() {
      let pair = [0, 1].map {
        (wallet: devices[2 * position + $0].wallet, run: runs[2 * position + $0])
      }
      let text = Comment(rawValue: pair.map(\.run.text).joined(separator: "\n---\n"))
      #expect(pair.map(\.run.status).sorted() == [0, 1], text)
      let winner = try #require(pair.first { $0.run.status == 0 }, text)
      let loser = try #require(pair.first { $0.run.status != 0 }, text)
      let records = state.credentials.records(
        district: citizen.district.number, index: citizen.index)
      let kept = try election.kept(winner.wallet)
      #expect(
        records.map(\.request) == [try election.request(of: kept, citizen, terms)], text)
      #expect(kept.signatures.count == 3)
      #expect(try election.kept(loser.wallet).signatures.isEmpty)
      let entry = try #require(records.first).entry
      for words in ["with another wallet", "Entry \(entry) of the record", "tell the commission"] {
        #expect(loser.run.errors.contains(words), "\(loser.run.errors)")
      }
      // Later it is told the same, and so is a third.
      let later = try await onThreads([loser.wallet], atOnce: 1) {
        try election.register(citizen, wallet: $0)
      }
      #expect(later.first?.status == 1)
      #expect(later.first?.errors.contains("with another wallet") == true, "\(later.map(\.text))")
      try await isProved(election, citizen, kept, loser.wallet, terms)
    }
  }

  /// The issuer's 409 has the earlier request, signed with the codes of the letters.
  private func isProved(
    _ election: CredentialElection, _ citizen: CredentialElection.Citizen, _ winner: KeptWallet,
    _ loser: String, _ terms: CredentialTerms
  ) async throws {
    let seed = try election.kept(loser).seed
    let asked = try await election.request(
      citizen, seed: seed, entrySeeds: winner.entrySeeds, issuer: 1, terms)
    let response = try await CredentialElection.ask(election.addresses[0], asked.body())
    #expect(response.status == 409)
    let fields = try JSONReader(JSONValue(parsing: response.body)).openFields()
    let record = try CredentialIssuance(
      bytes: Array(try fields["record"].string(maxBytes: 65_536).utf8), in: ElectionState().group)
    let request = record.request(in: CredentialScope(election: election.electionID))
    #expect(request.hash == (try election.request(of: winner, citizen, terms)))
    #expect(record.keys == asked.record.keys)
    for (key, signature) in zip(record.keys, record.signatures) {
      #expect(key.isValid(signature: signature, for: request.bytes))
    }
  }

  /// An issuer of its own that nobody else asks.
  private func issuer(
    _ election: CredentialElection, _ folder: TemporaryFolder
  ) async throws -> ServerProcess {
    try await election.run(
      "issuer", ["init", "--database", folder / "issued.sqlite"], withPassphrase: false)
    return try await election.serve(
      1, database: folder / "issued.sqlite", name: "\(folder.path.suffix(8))-issuer")
  }

  /// Posts all bodies at once.
  private func ask(_ address: String, _ bodies: [[UInt8]]) async throws -> [WebResponse] {
    try await withThrowingTaskGroup(of: WebResponse.self) { group in
      for body in bodies { group.addTask { try await CredentialElection.ask(address, body) } }
      var responses: [WebResponse] = []
      for try await response in group { responses.append(response) }
      return responses
    }
  }

  // adversary: E-07, E-10
  /// A hundred times the same request at once: a hundred times the same answer.
  @Test func theSameRequestAHundredTimesAtOnce() async throws {
    let election = try await CredentialElection.registering()
    let terms = try #require(try await election.state().terms)
    let folder = try TemporaryFolder("hundred")
    let server = try await issuer(election, folder)
    let citizen = try election.citizen()
    let asked = try await election.request(
      citizen, seed: SecureRandom.bytes(32), entrySeeds: election.entrySeeds(citizen, terms),
      issuer: 1, terms)
    let responses = try await ask(
      server.address, Array(repeating: try asked.body(), count: 100))
    #expect(
      responses.count == 100 && responses.allSatisfy { $0.status == 200 }, "\(counts(responses))")
    #expect(Set(responses.map(\.body)).count == 1)
    for response in responses.prefix(1) { _ = try asked.blindSignature(in: response) }
    try await server.kill()
    try await signed(1, election, folder, citizen, asked.request.hash)
  }

  // adversary: E-05, E-07, E-10
  /// A hundred wallets with the same code at once: one gets a signature, ninety-nine the conflict.
  @Test func aHundredRequestsForOneEntryAtOnce() async throws {
    let election = try await CredentialElection.registering()
    let terms = try #require(try await election.state().terms)
    let folder = try TemporaryFolder("hundred")
    let server = try await issuer(election, folder)
    let citizen = try election.citizen()
    let seeds = try election.entrySeeds(citizen, terms)
    var asked: [AskedRequest] = []
    for _ in 1...100 {
      asked.append(
        try await election.request(
          citizen, seed: SecureRandom.bytes(32), entrySeeds: seeds, issuer: 1, terms))
    }
    let responses = try await ask(server.address, try asked.map { try $0.body() })
    #expect(counts(responses) == [200: 1, 409: 99])
    let state = try await election.state()
    let records = state.credentials.records(
      district: citizen.district.number, index: citizen.index)
    let winner = try #require(records.first)
    var given = 0
    for request in asked
    where try await CredentialElection.earlier(server.address, request.request.hash) != nil {
      given += 1
      #expect(request.request.hash == winner.request)
    }
    #expect(given == 1)
    try await server.kill()
    try await signed(1, election, folder, citizen, winner.request)
  }

  private func counts(_ responses: [WebResponse]) -> [Int: Int] {
    responses.reduce(into: [:]) { $0[$1.status, default: 0] += 1 }
  }

  /// The database of an issuer that has ended has so many rows, and the record one request.
  private func signed(
    _ count: Int, _ election: CredentialElection, _ folder: TemporaryFolder,
    _ citizen: CredentialElection.Citizen, _ request: Digest
  ) async throws {
    let store = try SQLiteIssuanceStore.openExisting(path: folder / "issued.sqlite")
    #expect(try await store.counts() == [citizen.district.number: count])
    #expect(try await store.issued(request: request) != nil)
    try store.close()
    try await election.isWhole([(citizen, request, "a hundred")])
  }

  // MARK: A key for one voter

  // adversary: E-06
  /// An issuer that signs this voter's message under a key of its own, with a receipt: the wallet takes no such
  /// signature, and keeps what convicts the issuer. From the honest issuers it goes on.
  @Test func aKeyForOneVoterIsRefused() async throws {
    let election = try await CredentialElection.registering()
    let terms = try #require(try await election.state().terms)
    let citizen = try election.citizen()
    let box = try Data(contentsOf: URL(fileURLWithPath: election.folder / "issuer-1.key"))
    let seed = try PassphraseBox.open(
      [UInt8](box), passphrase: SecretBytes(copying: "a passphrase of tests".utf8),
      context: "urna/issuer/v1"
    ).revealed()
    let scope = CredentialScope(election: election.electionID)
    let directory: JSONValue = [
      "election": .string(election.electionID.hex), "issuer": 1, "keys": [], "name": "Issuer 1",
      "version": 1,
    ]
    let dishonest = try RawServer(answering: { _, request, connection in
      let json = ["Content-Type: application/json"]
      guard request.path == "v1/issue" else {
        let isKnown = request.path == "v1/directory"
        return connection.answer(isKnown ? 200 : 403, json, body: directory.canonicalBytes())
      }
      do {
        let body = try Self.tagged(request.body, scope, seed).json.canonicalBytes()
        return connection.answer(200, json, body: body)
      } catch { return connection.answer(500) }
    })
    let issuers =
      ["http://127.0.0.1:\(dishonest.port)"] + Array(election.addresses.dropFirst())
    let runs = try await onThreads([issuers], atOnce: 1) { try election.register(citizen, at: $0) }
    let run = try #require(runs.first)
    #expect(run.status == 1 && dishonest.connectionCount > 0, "\(run.text)")
    #expect(run.errors.contains("another key than everybody's"), "\(run.errors)")
    #expect(try election.kept(citizen.wallet).signatures.keys.sorted() == [2, 3], "\(run.text)")
    let path = citizen.wallet + ".issuer-1.wrong-answer"
    #expect(run.errors.contains(path), "\(run.errors)")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let fields = try JSONReader(JSONValue(parsing: [UInt8](bytes))).fields([
      "answer", "blinded", "version",
    ])
    let answer = try IssueAnswer(bytes: fields["answer"].value.canonicalBytes())
    let blinded = try fields["blinded"].hex(bytes: 256...512)
    #expect(answer.isReceiptValid(key: terms.issuers[0].key))
    let state = try await election.state()
    let record = try #require(
      state.credentials.records(district: citizen.district.number, index: citizen.index).first)
    #expect(answer.request == record.request && SHA256.hash(blinded) == record.blinded[0])
    let key = try #require(terms.credentialKey(issuer: 1, district: citizen.district.number))
    #expect(!key.vartimeIsValid(blindSignature: answer.blindSignature, request: blinded))
  }

  /// A signature under a key that nobody else has, with the issuer's own receipt.
  private static func tagged(
    _ body: [UInt8], _ scope: CredentialScope, _ seed: [UInt8]
  ) throws -> IssueAnswer {
    let message = try IssueMessage(bytes: body, in: ElectionState().group)
    let request = message.record.request(in: scope).hash
    // Half of all keys are too small for the message.
    for _ in 0..<40 {
      let signature: [UInt8]
      do { signature = try RSAPrivateKey.generate(bits: 2048).rawSignature(message.blinded) } catch
      {
        continue
      }
      let statement = IssueRequest.receipt(issuer: 1, request: request, blindSignature: signature)
      let identity = try Ed25519.PrivateKey(seed: SecretBytes(copying: seed))
      return IssueAnswer(
        issuer: 1, request: request, blindSignature: signature,
        receipt: try identity.signature(for: statement))
    }
    throw BlindRSAError.signingFailure
  }

  // MARK: Nobody's entry

  /// An answer as it came over the line.
  private struct Raw: Sendable {
    let status: String
    let head: Set<String>
    let body: String
    let seconds: Double
  }

  // adversary: E-08, E-10
  /// Who is not on the roll, has other keys, or asks for an entry or a district that there is not, gets one answer:
  /// status, fields and body are equal, and none comes before its time of three seconds.
  @Test func refusalsAreEqual() async throws {
    let election = try await CredentialElection.registering()
    let terms = try #require(try await election.state().terms)
    let citizen = try election.citizen()
    var other = try election.citizen()
    while other.district.number != citizen.district.number { other = try election.citizen() }
    let asked = try await election.request(
      citizen, seed: SecureRandom.bytes(32), entrySeeds: election.entrySeeds(citizen, terms),
      issuer: 1, terms)
    let stranger = try Ed25519.PrivateKey.generate()
    let strange = (
      key: stranger.publicKey, signature: try stranger.signature(for: asked.request.bytes)
    )
    let index = other.index
    let bodies: [(String, [UInt8])] = [
      (
        "a key that is not the entry's",
        try asked.body {
          $0.keys = [strange.key]
          $0.signatures = [strange.signature]
        }
      ),
      ("a wrong signature", try asked.body { $0.signatures[0][5] ^= 1 }),
      ("another citizen's entry", try asked.body { $0.index = index }),
      ("no such entry", try asked.body { $0.index = 1_000_000 }),
      ("no such district", try asked.body { $0.district = 9 }),
      ("evidence in place of keys", try asked.body { $0.evidence = .sealed(SHA256.hash([])) }),
    ]
    let folder = try TemporaryFolder("refusals")
    let files = try bodies.enumerated().map { try folder.write($1.1, to: "body-\($0)") }
    let address = election.addresses[0]
    let answers = try await onThreads(files, atOnce: files.count) {
      try Self.curl(address, $0)
    }
    let first = try #require(answers.first)
    #expect(first.status.contains("403"), "\(first)")
    for ((name, _), answer) in zip(bodies, answers) {
      let context = Comment(rawValue: name)
      #expect(answer.status == first.status, context)
      #expect(answer.head == first.head, context)
      #expect(answer.body == first.body, context)
      #expect(answer.seconds >= 3, context)
      // How late an answer comes says how busy the machine is, and no more than that.
      #expect(answer.seconds < 10, context)
    }
    print("refusals after \(answers.map(\.seconds)) seconds")
    #expect(!first.body.contains("\(citizen.index)"))
    let state = try await election.state()
    #expect(
      state.credentials.records(district: citizen.district.number, index: citizen.index).isEmpty)
  }

  private static func curl(_ address: String, _ file: String) throws -> Raw {
    let run = try ToolRun(
      "/usr/bin/curl",
      [
        "-sS", "-i", "--noproxy", "*", "-H", "Content-Type: application/json", "--data-binary",
        "@\(file)", "-w", "\n%{time_total}", "\(address)/v1/issue",
      ])
    try #require(run.status == 0, "\(run.text)")
    let parts = run.output.components(separatedBy: "\r\n\r\n")
    let lines = parts[0].components(separatedBy: "\r\n")
    let rest = parts.dropFirst().joined(separator: "\r\n\r\n").components(separatedBy: "\n")
    return Raw(
      status: lines[0],
      head: Set(lines.dropFirst().filter { !$0.lowercased().hasPrefix("date:") }),
      body: rest.dropLast().joined(separator: "\n"), seconds: Double(rest.last ?? "") ?? 0)
  }
}
