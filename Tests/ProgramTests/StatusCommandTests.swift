// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Foundation
import Groups
import Ledger
import LedgerFiles
import StrictJSON
import TestSupport
import Testing

/// `voter status --proof`, and `verifier status` on another device, which has no record.
@Suite struct StatusCommandTests {
  /// An election of two witnesses in the standard group; voter 8 never asked for a credential.
  private struct Scene: Sendable {
    let folder: TemporaryFolder
    let fixture: ElectionFixture
    /// The record before the list is frozen, and behind it.
    let early: String
    let record: String

    init() throws {
      folder = try TemporaryFolder("status", untilExit: true)
      var setup = CredentialSetup.toy
      setup.group = .standard
      setup.trustees = 1
      setup.threshold = 1
      setup.witnessPolicy = try WitnessPolicy(
        Array(
          ("witness a \(try ElectionFixture.cosigner("a").verifierKey.vkey)\n"
            + "witness b \(try ElectionFixture.cosigner("b").verifierKey.vkey)\n"
            + "group all all a b\nquorum all\n").utf8))
      var fixture = try ElectionFixture(setup)
      try fixture.advance(from: .empty, to: .registering)
      try fixture.admit((1...7).map { try fixture.entry(fixture.issuance($0), by: .issuer(1)) })
      try fixture.admit(fixture.entry(fixture.cancellation(1), by: .voter(1)))
      try fixture.admit(fixture.entry(fixture.issuance(1, attempt: 1), by: .issuer(2)))
      try fixture.step(to: .activating)
      early = try Self.write(fixture, to: folder / "early")
      let list = CredentialListFrozen(
        districts: fixture.state.frozenLists(),
        checkpoint: try fixture.checkpointNow(cosigned: [("a", 5), ("b", 6)]))
      try fixture.admit(fixture.entry(list, by: .commission))
      record = try Self.write(fixture, to: folder / "record")
      self.fixture = fixture
    }

    private static func write(_ fixture: ElectionFixture, to path: String) throws -> String {
      var writer = try RecordWriter.create(directory: path, signer: fixture.logSigner())
      _ = try writer.append(
        batch: fixture.entries.map { (entry: $0.entry.bytes, payload: $0.payload) })
      let note = try fixture.checkpointNow(cosigned: [("a", 1_800_000_000), ("b", 1_800_000_001)])
      try AtomicFile.write(Array(note.utf8), to: "\(path)/checkpoint")
      return path
    }

    func status(
      _ voter: Int, _ options: [String], record: String? = nil
    ) throws -> ProgramRun {
      let place = fixture.rollPlace(voter)
      return try ProgramRun.run(
        "voter",
        [
          "status", "--record", record ?? self.record, "--district",
          CredentialSetup.districts[place.district - 1], "--index", "\(place.index)",
        ] + options)
    }

    func check(_ file: String, _ options: [String]? = nil) throws -> ProgramRun {
      let known = try options ?? ["--election", fixture.electionID().hex]
      return try ProgramRun.run("verifier", ["status", file] + known)
    }

    func leaf(_ voter: Int, permissions: Int = 0o600) throws -> String {
      let place = fixture.rollPlace(voter)
      return try folder.write(
        RollProof(
          district: place.district, index: place.index, opening: fixture.rollOpening(voter)
        ).json.prettyBytes(), to: "leaf-\(voter)-\(permissions)", permissions: permissions)
    }
  }

  private static let held = Result { try Scene() }
  private func scene() throws -> Scene { try Self.held.get() }

  @Test func nothingWasIssued() throws {
    let scene = try scene()
    let file = scene.folder / "nothing"
    let made = try scene.status(8, ["--proof", file])
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.output.contains("no credential was issued for entry 3 of the district south"))
    let checked = try scene.check(file)
    #expect(checked.status == 0, "\(checked.errors)")
    #expect(
      checked.output.contains("no credential was ever issued for entry 3 of the district south"))
    #expect(checked.output.contains("cosigned by a at 2027-01-15T08:00:00Z, b at"))
    #expect(checked.output.contains("whose entry it is does not show"))
    let logKey = try scene.fixture.logSigner().verifierKey.vkey
    #expect(try scene.check(file, ["--log-key", logKey]).status == 0)
    let schema = try ProgramRun.python(
      Shared.repository.appendingPathComponent("Tests/Scripts/validate-record.py").path,
      ["--status-proof", file])
    #expect(schema.0 == 0, "\(schema.1)")
  }

  @Test func whenItWasIssued() throws {
    let scene = try scene()
    let file = scene.folder / "issued"
    let made = try scene.status(1, ["--proof", file, "--leaf", scene.leaf(1)])
    #expect(made.status == 0, "\(made.errors)")
    #expect(made.output.contains("whoever sees it learns whose entry this is"))
    let checked = try scene.check(file)
    #expect(checked.status == 0, "\(checked.errors)")
    let lines = checked.output.split(separator: "\n")
    #expect(
      lines.contains { $0.hasPrefix("request 1 for entry 1") && $0.hasSuffix("Z, cancelled") })
    #expect(
      lines.contains { $0.hasPrefix("request 2 for entry 1") && $0.hasSuffix("not cancelled") })
    let key = CredentialSetup.rollIdentities[0][0].publicKey.hex
    #expect(lines.contains("it is the roll's entry with the key \(key)"))
    let schema = try ProgramRun.python(
      Shared.repository.appendingPathComponent("Tests/Scripts/validate-record.py").path,
      ["--status-proof", file])
    #expect(schema.0 == 0, "\(schema.1)")
  }

  @Test func beforeTheFreezingThereIsNoProof() throws {
    let scene = try scene()
    let file = scene.folder / "early-proof"
    let made = try scene.status(8, ["--proof", file], record: scene.early)
    #expect(made.status == 3 && made.output.contains("no credential was issued"))
    #expect(made.errors.contains("the proof exists from the freezing of the list on"))
    #expect(try !scene.folder.names().contains("early-proof"))
    #expect(try scene.status(8, [], record: scene.early).status == 0)
  }

  @Test func whatIsWrongIsRefusedByName() throws {
    let scene = try scene()
    let file = scene.folder / "wrong"
    #expect(try scene.status(3, ["--proof", file]).status == 0)
    let bytes = try TestBox.bytes(file)
    let text = String(decoding: bytes, as: UTF8.self)
    for (old, new, rule) in [
      ("\"index\":1,\"path\"", "\"index\":2,\"path\"", "ELI-6"),
      ("\"attempts\":[{\"cancelled\":false", "\"attempts\":[{\"cancelled\":true", "ELI-6"),
      ("\"index\":1,\"path\"", "\"index\":7,\"path\"", "ELI-3"),
      ("example.org/election\\n", "example.org/electiom\\n", "LOG-1"),
    ] {
      let changed = try scene.folder.write(text.replacing(old, with: new), to: "wrong-\(rule)")
      let run = try scene.check(changed)
      #expect(run.status == 1 && run.errors.contains("\(rule) fails"), "\(rule): \(run.errors)")
      #expect(!run.output.contains("verdict"))
    }
    let other = SHA256.hash([1]).hex
    let foreign = try scene.check(file, ["--election", other])
    #expect(foreign.status == 5 && foreign.errors.contains("a proof about election"))
    #expect(try scene.check(file, []).status == 2)
    let cut = try scene.folder.write(Array(bytes.dropLast()), to: "cut")
    #expect(try scene.check(cut).status == 1)
    // A policy of one's own, whose witness did not cosign.
    let policy = try scene.folder.write(
      "witness c \(try ElectionFixture.cosigner("c").verifierKey.vkey)\nquorum c\n", to: "policy")
    let strict = try scene.check(
      file, ["--election", scene.fixture.electionID().hex, "--policy", policy])
    #expect(strict.status == 1 && strict.errors.contains("LOG-11 fails"), "\(strict.errors)")
  }

  // adversary: S-01
  @Test func theSaltIsKept() throws {
    let scene = try scene()
    let file = scene.folder / "kept"
    #expect(try scene.status(3, ["--leaf", scene.leaf(3)]).status == 2)
    let open = try scene.status(3, ["--proof", file, "--leaf", scene.leaf(3, permissions: 0o644)])
    #expect(open.status == 5, "\(open.errors)")
    let other = try scene.status(3, ["--proof", file, "--leaf", scene.leaf(1)])
    #expect(other.status == 1 && other.errors.contains("entry 1 of the district number 1"))
    let place = scene.fixture.rollPlace(3)
    let own = scene.fixture.rollOpening(3)
    let wrong = try scene.folder.write(
      RollProof(
        district: place.district, index: place.index,
        opening: RollOpening(salt: SHA256.hash([2]), identity: own.identity, path: own.path)
      ).json.prettyBytes(), to: "wrong-leaf", permissions: 0o600)
    let refused = try scene.status(3, ["--proof", file, "--leaf", wrong])
    #expect(refused.status == 1 && refused.errors.contains("ELI-3 fails"), "\(refused.errors)")
    #expect(try !scene.folder.names().contains("kept"))
  }
}
