// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import Foundation
import Groups
import Ledger
import StrictJSON

/// `election init`
struct Init: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the configuration and the manifest: the first entries of the record.",
    discussion: """
      The list of voters is a JSON array; each voter is \
      {"key": 64 hexadecimal digits, "ballotStyle": label, "district": label, "weight": 1}. \
      The weight may be left out.

      With --scope and --scope-text it is the configuration of a petition, or of another right that everybody has \
      once: citizens get credentials, and a key that one of them activates is one signature under the text. There \
      are no trustees, no manifest and no voting; the record ends when the list of keys is frozen \
      (Specs/scopes.md).
      """)

  @Option(help: "The election's name, for people.") var name: String
  @Option(help: "The manifest, as `election import` writes it.") var manifest: String?
  @Option(help: "The ballot box's public file.") var ballotBox: String
  @Option(help: "A trustee's public file; once for every trustee, trustee 1 first.")
  var trustee: [String] = []
  @Option(help: "k, the number of trustees that a decryption needs.") var threshold: Int?
  @Option(help: "The list of voters; or --roll and --issuer, where voters get credentials.")
  var voters: String?
  @OptionGroup var credentials: CredentialOptions
  @Option(help: "In place of an election: the name of what people sign, such as petition/2026-17.")
  var scope: String?
  @Option(help: "With --scope: a file with the text that people sign, UTF-8.")
  var scopeText: String?
  @Option(
    help: "The name of the voting software, the same for all voters; `\(Self.device)` unless given."
  )
  var device: String?
  @Flag(help: "Voters may cast again; then the last ballot counts.") var revoting = false
  @Flag(help: "Contest data, such as write-ins, of counted ballots is decrypted and published.")
  var openContestData = false
  @Option(help: "The witnesses and their quorum, a file in the format of c2sp.org/tlog-policy.")
  var witnessPolicy: String?
  @Option(help: "The first second of the voting, such as 2026-11-29T07:00:00Z.")
  var votingOpens: String?
  @Option(help: "The last second of the voting. Without it the commission's closing ends it.")
  var votingCloses: String?
  @Option(help: "In how many seconds, at most, the box publishes what it promised.")
  var inclusionSeconds = ElectionConfiguration.standardInclusionSeconds
  @Option(help: "Folder for the entries: configuration.entry and, in an election, manifest.entry.")
  var output: String
  @OptionGroup var commission: CommissionOptions

  private static let device = "urna voter 0.1.0"

  mutating func run() async throws {
    let manifestBytes = try manifest.map { path throws(ProgramError) in
      try Files.read(path, limit: 16 << 20)
    }
    let key: Ed25519.PrivateKey
    let settings: ElectionConfiguration
    if let manifest, let manifestBytes, let threshold {
      let parsed = try ProgramError.naming(manifest) { try Manifest(bytes: manifestBytes) }
      var trusteeKeys: [Ed25519.PublicKey] = []
      for path in trustee { trusteeKeys.append(try Self.readKey(path)) }
      guard (1...trusteeKeys.count).contains(threshold) else {
        throw ProgramError(
          .usage, "--threshold \(threshold) with \(trusteeKeys.count) trustees: 1 to that number")
      }
      let box = try readBox()
      let eligibility = try eligibility(parsed)
      key = try commission.key()
      settings = ElectionConfiguration(
        name: name, manifestDigest: SHA256.hash(manifestBytes), commissionKey: key.publicKey,
        ballotBoxKey: box.key, logKey: box.log, inclusionSeconds: inclusionSeconds,
        witnessPolicy: try readPolicy(), votingWindow: try window(), trusteeKeys: trusteeKeys,
        threshold: threshold,
        eligibility: eligibility,
        policy: Policy(revoting: revoting, opensContestData: openContestData),
        device: device ?? Self.device)
    } else {
      let box = try readBox()
      let terms = try credentials.terms(nil, scope: try readScope()) {
        text, option throws(ProgramError) in try Self.seconds(text, option)
      }
      key = try commission.key()
      settings = ElectionConfiguration(
        name: name, commissionKey: key.publicKey, ballotBoxKey: box.key, logKey: box.log,
        inclusionSeconds: inclusionSeconds, witnessPolicy: try readPolicy(), scoped: terms)
    }
    try write(settings, manifestBytes, key)
  }

  /// Writes the entries.
  private func write(
    _ settings: ElectionConfiguration, _ manifest: [UInt8]?, _ key: borrowing Ed25519.PrivateKey
  ) throws {
    let group = Group.standard
    let electionID: Digest
    do {
      // What a reader would refuse is refused before it is written.
      let bytes = settings.bytes(in: group)
      _ = try ElectionConfiguration(bytes: bytes, in: group)
      electionID = SHA256.hash(bytes)
    } catch { throw ProgramError(.wrong, "configuration: \(error)") }
    try Files.makeFolder(output)
    let configuration = try ProgramError.naming(output) {
      try EntryFile.signed(
        settings, by: .commission, electionID: nil, key: key, in: group)
    }
    try Files.write(configuration.bytes, to: "\(output)/configuration.entry")
    if let manifest {
      let entry = try ProgramError.naming(output) {
        try EntryFile.signed(
          .manifest, bytes: manifest, by: .commission, electionID: electionID, key: key)
      }
      try Files.write(entry.bytes, to: "\(output)/manifest.entry")
    }
    Console.print("election \(electionID.hex)")
    if let scope = settings.scope { Console.print("scope \(scope.name)") }
    Console.print(
      "wrote \(output)/configuration.entry"
        + (manifest == nil ? "" : " and \(output)/manifest.entry"))
  }

  func validate() throws {
    guard scope == nil else {
      guard credentials.isUsed else {
        throw ValidationError("Missing expected argument: --roll, with --scope.")
      }
      guard scopeText != nil else {
        throw ValidationError("Missing expected argument: --scope-text, with --scope.")
      }
      let isElection =
        manifest != nil || !trustee.isEmpty || threshold != nil || voters != nil || device != nil
        || revoting || openContestData || votingOpens != nil || votingCloses != nil
        || !credentials.style.isEmpty || credentials.maximumGap != nil
      guard !isElection else {
        throw ValidationError(
          "--scope: nobody votes, so there are no --manifest, --trustee, --threshold, --voters, --device, "
            + "--revoting, --open-contest-data, --voting-opens, --voting-closes, --style and --maximum-gap."
        )
      }
      return
    }
    guard manifest != nil, !trustee.isEmpty, threshold != nil else {
      throw ValidationError(
        "Missing expected argument: --manifest, --trustee and --threshold, or --scope.")
    }
    guard scopeText == nil else { throw ValidationError("--scope-text goes with --scope.") }
    guard (voters == nil) == credentials.isUsed else {
      throw ValidationError("Missing expected argument: either --voters or --roll.")
    }
  }

  /// What people sign.
  private func readScope() throws(ProgramError) -> ScopeDescription {
    guard let scope, let scopeText else {
      throw ProgramError(.usage, "--scope-text: a file with the text that people sign")
    }
    let bytes = try Files.read(scopeText, limit: ScopeDescription.maximumTextByteCount + 1)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw ProgramError(.wrong, "\(scopeText): UTF-8")
    }
    guard let description = ScopeDescription(name: scope, text: text) else {
      throw ProgramError(
        .usage, "--scope: \(ScopeDescription.fault(name: scope, text: text) ?? "no scope")")
    }
    return description
  }

  private func eligibility(_ manifest: Manifest) throws(ProgramError) -> Eligibility {
    if let voters { return .listed(try readVoters(voters, manifest)) }
    return .credentials(
      try credentials.terms(manifest) { text, option throws(ProgramError) in
        try Self.seconds(text, option)
      })
  }

  /// The policy is carried as text, so it has to be UTF-8.
  private func readPolicy() throws(ProgramError) -> WitnessPolicy {
    guard let witnessPolicy else { return .none }
    let bytes = try Files.read(witnessPolicy, limit: 65_536)
    return try ProgramError.naming(witnessPolicy) {
      guard String(validating: bytes, as: UTF8.self) != nil else {
        throw LedgerError("policy", "UTF-8")
      }
      return try WitnessPolicy(bytes)
    }
  }

  private func window() throws(ProgramError) -> ClosedRange<Int> {
    let all = ElectionConfiguration.anyTime
    let opens = try votingOpens.map { time throws(ProgramError) in
      try Self.seconds(time, "--voting-opens")
    }
    let closes = try votingCloses.map { time throws(ProgramError) in
      try Self.seconds(time, "--voting-closes")
    }
    let (first, last) = (opens ?? all.lowerBound, closes ?? all.upperBound)
    guard first <= last else {
      throw ProgramError(.usage, "--voting-closes: not before the voting opens")
    }
    return first...last
  }

  private static func seconds(
    _ text: String, _ option: String
  ) throws(ProgramError) -> Int {
    do {
      let time = try Date(text, strategy: .iso8601).timeIntervalSince1970
      guard let seconds = Int(exactly: time), ElectionConfiguration.anyTime.contains(seconds)
      else { throw ProgramError(.usage, "\(option): a whole second from 1970 to 9999") }
      return seconds
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.usage, "\(option): a time such as 2026-11-29T07:00:00Z")
    }
  }

  private func readBox() throws(ProgramError) -> (key: Ed25519.PublicKey, log: String) {
    let reader = try Files.readJSON(ballotBox)
    do {
      let fields = try reader.fields(["key", "log"])
      return (
        try Self.key(fields["key"]), try fields["log"].string(minBytes: 1, maxBytes: 512)
      )
    } catch { throw ProgramError(.wrong, "\(ballotBox): \(error)") }
  }

  private static func readKey(_ path: String) throws(ProgramError) -> Ed25519.PublicKey {
    let reader = try Files.readJSON(path)
    do { return try key(reader.fields(["key"])["key"]) } catch {
      throw ProgramError(.wrong, "\(path): \(error)")
    }
  }

  private static func key(_ reader: JSONReader) throws(JSONError) -> Ed25519.PublicKey {
    guard let key = Ed25519.PublicKey(try reader.hex(bytes: 32)) else {
      throw reader.failure("an Ed25519 key")
    }
    return key
  }

  private func readVoters(
    _ voters: String, _ manifest: Manifest
  ) throws(ProgramError) -> [ListedVoter] {
    let limits = JSONLimits(maxBytes: 256 << 20)
    let reader = try Files.readJSON(voters, limits: limits)
    var styles: [String: Int] = [:]
    for (index, style) in manifest.ballotStyles.enumerated() { styles[style.label] = index + 1 }
    var listed: [ListedVoter] = []
    var seen = Set<Ed25519.PublicKey>()
    do {
      for item in try reader.array(1...1_000_000) {
        let fields = try item.fields(["ballotStyle", "district", "key"], optional: ["weight"])
        let label = try fields["ballotStyle"].string(minBytes: 1, maxBytes: 256)
        guard let style = styles[label] else {
          throw try fields["ballotStyle"].failure("no ballot style of the manifest")
        }
        let district = try fields["district"].string(minBytes: 1, maxBytes: 256)
        guard manifest.districts.contains(where: { $0.label == district }) else {
          throw try fields["district"].failure("no district of the manifest")
        }
        let key = try Self.key(fields["key"])
        guard seen.insert(key).inserted else {
          throw try fields["key"].failure("the key is listed twice")
        }
        let weight = try fields.optional("weight")?.integer(
          1...ElectionConfiguration.maximumWeight)
        listed.append(
          ListedVoter(key: key, district: district, ballotStyle: style, weight: weight ?? 1))
      }
    } catch { throw ProgramError(.wrong, "\(voters): \(error)") }
    return listed
  }
}
