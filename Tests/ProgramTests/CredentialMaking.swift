// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import Foundation
import Ledger
import StrictJSON
import TestSupport
import Testing

/// The steps of the beginning.
struct CredentialMaking {
  let plan: CredentialElection.Plan
  let folder: TemporaryFolder
  let module: SoftwareModule?
  /// The time of day of all programs.
  let clock: MovableClock

  var passphrase: [String] { ["--passphrase-file", folder / "passphrase"] }

  /// The variables of a program: the clock, and these.
  func variables(_ more: [String: String]) -> [String: String] {
    PreloadedLibrary.join(clock.environment, more)
  }

  @discardableResult
  func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:]
  ) async throws -> ToolRun {
    let variables = variables(environment)
    let runs = try await onThreads([arguments], atOnce: 1) {
      try ToolRun("\(ToolRun.programs)/\(program)", $0, environment: variables)
    }
    let run = try #require(runs.first)
    try #require(run.status == 0, "\(program) \(arguments.prefix(2)): \(run.text)")
    return run
  }

  func makeKeys() async throws {
    _ = try folder.write(
      Array("a passphrase of tests\n".utf8), to: "passphrase", permissions: 0o600)
    try await run(
      "election",
      ["keys", "--secret", folder / "commission.key", "--public", folder / "commission.json"]
        + passphrase)
    try await run(
      "ballot-box",
      [
        "keys", "--keys", folder / "box.key", "--public", folder / "box.json", "--origin",
        "tests.urna.example/credentials",
      ])
    try await run(
      "trustee",
      ["enroll", "--secret", folder / "trustee.key", "--public", folder / "trustee.json"]
        + passphrase)
  }

  func makeAuditors() async throws {
    try await run(
      "election",
      ["auditors", "keys", "--secret", folder / "auditors.key", "--public", auditors] + passphrase)
  }

  private var auditors: String { folder / "auditors.json" }

  func startWitness() async throws -> ServerProcess {
    let box = try JSONReader(JSONValue(parsing: Array(folder.text("box.json").utf8))).openFields()
    try await run(
      "witness",
      [
        "keys", "--secret", folder / "witness.key", "--public", folder / "witness.vkey", "--name",
        "witness.example",
      ])
    let settings: JSONValue = [
      "logs": .array([.string(try box["log"].string())]),
      "secret": .string(folder / "witness.key"), "database": .string(folder / "witness.sqlite"),
    ]
    _ = try folder.write(settings.prettyBytes(), to: "witness.json")
    try await run("witness", ["init", "--config", folder / "witness.json"])
    let server = try await ServerProcess(
      "witness", ["--config", folder / "witness.json"], in: folder, name: "witness",
      environment: clock.environment)
    let key = try folder.text("witness.vkey").prefix { $0 != "\n" }
    _ = try folder.write(
      "witness one \(key) \(server.address)\nquorum one\n", to: "policy")
    return server
  }

  /// Two districts of the manifest, each with its ballot style.
  func importManifest() async throws -> [(label: String, style: String)] {
    let path = Shared.repository.appendingPathComponent("Ceremonies/demo-county.json").path
    try await run(
      "election",
      ["import", "--from", "nist-1500-20", path, "--output", folder / "manifest.json"])
    let manifest = try Manifest(bytes: Array(folder.text("manifest.json").utf8))
    var seen = Set<String>()
    let styles = manifest.ballotStyles.compactMap { style -> (label: String, style: String)? in
      guard let district = style.districts.first, seen.insert(district).inserted else { return nil }
      return (district, style.label)
    }
    try #require(styles.count >= 2)
    return Array(styles.prefix(2))
  }

  func makeRoll(
    _ styles: [(label: String, style: String)]
  ) async throws -> [CredentialElection.Citizen] {
    var csv = "citizen,district,identifier,name,address\n"
    for number in 1...plan.citizens {
      csv += "reference-\(number),\(styles[number % 2].label),,Voter \(number),Street \(number)\n"
    }
    if plan.provider != nil {
      csv += "reference-P,\(styles[0].label),\(OpenIDTestProvider.identifier),,\n"
    }
    _ = try folder.write(Array(csv.utf8), to: "citizens.csv", permissions: 0o600)
    try await run(
      "issuer",
      [
        "roll", "import", "--csv", folder / "citizens.csv", "--roll", folder / "roll", "--plan",
        folder / "plan.json", "--letters", folder / "letters.csv",
      ] + styles.flatMap { ["--district", $0.label] })
    let authorities = Array(1...plan.authorities)
    for authority in authorities {
      try await run(
        "issuer",
        [
          "letters", "--list", folder / "letters.csv", "--plan", folder / "plan.json",
          "--election-name", "Tests", "--authority", "\(authority)", "--output",
          folder / "letters-\(authority)", "--keys", folder / "keys-\(authority).csv",
        ] + authorities.flatMap { ["--authority-name", "Authority \($0)"] })
    }
    try await run(
      "issuer",
      ["roll", "complete", "--roll", folder / "roll", "--output", folder / "roll.json"]
        + authorities.flatMap { ["--keys", folder / "keys-\($0).csv"] })
    return try openLetters(styles)
  }

  /// What the letters say, by name.
  private func codes(_ authority: Int) throws -> [String: String] {
    var codes: [String: String] = [:]
    let html = try folder.text("letters-\(authority)/letters-1.html")
    for letter in html.components(separatedBy: "<section").dropFirst() {
      guard let name = Self.part(of: letter, ">Voter ", "</p>"),
        let code = Self.part(of: letter, "<p class=\"groups\">", "</p>")
      else { continue }
      codes["Voter \(name)"] = code.lowercased()
    }
    return codes
  }

  private static func part(of text: String, _ front: String, _ back: String) -> String? {
    guard let start = text.range(of: front),
      let end = text.range(of: back, range: start.upperBound..<text.endIndex)
    else { return nil }
    return String(text[start.upperBound..<end.lowerBound])
  }

  private func openLetters(
    _ styles: [(label: String, style: String)]
  ) throws -> [CredentialElection.Citizen] {
    let codes = try (1...plan.authorities).map(codes)
    var citizens: [CredentialElection.Citizen] = []
    for line in try folder.text("letters.csv").split(separator: "\n").dropFirst() {
      let fields = line.split(separator: ",").map(String.init)
      let district = try #require(styles.firstIndex { $0.label == fields[0] })
      let number = try #require(Int(fields[2].dropFirst("Voter ".count)))
      let own = try codes.map { try #require($0[fields[2]]) }
      citizens.append(
        CredentialElection.Citizen(
          number: number, district: (district + 1, fields[0]),
          index: try #require(Int(fields[1])), codes: own,
          wallet: folder / "citizen-\(number)/wallet",
          letters: try folder.write(
            Array((own.joined(separator: "\n") + "\n").utf8), to: "letters-of-\(number)",
            permissions: 0o600)))
    }
    #expect(citizens.count == plan.citizens)
    return citizens.sorted { $0.number < $1.number }
  }

  func makeIssuers(_ styles: [(label: String, style: String)]) async throws {
    let module = module
    for number in CredentialElection.issuers {
      var arguments = [
        "keys", "generate", "--name", "Issuer \(number)", "--bits", "2048", "--secret",
        folder / "issuer-\(number).key", "--keys", folder / "issuer-\(number).keys", "--public",
        folder / "issuer-\(number).json",
      ]
      arguments += styles.flatMap { ["--district", $0.label] }
      var environment: [String: String] = [:]
      if number == CredentialElection.hardwareIssuer, let module {
        arguments += module.keyArguments
        environment = module.environment
      }
      try await run("issuer", arguments + passphrase, environment: environment)
      try await run("issuer", ["init", "--database", folder / "issuer-\(number).sqlite"])
    }
  }

  func configure(
    _ styles: [(label: String, style: String)], _ registration: ClosedRange<Int>,
    _ activation: ClosedRange<Int>
  ) async throws -> Digest {
    func text(_ second: Int) -> String {
      Date(timeIntervalSince1970: Double(second)).formatted(.iso8601)
    }
    var arguments = [
      "init", "--name", "Tests", "--manifest", folder / "manifest.json", "--ballot-box",
      folder / "box.json", "--trustee", folder / "trustee.json", "--threshold", "1", "--output",
      folder / "entries", "--secret", folder / "commission.key", "--witness-policy",
      folder / "policy", "--roll", folder / "roll.json", "--minimum-district", "1",
      "--maximum-gap", "10000",
      "--registration-opens", text(registration.lowerBound), "--registration-closes",
      text(registration.upperBound), "--activation-opens", text(activation.lowerBound),
      "--activation-closes", text(activation.upperBound), "--voting-opens",
      text(activation.upperBound + 1),
    ]
    arguments += CredentialElection.issuers.flatMap { ["--issuer", folder / "issuer-\($0).json"] }
    arguments += styles.flatMap { ["--style", "\($0.label)=\($0.style)"] }
    if plan.provider != nil { arguments += ["--auditors", auditors] }
    try await run("election", arguments + passphrase)
    let entry = folder / "entries/configuration.entry"
    try await run(
      "ballot-box",
      [
        "accept", "--keys", folder / "box.key", "--record", folder / "record", entry,
        folder / "entries/manifest.entry",
      ])
    let bytes = try Data(contentsOf: URL(fileURLWithPath: entry))
    return try EntryFile(bytes: [UInt8](bytes)).entry.payloadDigest
  }

  func serveBox() async throws -> ServerProcess {
    try await ServerProcess(
      "ballot-box", ["--keys", folder / "box.key", "--record", folder / "record"], in: folder,
      name: "box", environment: clock.environment)
  }

  func serve(
    _ number: Int, box: String, election: Digest, database: String? = nil, name: String? = nil,
    environment: [String: String] = [:]
  ) async throws -> ServerProcess {
    var arguments = [
      "--box", box, "--election", election.hex, "--number", "\(number)", "--secret",
      folder / "issuer-\(number).key", "--keys", folder / "issuer-\(number).keys", "--roll",
      folder / "roll", "--database", database ?? folder / "issuer-\(number).sqlite",
    ]
    var environment = environment
    var settings: [JSONMember] = []
    if number == CredentialElection.hardwareIssuer, let module {
      settings.append(JSONMember(name: "pinFile", value: .string(module.pinFile)))
      environment.merge(module.environment) { own, _ in own }
    }
    if let provider = plan.provider {
      settings.append(
        JSONMember(
          name: "provider",
          value: [
            "issuer": .string(provider), "client": .string(OpenIDTestProvider.client),
            "claim": .string(OpenIDTestProvider.claim), "contextClasses": .array(["high"]),
          ]))
    }
    let file = "issuer-\(number)-settings.json"
    arguments += ["--config", try folder.write(JSONValue.object(settings).prettyBytes(), to: file)]
    return try await ServerProcess(
      "issuer", arguments + passphrase, in: folder, name: name ?? "issuer-\(number)",
      environment: variables(environment))
  }
}
