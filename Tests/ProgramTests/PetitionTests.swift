// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// Two petitions with the real programs, from `election init` to `verifier record`: the same citizens, the same
/// wallets, the same roll, other keys.
@Suite struct PetitionTests {
  private struct Scene: Sendable {
    let people: PetitionPeople
    let first: PetitionPlace
    let second: PetitionPlace
    let times: PetitionTimes
    let elections: [String]
    let boxes: [ServerProcess]
    let issuers: [[ServerProcess]]

    var box: String { boxes[0].address }
    var otherBox: String { boxes[1].address }
  }

  @Test(.hangs) func citizensSignTwoPetitions() async throws {
    let scene = try await Self.begin()
    try await Self.register(scene)
    try await Self.tellScopes(scene)
    try await Self.reuseKeys(scene)
    let fourth = try await PetitionPlace.make("4", scene.people)
    let election = try await fourth.configure(scene.times)
    try scene.people.clock.move(past: scene.times.registration.upperBound)
    for server in scene.issuers.flatMap({ $0 }) { try await server.stop() }
    try await Self.activate(scene)
    try await Self.reuseDatabase(scene, fourth, election)
    try scene.people.clock.move(past: scene.times.activation.upperBound)
    try await Self.freeze(scene)
    for server in scene.boxes { try await server.stop() }
  }

  private static func begin() async throws -> Scene {
    let people = try await PetitionPeople.make()
    let first = try await PetitionPlace.make("1", people)
    let second = try await PetitionPlace.make("2", people)
    let times = PetitionTimes(from: people.clock.now)
    var elections: [String] = []
    var boxes: [ServerProcess] = []
    var issuers: [[ServerProcess]] = []
    for place in [first, second] {
      let election = try await place.configure(times)
      elections.append(election)
      #expect(!FileManager.default.fileExists(atPath: place.path("entries/manifest.entry")))
      try await place.openRegistration()
      let box = try await place.serveBox()
      boxes.append(box)
      issuers.append(try await place.serveIssuers(box: box.address, election: election))
    }
    return Scene(
      people: people, first: first, second: second, times: times, elections: elections,
      boxes: boxes, issuers: issuers)
  }

  /// Citizens 1 to 5 in the first petition, 1 and 2 in the second as well.
  private static func register(_ scene: Scene) async throws {
    for citizen in 1...5 {
      let run = try await scene.first.register(citizen, scene.box, scene.issuers[0])
      #expect(run.output.contains("the credential is complete"))
    }
    for citizen in 1...2 {
      _ = try await scene.second.register(citizen, scene.otherBox, scene.issuers[1])
    }
    // Again: the same answers, and no second credential.
    _ = try await scene.first.register(1, scene.box, scene.issuers[0])
    // Another seed with the same keys gets nothing.
    let thief = scene.people.folder / "wallet-of-a-thief"
    _ = try await scene.people.run(
      "voter", ["keys", "--wallet", thief, "--public", scene.people.folder / "unused.json"])
    let refused = try await scene.first.register(
      1, scene.box, scene.issuers[0], wallet: thief, status: 1)
    #expect(refused.errors.contains("with another wallet"))
    let status = try await scene.people.run(
      "voter", ["status", "--record", scene.box, "--district", "north", "--index", "1"])
    #expect(status.output.contains("credential 1 of entry 1 of the district north"))
    #expect(!status.output.contains("credential 2"))
  }

  private static func tellScopes(_ scene: Scene) async throws {
    let run = try await scene.first.scope(scene.box)
    let lines = run.output.split(separator: "\n").map(String.init)
    for line in [
      "scope petition/1", "id \(scene.elections[0])", "name Footbridge",
      "  We ask the council to open the footbridge at night.", "phase registration",
      "issuers: 3 of 3 must sign, 1 may be dishonest",
      "district north: 4 entries of the roll, 4 credentials issued, 0 cancelled, 0 keys activated",
      "district south: 2 entries of the roll, 1 credentials issued, 0 cancelled, 0 keys activated",
    ] {
      #expect(lines.contains(line), "\(line)\n\(run.output)")
    }
    #expect(run.output.contains("rate: one live credential for each entry of the roll"))
    func keys(_ place: PetitionPlace, _ number: Int) -> [String] {
      ["--number", "\(number)", "--keys", place.path("issuer-1.keys")] + scene.people.passphrase
    }
    let own = try await scene.first.scope(
      scene.box, keys(scene.first, 1) + ["--other", scene.otherBox])
    #expect(own.output.contains("the keys of issuer 1 in this scope"))
    #expect(own.output.contains("no key of this scope is used in the scope petition/2"))
    let another = try await scene.first.scope(scene.box, keys(scene.first, 2), status: 1)
    #expect(another.errors.contains("not the keys of issuer 2"))
    let foreign = try await scene.first.scope(scene.box, keys(scene.second, 1), status: 1)
    #expect(foreign.errors.contains("the keys are of the scope petition/2 (\(scene.elections[1]))"))
  }

  /// A third petition whose configuration names the keys of the first: issuers refuse to serve it, and everybody
  /// can see why.
  // adversary: E-05
  private static func reuseKeys(_ scene: Scene) async throws {
    let third = try await PetitionPlace.make("3", scene.people)
    let election = try await third.configure(scene.times, issuersOf: scene.first)
    let server = try FolderServer(third.record)
    let keys = try await scene.people.run(
      "issuer",
      ["serve", "--port", "0"]
        + third.issuerArguments(1, box: server.address, election: election, keysOf: scene.first),
      status: 5)
    #expect(keys.errors.contains("the keys are of the scope petition/1 (\(scene.elections[0]))"))
    let seen = try await third.scope(third.record, ["--other", scene.box], status: 1)
    #expect(seen.errors.contains("is used in the scope petition/1"))
  }

  /// Fresh keys do not help with the database of another petition.
  private static func reuseDatabase(_ scene: Scene, _ place: PetitionPlace, _ election: String)
    async throws
  {
    let server = try FolderServer(place.record)
    let run = try await scene.people.run(
      "issuer",
      ["serve", "--port", "0"]
        + place.issuerArguments(
          1, box: server.address, election: election, databaseOf: scene.first), status: 5)
    #expect(run.errors.contains("the database is of the scope petition/1"))
  }

  private static func activate(_ scene: Scene) async throws {
    _ = try await scene.first.commission("open-activation", scene.box)
    _ = try await scene.second.commission("open-activation", scene.otherBox)
    for citizen in 1...3 { _ = try await scene.first.activate(citizen, scene.box) }
    _ = try await scene.second.activate(1, scene.otherBox)
    let again = try await scene.first.activate(1, scene.box)
    #expect(again.output.contains("the key is on the list already"))
    // Who did not register has nothing to show.
    let nobody = try await scene.first.activate(6, scene.box, status: 3)
    #expect(nobody.errors.contains("no credential of this election or petition"))
    // A signature under the first petition is worth nothing under the second.
    let file = scene.people.folder / "signature.entry"
    _ = try await scene.first.activate(4, scene.box, ["--output", file])
    let refused = try await scene.people.run(
      "voter", ["submit", "--box", scene.otherBox, file], status: 1)
    #expect(refused.errors.contains("ELI-5") || refused.errors.contains("LOG-6"))
    _ = try await scene.people.run("voter", ["submit", "--box", scene.box, file])
  }

  private static func freeze(_ scene: Scene) async throws {
    let early = try await scene.people.run("verifier", ["record", scene.box], status: 3)
    #expect(early.output.hasSuffix("verdict: incomplete\n"))
    let frozen = try await scene.first.commission("freeze", scene.box)
    #expect(frozen.output.contains("gap"))
    let open = try await scene.first.commission("open", scene.box, status: 5)
    #expect(open.errors.contains("nobody votes in a petition"))
    let complete = try await scene.people.run("verifier", ["record", scene.first.record])
    #expect(complete.output.contains("  0 of 3 issuers declared their keys destroyed"))
    for number in 1...3 {
      let own = scene.first.path("issuer-\(number)")
      _ = try await scene.people.run(
        "issuer",
        [
          "keys", "destroy", "--record", scene.box, "--number", "\(number)", "--secret", own,
          "--keys", "\(own).keys", "--database", "\(own).sqlite", "--submit",
        ] + scene.people.passphrase)
    }
    let verified = try await scene.people.run("verifier", ["record", scene.first.record])
    for line in [
      "petition/1: 4 signatures", "  district north: 4 signatures of 4 entitled, gap 0",
      "  district south: 0 signatures of 2 entitled, gap 1",
      "  3 of 3 issuers declared their keys destroyed", "verdict: passed",
    ] {
      #expect(verified.output.split(separator: "\n").contains { $0 == line }, "\(verified.output)")
    }
    let script = Shared.repository.appendingPathComponent("Tests/Scripts/validate-record.py").path
    let (status, text) = try ProgramRun.python(script, [scene.first.record])
    #expect(status == 0 && text.contains("valid"), "\(text)")
  }
}
