// SPDX-License-Identifier: Apache-2.0

public import BallotBoxService
public import Cryptography
public import Election
internal import ElGamal
internal import Groups
public import Ledger

/// An election to measure with: one contest, one trustee, as many listed voters as ballots are needed.
///
/// Commission, trustee, voters and witnesses have keys that follow from a seed which stands in the open:
/// nothing here protects anything, and no real voter takes part.
public struct LoadElection: Sendable {
  /// 32 bytes from which all keys follow.
  public let seed: [UInt8]
  /// Number of listed voters.
  public let voters: Int
  /// Options of the contest, of which one is chosen.
  public let options: Int

  private static let district = "all"
  private static let device = "ballot-box load"

  /// An election from its parts.
  public init(seed: [UInt8], voters: Int, options: Int) {
    self.seed = seed
    self.voters = voters
    self.options = options
  }

  /// The key of a role: SHA-256("urna/load" 00 || seed || role) is its seed.
  public func key(_ role: String) throws(CryptographyError) -> Ed25519.PrivateKey {
    let digest = SHA256.hash(Array("urna/load".utf8) + [0] + seed + Array(role.utf8))
    return try Ed25519.PrivateKey(seed: SecretBytes(copying: digest.bytes))
  }

  /// The key of a voter, counted from 0.
  func voterKey(_ voter: Int) throws(CryptographyError) -> Ed25519.PrivateKey {
    try key("voter/\(voter)")
  }

  /// What cosigns for a witness, counted from 0.
  func cosigner(_ witness: Int) throws -> Cosigner {
    try Cosigner(name: "load.example/witness-\(witness)", key: key("witness/\(witness)"))
  }

  /// The policy of two witnesses, both of which must cosign.
  public func policy(_ witnesses: [(vkey: String, url: String)]) throws -> WitnessPolicy {
    var text = ""
    for (number, witness) in witnesses.enumerated() {
      text += "witness w\(number) \(witness.vkey) \(witness.url)\n"
    }
    let names = witnesses.indices.map { "w\($0)" }.joined(separator: " ")
    text += "group all-of-them all \(names)\nquorum all-of-them\n"
    return try WitnessPolicy(Array(text.utf8))
  }

  /// The verifier keys of the witnesses that a run starts by itself.
  public func ownWitnessKeys() throws -> [String] {
    try (0..<2).map { try cosigner($0).verifierKey.vkey }
  }

  private func manifest() throws -> Manifest {
    func text(_ text: String) -> LocalizedText {
      LocalizedText([.init(language: "en", text: text)])
    }
    let options = (1...options).map {
      ContestOption(label: "option-\($0)", name: text("Option \($0)"))
    }
    return try Manifest(
      label: "load", name: text("Load"), languages: ["en"], parties: [],
      districts: [District(label: Self.district, name: text("All"))],
      contests: [
        Contest(
          label: "contest", name: text("Contest"), district: Self.district,
          variation: .plurality, selectionLimit: 1, optionLimit: 1, contestDataBlocks: 0,
          options: options)
      ],
      ballotStyles: [
        BallotStyle(
          label: "style", name: text("Style"), districts: [Self.district], contests: [1])
      ])
  }

  /// The configuration's entry.
  public func configuration(
    boxKey: Ed25519.PublicKey, logKey: NoteVerifierKey, policy: WitnessPolicy
  ) throws -> EntryFile {
    let commission = try key("commission")
    let configuration = ElectionConfiguration(
      name: "Load", manifestDigest: SHA256.hash(try manifest().bytes),
      commissionKey: commission.publicKey, ballotBoxKey: boxKey, logKey: logKey.vkey,
      witnessPolicy: policy, trusteeKeys: [try key("trustee").publicKey], threshold: 1,
      eligibility: .listed(
        try (0..<voters).map {
          ListedVoter(key: try voterKey($0).publicKey, district: Self.district, ballotStyle: 1)
        }),
      policy: Policy(revoting: false, opensContestData: false), device: Self.device)
    return try EntryFile.signed(
      configuration, by: .commission, electionID: nil, key: commission, in: .standard)
  }

  /// Leads a box that has only the configuration to the phase of voting.
  public func openVoting(_ box: BallotBox) async throws {
    let group = Group.standard
    let electionID = await box.state.electionID
    let commission = try key("commission")
    let trustee = try key("trustee")
    func signed<Payload: EntryPayload>(_ payload: Payload) throws -> EntryFile {
      try .signed(
        payload, by: .trustee(1), electionID: electionID, key: trustee, in: group)
    }
    try await Self.append(
      .signed(
        .manifest, bytes: try manifest().bytes, by: .commission, electionID: electionID,
        key: commission), box)
    let secrets = try TrusteeSecrets.generate(trustee: 1, threshold: 1, in: group)
    let round = await box.state.ceremony.round
    let keys = try secrets.publicKeys(
      parameterBaseHash: BaseHashes.parameters(group, trustees: 1, threshold: 1), in: group)
    try await Self.append(signed(TrusteeKeysPublished(round: round, keys: keys)), box)
    try await Self.append(
      signed(TrusteeSharesPublished(round: round, trustee: 1, shares: [])), box)
    try await Self.append(signed(TrusteeReceipt(round: round)), box)
    guard let joint = await box.state.expectedKeys else {
      throw LoadError.election("no joint key after the ceremony")
    }
    try await Self.append(signed(TrusteeConfirmation(round: round, keys: joint)), box)
    guard let manifest = await box.state.manifest else {
      throw LoadError.election("no manifest after the ceremony")
    }
    try await Self.append(
      .signed(
        VotingOpened(
          treeSize: await box.state.size, keys: joint,
          totals: .empty(manifest.outline, in: group)),
        by: .commission, electionID: electionID, key: commission, in: group), box)
  }

  private static func append(_ file: EntryFile, _ box: BallotBox) async throws {
    let batch = try await box.decide([file])
    if let failure = batch.refused.first?.findings.failures.first {
      throw LoadError.election(
        "\(file.entry.type): \(failure.rule.rawValue): \(failure.rule.sentence) "
          + "(\(failure.detail))")
    }
    _ = try await box.write(batch)
  }

  /// A voter's ballot, and the entry that casts it.
  ///
  /// - Parameter voter: from 0.
  public func ballot(
    _ voter: Int, context: ElectionContext, electionID: Digest
  ) throws -> PreparedBallot {
    let key = try voterKey(voter)
    guard let random = Digest(try SecureRandom.bytes(Digest.byteCount)) else {
      throw LoadError.election("no randomness")
    }
    let identifier = BallotSubmitted.identifier(
      electionID: electionID, district: Self.district, pseudonym: key.publicKey, sequence: 1,
      random: random)
    let device = BaseHashes.device(
      extended: context.extendedBaseHash, Self.device, in: context.group)
    var votes = Array(repeating: 0, count: options)
    votes[voter % options] = 1
    let encrypted = try EncryptedBallot.encrypt(
      PlaintextBallot(ballotStyle: 1, contests: [.init(index: 1, votes: votes)]),
      identifier: identifier, chainingField: .unchained(device: device),
      secrets: try .fresh(), context: context)
    let author = Author.pseudonym(key.publicKey)
    return PreparedBallot(
      code: encrypted.confirmationCode,
      submission: try EntryFile.signed(
        BallotSubmitted(sequence: 1, previous: nil, random: random, ballot: encrypted),
        by: author, electionID: electionID, key: key, in: context.group
      ).bytes,
      cast: try EntryFile.signed(
        BallotCast(confirmationCode: encrypted.confirmationCode), by: author,
        electionID: electionID, key: key, in: context.group
      ).bytes)
  }

  /// Makes all ballots on all cores and writes them.
  ///
  /// - Parameter progress: called with how many are done.
  public func writeBallots(
    to folder: String, context: ElectionContext, electionID: Digest, cores: Int,
    progress: (Int) -> Void
  ) async throws {
    let writer = BallotBundleWriter(folder: folder)
    let share = 16
    try await withThrowingTaskGroup(of: [PreparedBallot].self) { group in
      var next = 0
      func addShare() {
        let range = next..<min(next + share, voters)
        guard !range.isEmpty else { return }
        next = range.upperBound
        group.addTask {
          try range.map { try ballot($0, context: context, electionID: electionID) }
        }
      }
      // As many shares are in memory as there are cores, and one more.
      for _ in 0...max(1, cores) { addShare() }
      while let ballots = try await group.next() {
        addShare()
        for ballot in ballots { try writer.add(ballot) }
        progress(writer.count)
      }
    }
    try writer.finish()
  }
}
