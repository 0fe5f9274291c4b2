// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Cryptography
import ElGamal
import Election
import Groups

/// An election of one contest, one of whose options may be chosen, and some of its ballots.
struct Scene: Sendable {
  static let device = "measurements"

  let group: Group
  let context: ElectionContext
  /// Payloads of `ballot.submitted`, as they stand in a record.
  let payloads: [[UInt8]]
  let options: Int

  /// Every ballot chooses one option.
  init(options: Int, ballots: Int, in group: Group = .standard) throws {
    self.group = group
    self.options = options
    let manifest = ManifestOutline(
      contests: [
        ManifestOutline.Contest(
          label: "contest", options: (1...options).map { "option \($0)" }, selectionLimit: 1,
          optionLimit: 1, contestDataBlocks: 0)
      ], ballotStyles: [ManifestOutline.BallotStyle(label: "style", contests: [1])])
    func key() throws -> Element { group.power(group.generator, try group.randomSecretScalar()) }
    context = ElectionContext(
      group: group, manifest: manifest, manifestBytes: Array("measurements".utf8),
      trusteeCount: 5, threshold: 3, voteKey: try key(), dataKey: try key())
    var payloads: [[UInt8]] = []
    for ballot in 0..<ballots {
      let encrypted = try Self.encrypt(choice: ballot % options, context)
      payloads.append(
        BallotSubmitted(
          sequence: 1, previous: nil, random: encrypted.identifier, ballot: encrypted
        ).bytes(in: group))
    }
    self.payloads = payloads
  }

  static func plaintext(choice: Int, options: Int) -> PlaintextBallot {
    PlaintextBallot(
      ballotStyle: 1,
      contests: [
        PlaintextBallot.Contest(
          index: 1, votes: (0..<options).map { $0 == choice ? 1 : 0 })
      ])
  }

  static func chainingField(_ context: ElectionContext) -> ChainingField {
    .unchained(
      device: BaseHashes.device(
        extended: context.extendedBaseHash, device, in: context.group))
  }

  /// id_B
  static func identifier() throws -> Digest {
    guard let identifier = Digest(try SecureRandom.bytes(32)) else { throw Wrong.answer }
    return identifier
  }

  /// A ballot with fresh secrets.
  static func encrypt(choice: Int, _ context: ElectionContext) throws -> EncryptedBallot {
    let identifier = try identifier()
    let options = context.manifest.contests[0].options.count
    return try EncryptedBallot.encrypt(
      plaintext(choice: choice, options: options), identifier: identifier,
      chainingField: chainingField(context), secrets: try BallotSecrets.fresh(), context: context)
  }

  /// What the verifier does with a ballot before its proofs: its hash, reading, the cheap rules.
  func read(_ payload: [UInt8], claimed: [Element]? = nil) throws -> BallotProofs {
    let place = SHA256.hash(payload).hex
    let ballot = try BallotSubmitted(bytes: payload, in: group).ballot
    guard !ballot.checkStructure(context, device: Self.device, at: place).hasFailures else {
      throw Wrong.answer
    }
    return BallotProofs(of: ballot, at: place, claimed: claimed)
  }

  /// Reads and verifies ballots.
  func verify(_ payloads: ArraySlice<[UInt8]>) throws {
    var ballots: [BallotProofs] = []
    for payload in payloads { ballots.append(try read(payload)) }
    try Self.demand(BallotProofs.check(ballots, context), bySidecar: 0)
  }

  static func demand(_ results: BallotProofs.Results, bySidecar: Int) throws {
    guard results.findings.allSatisfy({ !$0.hasFailures && !$0.counts.isEmpty }),
      results.statistics.fromSidecar == bySidecar
    else { throw Wrong.answer }
  }
}

/// What is measured gave a wrong answer.
enum Wrong: Error { case answer }
