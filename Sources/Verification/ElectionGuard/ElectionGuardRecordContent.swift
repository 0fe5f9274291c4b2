// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Election
internal import ElGamal
internal import Groups
internal import StrictJSON

/// What `record.json` says, with every number in range: numbers that were not are reduced, and the
/// rule that they break is in ``findings``.
struct ElectionGuardRecordContent: Sendable {
  /// A voting device.
  struct Device: Sendable {
    let name: String
    let hash: Digest
    let chain: Chain?
    /// Ballots in the order in which the device made them.
    let ballots: [String]
  }

  /// What a device with simple chaining publishes besides its ballots.
  struct Chain: Sendable {
    let openingField: ChainingField
    let openingHash: Digest
    let closingField: ChainingField
    let closingHash: Digest
  }

  /// What became of a ballot.
  enum BallotState: String, CaseIterable {
    case cast, challenged, uncast
  }

  /// A ballot. One that is pre-encrypted holds the selections that were cast, without contest data.
  struct Ballot: Sendable {
    let name: String
    let state: BallotState
    let weight: Int
    let device: String
    let isPreEncrypted: Bool
    let encrypted: EncryptedBallot

    var place: String { "ballot \(name)" }
  }

  /// The total of one option: indices, (A, B), and the decryption.
  struct Total: Sendable {
    let contest: Int
    let option: Int
    let ciphertext: Ciphertext
    let decrypted: DecryptedTotal

    var place: String { "tally, contest \(contest), option \(option)" }
  }

  /// The opening of a challenged ballot.
  struct Opening: Sendable {
    let ballot: String
    let opening: ChallengeOpening
  }

  /// Contest data that the trustees opened.
  struct OpenedData: Sendable {
    let ballot: String
    let contest: Int
    let shared: Element
    let proof: CompactProof
    let bytes: [UInt8]
  }

  let version: String
  let trusteeCount: Int
  let threshold: Int
  let parameterBaseHash: Digest
  let electionBaseHash: Digest
  let trusteeKeysHash: Digest
  let extendedBaseHash: Digest
  let voteKey: Element
  let dataKey: Element
  let trustees: [TrusteeKeys]
  let devices: [Device]
  let ballots: [Ballot]
  let totals: [Total]
  let available: [Int]
  let openings: [Opening]
  let openedData: [OpenedData]
  /// Numbers out of range.
  let findings: Findings

  /// Ballots are held in memory, so their number is bounded with the file's length.
  static let limits = JSONLimits(
    maxBytes: ElectionGuardRecord.maximumRecordByteCount, maxDepth: 32, maxItems: 8_000_000)

  static func parse(
    _ bytes: [UInt8], manifest: ManifestOutline
  ) throws(ElectionGuardRecordError) -> ElectionGuardRecordContent {
    do {
      let value = try JSONValue(parsing: bytes, limits: limits)
      return try ElectionGuardRecordContent(JSONReader(value), manifest)
    } catch {
      throw ElectionGuardRecordError(file: ElectionGuardRecord.recordFile, error: error)
    }
  }

  private init(_ reader: JSONReader, _ manifest: ManifestOutline) throws(JSONError) {
    let fields = try reader.fields(
      [
        "spec_version", "n", "k", "manifest_file", "H_P", "H_B", "H_G", "H_E", "K", "K_hat",
        "guardians", "devices", "ballots", "tally", "available_guardians",
        "challenged_ballot_openings", "contest_data_decryptions",
      ], optional: ["preencrypted_device", "preencrypted_ballots"])
    var parser = ElectionGuardParser(group: .standard, manifest: manifest)
    version = try fields["spec_version"].string(maxBytes: 64)
    trusteeCount = try fields["n"].index()
    threshold = try fields["k"].index()
    _ = try fields["manifest_file"].string(oneOf: [ElectionGuardRecord.manifestFile])
    parameterBaseHash = try fields["H_P"].digest()
    electionBaseHash = try fields["H_B"].digest()
    trusteeKeysHash = try fields["H_G"].digest()
    extendedBaseHash = try fields["H_E"].digest()
    voteKey = try parser.element(fields["K"], .eg3A)
    dataKey = try parser.element(fields["K_hat"], .eg3B)
    trustees = try parser.list(fields["guardians"], 1...1_000) {
      parser, item throws(JSONError) in try parser.trustee(item)
    }
    devices = try fields["devices"].list(0...100_000) { item throws(JSONError) in
      try Device(item, listsBallots: true)
    }
    var ballots = try parser.list(fields["ballots"]) { parser, item throws(JSONError) in
      try parser.ballot(item)
    }
    // Verification 16 is about this device; only its form is read.
    if let device = fields.optional("preencrypted_device") {
      _ = try Device(device, listsBallots: false)
    }
    if let preEncrypted = fields.optional("preencrypted_ballots") {
      ballots += try parser.list(preEncrypted) { parser, item throws(JSONError) in
        try parser.preEncryptedBallot(item)
      }
    }
    totals = try parser.list(fields["tally"]) { parser, item throws(JSONError) in
      try parser.total(item)
    }
    available = try fields["available_guardians"].list(0...1_000) { item throws(JSONError) in
      try item.index()
    }
    openings = try parser.list(fields["challenged_ballot_openings"]) {
      parser, item throws(JSONError) in try parser.opening(item)
    }
    openedData = try parser.list(fields["contest_data_decryptions"]) {
      parser, item throws(JSONError) in try parser.openedData(item)
    }
    self.ballots = ballots
    findings = parser.findings
  }
}

extension ElectionGuardRecordContent.Device {
  /// The device of pre-encrypted ballots has no list of them, and is not part of verification 8.
  fileprivate init(_ reader: JSONReader, listsBallots: Bool) throws(JSONError) {
    let always = ["S_device", "H_DI", "chaining_mode"] + (listsBallots ? ["ballot_ids"] : [])
    let chainFields = ["B_C0", "H_0", "closing_B_C", "closing_hash"]
    let open = try reader.openFields()
    let mode = try open["chaining_mode"].integer(0...(listsBallots ? 1 : 0))
    let fields = try reader.fields(mode == 1 ? always + chainFields : always)
    name = try fields["S_device"].string(maxBytes: 65_536)
    hash = try fields["H_DI"].digest()
    ballots =
      try fields.optional("ballot_ids")?.list(0...1_000_000) { item throws(JSONError) in
        try item.name()
      } ?? []
    chain =
      mode == 0
      ? nil
      : ElectionGuardRecordContent.Chain(
        openingField: try fields["B_C0"].chainingField(),
        openingHash: try fields["H_0"].digest(),
        closingField: try fields["closing_B_C"].chainingField(),
        closingHash: try fields["closing_hash"].digest())
  }
}

extension JSONReader {
  /// A ballot's name inside the record. Reports print it.
  func name() throws(JSONError) -> String {
    let text = try string(minBytes: 1, maxBytes: 256)
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw failure("a ballot's name is of visible ASCII characters")
    }
    return text
  }

  /// B_C, 36 bytes.
  func chainingField() throws(JSONError) -> ChainingField {
    guard let field = ChainingField(try hex(bytes: ChainingField.byteCount)) else {
      throw failure("a chaining field has \(ChainingField.byteCount) bytes")
    }
    return field
  }
}
