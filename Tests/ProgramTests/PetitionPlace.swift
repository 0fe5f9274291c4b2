// SPDX-License-Identifier: Apache-2.0

import Cryptography
import ElectionFixtures
import Foundation
import StrictJSON
import Testing

/// A roll of six citizens, and wallets of theirs.
struct PetitionPeople: Sendable {
  let folder: TemporaryFolder
  /// The time of day of all programs.
  let clock: MovableClock
  static let issuers = 3

  /// North has four entries, south two. Citizens have keys of their own, in the order of the entries.
  static func place(_ citizen: Int) -> (district: String, index: Int) {
    citizen <= 4 ? ("north", citizen) : ("south", citizen - 4)
  }

  var wallets: [String] { (1...6).map { folder / "wallet-\($0)" } }

  func run(_ program: String, _ arguments: [String], status: Int32 = 0) async throws -> ProgramRun {
    let run = try await ProgramRun.onThread(
      program, arguments, environment: clock.environment.map { "\($0.key)=\($0.value)" })
    try #require(
      run.status == status,
      "\(program) \(arguments.prefix(2)): status \(run.status): \(run.output)\(run.errors)")
    return run
  }

  var passphrase: [String] { ["--passphrase-file", folder / "passphrase"] }

  static func make() async throws -> PetitionPeople {
    let folder = try TemporaryFolder("petition")
    let people = PetitionPeople(folder: folder, clock: try MovableClock(in: folder))
    _ = try folder.write(
      Array("a passphrase of tests\n".utf8), to: "passphrase", permissions: 0o600)
    _ = try await people.run(
      "election",
      ["keys", "--secret", folder / "commission", "--public", folder / "commission.json"]
        + people.passphrase)
    var csv = "citizen,district,identifier,name,address\n"
    var keys = "district,index,key\n"
    for citizen in 1...6 {
      let (district, index) = place(citizen)
      csv += "reference-\(citizen),\(district),,Citizen \(citizen),Street \(citizen)\n"
      let identity = try Identity("petitioner/\(citizen)")
      keys += "\(district),\(index),\(identity.publicKey.hex)\n"
      let own: JSONValue = [
        "district": .string(district), "index": .integer(Int64(index)),
        "seeds": .array([.string(Hex.encode(identity.seed))]),
      ]
      _ = try folder.write(own.prettyBytes(), to: "keys-of-\(citizen)", permissions: 0o600)
      _ = try await people.run(
        "voter",
        ["keys", "--wallet", people.wallets[citizen - 1], "--public", folder / "unused.json"])
    }
    _ = try folder.write(Array(csv.utf8), to: "citizens.csv", permissions: 0o600)
    _ = try folder.write(keys, to: "keys.csv")
    _ = try await people.run(
      "issuer",
      [
        "roll", "import", "--csv", folder / "citizens.csv", "--roll", folder / "roll", "--plan",
        folder / "plan.json", "--letters", folder / "letters.csv", "--district", "north",
        "--district", "south",
      ])
    _ = try await people.run(
      "issuer",
      [
        "roll", "complete", "--roll", folder / "roll", "--keys", folder / "keys.csv", "--output",
        folder / "roll.json",
      ])
    return people
  }
}

/// When the citizens of a test register and activate: seconds of its clock.
struct PetitionTimes: Sendable {
  let registration: ClosedRange<Int>
  let activation: ClosedRange<Int>

  init(from now: Int) {
    registration = now...now + 3600
    activation = registration.upperBound + 1...registration.upperBound + 3600
  }

  static func text(_ seconds: Int) -> String {
    Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
  }
}

/// One petition, with files, keys, a box and issuers of its own.
struct PetitionPlace: Sendable {
  let people: PetitionPeople
  let name: String
  var scope: String { "petition/\(name)" }
  var folder: TemporaryFolder { people.folder }
  var record: String { path("record") }

  func path(_ file: String) -> String { folder / "\(name)-\(file)" }

  /// Keys of the box and of the issuers.
  static func make(_ name: String, _ people: PetitionPeople) async throws -> PetitionPlace {
    let place = PetitionPlace(people: people, name: name)
    _ = try await people.run(
      "ballot-box",
      [
        "keys", "--keys", place.path("box"), "--public", place.path("box.json"), "--origin",
        "example.org/\(name)",
      ])
    for number in 1...PetitionPeople.issuers {
      let own = place.path("issuer-\(number)")
      _ = try await people.run(
        "issuer",
        [
          "keys", "generate", "--name", "Issuer \(number)", "--district", "north", "--district",
          "south", "--bits", "2048", "--secret", own, "--keys", "\(own).keys", "--public",
          "\(own).json",
        ] + people.passphrase)
      _ = try await people.run("issuer", ["init", "--database", "\(own).sqlite"])
    }
    _ = try people.folder.write(
      "We ask the council to open the footbridge at night.\nNumber \(name).\n",
      to: "\(name)-text")
    return place
  }

  func initArguments(_ times: PetitionTimes, issuersOf other: PetitionPlace? = nil) -> [String] {
    var arguments = [
      "init", "--name", "Footbridge", "--scope", scope, "--scope-text", path("text"),
      "--ballot-box", path("box.json"), "--roll", folder / "roll.json", "--minimum-district", "2",
      "--registration-opens", PetitionTimes.text(times.registration.lowerBound),
      "--registration-closes", PetitionTimes.text(times.registration.upperBound),
      "--activation-opens", PetitionTimes.text(times.activation.lowerBound),
      "--activation-closes", PetitionTimes.text(times.activation.upperBound),
      "--output", path("entries"), "--secret", folder / "commission",
    ]
    for number in 1...PetitionPeople.issuers {
      arguments += ["--issuer", (other ?? self).path("issuer-\(number).json")]
    }
    return arguments + people.passphrase
  }

  /// Makes the configuration, and begins the log with it; the election's identifier.
  func configure(_ times: PetitionTimes, issuersOf other: PetitionPlace? = nil) async throws
    -> String
  {
    let made = try await people.run("election", initArguments(times, issuersOf: other))
    try await accept(path("entries/configuration.entry"))
    let line = made.output.split(separator: "\n").first { $0.hasPrefix("election ") }
    return String(try #require(line).dropFirst("election ".count))
  }

  func accept(_ file: String) async throws {
    _ = try await people.run(
      "ballot-box", ["accept", "--keys", path("box"), "--record", record, file])
  }

  func openRegistration() async throws {
    let file = path("registration.entry")
    _ = try await people.run(
      "election",
      [
        "open-registration", "--record", record, "--secret", folder / "commission", "--output",
        file,
      ]
        + people.passphrase)
    try await accept(file)
  }

  func serveBox() async throws -> ServerProcess {
    try await ServerProcess(
      "ballot-box", ["--keys", path("box"), "--record", record], in: folder,
      name: "\(name)-box-server", environment: people.clock.environment)
  }

  /// - Parameter keys: of another place, where they do not belong.
  func issuerArguments(
    _ number: Int, box: String, election: String, keysOf keys: PetitionPlace? = nil,
    databaseOf database: PetitionPlace? = nil
  ) -> [String] {
    let own = (keys ?? self).path("issuer-\(number)")
    return [
      "--box", box, "--election", election, "--number", "\(number)", "--secret", own,
      "--keys", "\(own).keys", "--roll", folder / "roll", "--database",
      (database ?? self).path("issuer-\(number).sqlite"),
    ] + people.passphrase
  }

  func serveIssuers(box: String, election: String) async throws -> [ServerProcess] {
    var servers: [ServerProcess] = []
    for number in 1...PetitionPeople.issuers {
      servers.append(
        try await ServerProcess(
          "issuer", issuerArguments(number, box: box, election: election), in: folder,
          name: "\(name)-issuer-server-\(number)", environment: people.clock.environment))
    }
    return servers
  }

  /// `election VERB --submit`
  func commission(_ verb: String, _ box: String, status: Int32 = 0) async throws -> ProgramRun {
    try await people.run(
      "election",
      [verb, "--record", box, "--secret", folder / "commission", "--submit"] + people.passphrase,
      status: status)
  }

  func register(
    _ citizen: Int, _ box: String, _ issuers: [ServerProcess], wallet: String? = nil,
    status: Int32 = 0
  ) async throws -> ProgramRun {
    var arguments = [
      "register", "--record", box, "--wallet", wallet ?? people.wallets[citizen - 1],
      "--entry-keys", folder / "keys-of-\(citizen)",
    ]
    for issuer in issuers { arguments += ["--issuer", issuer.address] }
    return try await people.run("voter", arguments, status: status)
  }

  func activate(
    _ citizen: Int, _ box: String, _ way: [String] = ["--submit"], wallet: String? = nil,
    status: Int32 = 0
  ) async throws -> ProgramRun {
    try await people.run(
      "voter",
      ["activate", "--record", box, "--wallet", wallet ?? people.wallets[citizen - 1]] + way,
      status: status)
  }

  func scope(_ record: String, _ more: [String] = [], status: Int32 = 0) async throws -> ProgramRun
  {
    try await people.run("issuer", ["scope", "--record", record] + more, status: status)
  }
}
