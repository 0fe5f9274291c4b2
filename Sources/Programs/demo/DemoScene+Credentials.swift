// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import CommandLineSupport
import Cryptography
import Election
import Foundation
import Issuance
import Ledger
import LedgerFiles
import StrictJSON
import Verification

/// When credentials come: real seconds of this machine, since the box's batches carry its time.
struct CredentialTimes: Sendable {
  let registration: ClosedRange<Int>
  let activation: ClosedRange<Int>

  /// Long enough for so many voters.
  init(from now: Int, voters: Int) {
    registration = now...(now + 45 + 4 * voters)
    let opens = registration.upperBound + 1
    activation = opens...(opens + 30 + 2 * voters)
  }

  /// Waits until a second is over.
  static func wait(until second: Int) async throws {
    let seconds = second + 1 - UniversalTime.now
    if seconds > 0 { try await Task.sleep(for: .seconds(seconds)) }
  }
}

/// Roll, letters, issuers, registration, activation, the frozen list.
extension DemoScene {
  static let issuerCount = 3
  static let authorities = ["Registry of the county", "Court of the county"]
  /// Who never activates, whose device is stolen, whose answer gets lost.
  static let lazyVoter = 2
  static let robbedVoter = 3
  static let unluckyVoter = 4

  /// Who votes in the end.
  func votes(_ voter: DemoVoter) -> Bool { !hasCredentials || voter.number != Self.lazyVoter }

  // MARK: The roll

  func makeRoll(_ cast: VoterCast) async throws {
    step("the administration hands over the list of citizens; two authorities send letters")
    var csv = "citizen,district,identifier,name,address\n"
    for voter in cast.voters {
      csv += "reference-\(voter.number),\(voter.district),"
      csv +=
        voter.hasCertificate
        ? "\(voter.identifier),Voter \(voter.number),\n"
        : ",Voter \(voter.number),\"Street \(voter.number)\n1234 Town\"\n"
    }
    csv += "\(Self.absentReference),\(cast.districts[0].label),,\(Self.absentCitizen),Abroad\n"
    try Files.writeSecret(Array(csv.utf8), to: secret("citizens.csv"))
    var arguments = [
      "roll", "import", "--csv", secret("citizens.csv"), "--roll", secret("roll"), "--plan",
      "\(work)/roll-plan.json", "--letters", secret("letters.csv"),
    ]
    for district in cast.districts { arguments += ["--district", district.label] }
    try processes.expect("issuer", arguments)
    for number in 1...Self.authorities.count {
      var arguments = [
        "letters", "--list", secret("letters.csv"), "--plan", "\(work)/roll-plan.json",
        "--election-name", "Demonstration", "--authority", "\(number)", "--output",
        secret("letters-\(number)"), "--keys", "\(work)/keys-\(number).csv",
      ]
      for name in Self.authorities { arguments += ["--authority-name", name] }
      try processes.expect("issuer", arguments)
    }
    try processes.expect(
      "issuer",
      [
        "roll", "complete", "--roll", secret("roll"), "--keys", "\(work)/keys-1.csv", "--keys",
        "\(work)/keys-2.csv", "--output", "\(work)/roll.json",
      ])
    for voter in cast.voters where !voter.hasCertificate { try openLetters(voter) }
    step("the other half has certificates of an identity card, which an authority issues")
    try makeCertificates(cast)
  }

  /// A voter opens two letters, and types what they say.
  private func openLetters(_ voter: DemoVoter) throws {
    var codes = ""
    for number in 1...Self.authorities.count {
      let path = secret("letters-\(number)/letters-1.html")
      let html = String(decoding: try Files.read(path), as: UTF8.self)
      guard
        let letter = html.components(separatedBy: "<section").first(where: {
          $0.contains(">Voter \(voter.number)</p>")
        }), let start = letter.range(of: "<p class=\"groups\">"),
        let end = letter.range(of: "</p>", range: start.upperBound..<letter.endIndex)
      else { throw ProgramError(.wrong, "\(path): no letter for voter \(voter.number)") }
      codes += letter[start.upperBound..<end.lowerBound].lowercased() + "\n"
    }
    try Files.writeSecret(Array(codes.utf8), to: secret("letters-of-\(voter.number)"))
  }

  /// The number of a voter's entry, as the letters say.
  private func index(of voter: DemoVoter) throws -> Int {
    try index(ofName: "Voter \(voter.number)")
  }

  /// The number of a citizen's entry, as the letters say.
  func index(ofName name: String) throws -> Int {
    let text = String(decoding: try Files.read(secret("letters.csv")), as: UTF8.self)
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: ",")
      if fields.count >= 3, fields[2] == name, let index = Int(fields[1]) {
        return index
      }
    }
    throw ProgramError(.wrong, "no letter for \(name)")
  }

  // MARK: Issuers

  func makeIssuers(_ cast: VoterCast) async throws {
    step("\(Self.issuerCount) issuers make their keys, one for each district")
    for number in 1...Self.issuerCount {
      let words = Hex.encode(try SecureRandom.bytes(16))
      try Files.writeSecret(
        Array((words + "\n").utf8), to: secret("issuer-\(number).passphrase"))
    }
    try await processes.parallel(Array(1...Self.issuerCount)) { number in
      var arguments = [
        "keys", "generate", "--name", "Issuer \(number)", "--bits", "2048", "--secret",
        secret("issuer-\(number)"), "--keys", secret("issuer-\(number).keys"), "--public",
        "\(work)/issuer-\(number).json",
      ]
      for district in cast.districts { arguments += ["--district", district.label] }
      try processes.expect("issuer", arguments + passphrase("issuer-\(number)"))
      try processes.expect("issuer", ["init", "--database", secret("issuer-\(number).sqlite")])
    }
  }

  /// The options of `election init`.
  func credentialArguments(_ cast: VoterCast, _ times: CredentialTimes) -> [String] {
    var arguments = [
      "--roll", "\(work)/roll.json", "--minimum-district", "1", "--maximum-gap", "5000",
      "--registration-opens", UniversalTime.text(times.registration.lowerBound),
      "--registration-closes", UniversalTime.text(times.registration.upperBound),
      "--activation-opens", UniversalTime.text(times.activation.lowerBound),
      "--activation-closes", UniversalTime.text(times.activation.upperBound),
      "--voting-opens", UniversalTime.text(times.activation.upperBound + 1), "--auditors",
      "\(work)/auditors.json",
    ]
    for number in 1...Self.issuerCount {
      arguments += ["--issuer", "\(work)/issuer-\(number).json"]
    }
    for district in cast.districts {
      arguments += ["--style", "\(district.label)=\(district.style)"]
    }
    return arguments
  }

  /// Two of three would not do.
  func refuseWeakConfiguration(_ arguments: [String]) throws {
    let outcome = try processes.expect(
      "election", arguments + ["--required", "2"] + passphrase("commission"), status: 5)
    guard outcome.errors.contains("2k > m + t") else {
      throw ProgramError(
        .wrong, "2 of 3 issuers were refused for another reason: \(outcome.errors)")
    }
    step("a configuration with 2 of 3 issuers is refused:")
    for line in outcome.errors.split(separator: "\n") { Console.print("    \(line)") }
  }

  mutating func startIssuers() async throws {
    let election = try electionID().hex
    for number in 1...Self.issuerCount {
      let server = try await Server.start(
        processes, "issuer",
        [
          "serve", "--box", place, "--election", election, "--number", "\(number)", "--secret",
          secret("issuer-\(number)"), "--keys", secret("issuer-\(number).keys"), "--roll",
          secret("roll"), "--database", secret("issuer-\(number).sqlite"), "--log-level", "warning",
          "--config", try certificateSettings(),
        ] + passphrase("issuer-\(number)"), log: "\(work)/issuer-\(number).log",
        portFile: "\(work)/issuer-\(number).port")
      servers.issuers.append(server)
    }
    if !issuersSpeakTLS { servers.proxy = try await IssuerProxy.start(self) }
  }

  private mutating func stopIssuers() async {
    servers.proxy?.stop()
    servers.proxy = nil
    for server in servers.issuers { await server.stop() }
    servers.issuers = []
  }

  // MARK: Registration

  private func registerArguments(_ voter: DemoVoter, issuers: [Int]) throws -> [String] {
    var arguments = [
      "register", "--record", place, "--wallet", secret("voter-\(voter.number)"),
    ]
    if voter.hasCertificate {
      let name = "\(work)/certificates/\(voter.number)"
      arguments += ["--certificate", "\(name).pem", "--certificate-key", "\(name).key"]
    } else {
      arguments += [
        "--letters", secret("letters-of-\(voter.number)"), "--district", voter.district,
        "--index", "\(try index(of: voter))",
      ]
    }
    for number in issuers {
      arguments += ["--issuer", issuerAddress(number, of: voter)]
    }
    return arguments
  }

  private func issuerAddress(_ number: Int, of voter: DemoVoter) -> String {
    let issuer = servers.issuers[number - 1]
    if issuersSpeakTLS { return "https://127.0.0.1:\(issuer.port)" }
    if voter.hasCertificate, let proxy = servers.proxy { return proxy.addresses[number - 1] }
    return issuer.address
  }

  /// A voter registers, and trusts the authority of the issuers' servers.
  private func register(_ voter: DemoVoter, issuers: [Int], status: Int32 = 0) throws {
    try processes.expect(
      "voter", try registerArguments(voter, issuers: issuers), status: status,
      environment: ["SSL_CERT_FILE": "\(work)/certificates/root.pem"])
  }

  mutating func register(_ cast: VoterCast) async throws {
    step("the commission opens the registration; \(cast.voters.count) citizens register")
    try commission("open-registration", ["--output", entry("registration")])
    try accept([entry("registration")])
    try await startIssuers()
    let all = Array(1...Self.issuerCount)
    let scene = self
    try await processes.parallel(cast.voters.filter { $0.number != Self.unluckyVoter }) { voter in
      try scene.register(voter, issuers: all)
    }
    try loseAnswer(cast)
    try cancelStolen(cast)
  }

  /// The device dies after one issuer signed; another device with the seed goes on.
  private func loseAnswer(_ cast: VoterCast) throws {
    let voter = cast.voters[Self.unluckyVoter - 1]
    let wallet = secret("voter-\(voter.number)")
    let seed = try Files.read(wallet)
    try register(voter, issuers: [1], status: 3)
    // Another device has the seed, and nothing else.
    try Files.writeSecret(seed, to: wallet)
    try register(voter, issuers: [1, 2, 3])
    step(
      "a voter's device broke down in between; another device with the same seed got the same answers"
    )
  }

  /// The credential of a stolen device is given up, and another one issued; the thief gets nothing.
  private func cancelStolen(_ cast: VoterCast) throws {
    let voter = cast.voters[Self.robbedVoter - 1]
    let wallet = secret("voter-\(voter.number)")
    try Files.writeSecret(try Files.read(wallet), to: secret("stolen-wallet"))
    try processes.expect(
      "voter", ["cancel", "--record", place, "--wallet", wallet, "--submit"])
    try register(voter, issuers: [1, 2, 3])
    let status = try processes.expect(
      "voter",
      [
        "status", "--record", place, "--district", voter.district, "--index",
        "\(try index(of: voter))",
      ])
    guard status.output.contains("cancelled"), status.output.contains("credential 2") else {
      throw ProgramError(.wrong, "voter status: \(status.output)")
    }
    step("a stolen device: its credential is cancelled, and the voter has another one")
  }

  // MARK: Activation

  mutating func activate(_ cast: VoterCast, _ times: CredentialTimes) async throws {
    step("the registration ends; the trustees' ceremony went on meanwhile")
    try await CredentialTimes.wait(until: times.registration.upperBound)
    try commission("open-activation", ["--output", entry("activation")])
    try accept([entry("activation")])
    await stopIssuers()
    let active = cast.voters.filter { $0.number != Self.lazyVoter }
    step("\(active.count) voters activate their keys; one never does")
    let scene = self
    try await processes.parallel(active) { voter in
      try scene.processes.expect(
        "voter",
        [
          "activate", "--record", scene.place, "--wallet", scene.secret("voter-\(voter.number)"),
          "--submit",
        ])
    }
    let thief = try processes.run(
      "voter", ["activate", "--record", place, "--wallet", secret("stolen-wallet"), "--submit"])
    guard thief.status != 0, thief.errors.contains("ELI-5") else {
      throw ProgramError(.wrong, "the stolen credential was activated: \(thief.output)")
    }
    step("the thief's key, which was given up, is refused: ELI-5")
    try await CredentialTimes.wait(until: times.activation.upperBound)
    try await showMinting(cast)
    let report = try commission("freeze", ["--output", entry("frozen")]).output
    step("the list of keys is frozen:")
    for line in report.split(separator: "\n") where line.hasPrefix("district") {
      Console.print("    \(line)")
    }
    try accept([entry("frozen")])
    try showStatus(cast)
    for number in 1...Self.issuerCount {
      try processes.expect(
        "issuer",
        [
          "keys", "destroy", "--record", place, "--number", "\(number)", "--secret",
          secret("issuer-\(number)"), "--keys", secret("issuer-\(number).keys"), "--database",
          secret("issuer-\(number).sqlite"), "--output", entry("destroyed-\(number)"),
        ] + passphrase("issuer-\(number)"))
    }
    try accept((1...Self.issuerCount).map { entry("destroyed-\($0)") })
    step("the issuers have destroyed their keys, and said how often each has signed")
    try await audit(cast)
  }

  /// The auditors look at who asked for one of the entries that have no keys.
  private func audit(_ cast: VoterCast) async throws {
    let state = try await state()
    let directory: RecordDirectory
    do { directory = try RecordDirectory(path: record) } catch { throw ProgramError(error) }
    guard let terms = state.terms, let voter = cast.voters.first(where: \.hasCertificate),
      let number = terms.districts.firstIndex(where: { $0.label == voter.district })
    else { throw ProgramError(.wrong, "nobody has a certificate") }
    let index = terms.districts[number].keyEntries + 1
    guard let entry = state.credentials.records(district: number + 1, index: index).first?.entry,
      case .sealed(let digest) = try CredentialIssuance(
        bytes: directory.payload(at: UInt64(entry)), in: state.group
      ).evidence
    else {
      throw ProgramError(.wrong, "entry \(index) of \(voter.district) has no sealed evidence")
    }
    let (sealed, opened) = ("\(work)/evidence", secret("evidence"))
    for issuer in 1...Self.issuerCount {
      let outcome = try processes.run(
        "issuer",
        [
          "evidence", "--database", secret("issuer-\(issuer).sqlite"), "--digest", digest.hex,
          "--output", sealed,
        ])
      if outcome.status == 0 { break }
    }
    try processes.expect(
      "election",
      ["auditors", "open", sealed, "--secret", secret("auditors"), "--output", opened]
        + passphrase("auditors"))
    let fields = try Files.readJSON(opened).openFields()
    let identifier = try ProgramError.naming(opened) { try fields["identifier"].string() }
    guard cast.voters.contains(where: { $0.hasCertificate && $0.identifier == identifier }) else {
      throw ProgramError(.wrong, "the evidence names \(identifier)")
    }
    step("the auditors open the evidence of entry \(index) of \(voter.district): \(identifier)")
  }

  /// All issuers together make two keys that nobody asked for: the sum does not fit, before anybody votes.
  private func showMinting(_ cast: VoterCast) async throws {
    var state = try await state()
    guard let terms = state.terms, let scope = state.scope else {
      throw ProgramError(.wrong, "the record has no credentials")
    }
    let payloads = RecordPayloads(record: try RecordDirectory(path: record))
    func add(_ file: EntryFile) -> Findings {
      let check = state.check(
        RecordedEntry(index: state.size, entry: file.entry, payload: file.payload),
        payloads: payloads)
      state.apply(check)
      return check.complete()
    }
    for number in 1...2 {
      let seed = try SecretBytes(random: CredentialSecrets.seedByteCount)
      let secrets = try CredentialSecrets(seed: seed, scope: scope, district: 1, attempt: number)
      var signatures: [CredentialActivation.Signature] = []
      for issuer in terms.issuers.indices.map({ $0 + 1 }) {
        let signer = try credentialSigner(issuer, district: cast.districts[0].label)
        let blinded = try secrets.blinded(for: signer.key, issuer: issuer).request
        let answer = try await signer.blindSignature(of: blinded)
        signatures.append(
          .init(
            issuer: issuer,
            bytes: try secrets.signature(from: answer, key: signer.key, issuer: issuer)))
      }
      let key = try secrets.pseudonym()
      let file = try EntryFile.signed(
        CredentialActivation(
          district: 1, nonce: try secrets.message().nonce, signatures: signatures),
        by: .pseudonym(key.publicKey), electionID: state.electionID, key: key, in: state.group)
      let failures = add(file).failures.filter { $0.rule == .eli5 }
      guard failures.isEmpty else {
        throw ProgramError(.wrong, "a minted credential was found out too early: \(failures)")
      }
    }
    let commission = try commissionKey()
    let frozen = try EntryFile.signed(
      CredentialListFrozen(
        districts: state.frozenLists(),
        checkpoint: String(
          decoding: try RecordDirectory(path: record).checkpointNote, as: UTF8.self)),
      by: .commission, electionID: state.electionID, key: commission, in: state.group)
    guard let failure = add(frozen).failures.first(where: { $0.rule == .eli7 }) else {
      throw ProgramError(.wrong, "minted credentials were not found out")
    }
    step("had all issuers minted two credentials together, everybody would see it now:")
    Console.print("    \(failure.rule.rawValue): \(failure.detail)")
  }

  /// An issuer's key, which the demonstration knows as it knows all secrets.
  private func credentialSigner(
    _ number: Int, district: String
  ) throws -> BlindSigner<LocalRSASigner> {
    let box = try Files.readSecret(secret("issuer-\(number).keys"))
    let words = try Files.readSecret(secret("issuer-\(number).passphrase"))
    guard let passphrase = words.slice(0..<max(words.count - 1, 0)) else {
      throw ProgramError(.wrong, "issuer \(number): no passphrase")
    }
    let bytes = try PassphraseBox.open(
      box.revealed(), passphrase: passphrase, context: CredentialKeyBundle.context)
    if let bundle = CredentialKeyBundle(bytes),
      case .bundle(let range) = bundle.keys.first(where: { $0.district == district })?.holder,
      let der = bundle.key(range)
    {
      let holder = LocalRSASigner(try RSAPrivateKey(der: der))
      return BlindSigner(try holder.publicKey(CredentialTerms.encoding), holder: holder)
    }
    throw ProgramError(.wrong, "issuer \(number): no key for \(district)")
  }
}
