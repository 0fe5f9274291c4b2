// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import Cryptography
import Election
import ElectionFixtures
import Foundation
import Groups
import Ledger

/// Measures what the freezing of a large roll costs, and how long a proof of status is. The first entries of even
/// numbers have a request. The requests are made up: who asks, and the signatures inside, break rule ELI-3, which
/// leaves them their effect.
struct StatusLoad {
  private let entries: Int
  private let issuers: [TestIssuer]
  private let commission: Identity
  private let box: Identity
  private let electionID: Digest
  private var state = ElectionState()
  private var hashes: [Digest] = []
  private var kept: [Int: EntryFile] = [:]

  private static let witnesses = ["a", "b", "c"]
  private static let origin = "load.example"

  init(entries: Int, issuers count: Int, bits: Int) throws {
    self.entries = entries
    issuers = try (1...count).map { try TestIssuer($0, districts: 1, bits: bits) }
    commission = try Identity("commission")
    box = try Identity("box")
    let terms = CredentialTerms(
      register: SHA256.hash(Array("load/register".utf8)),
      districts: [
        .init(
          label: "north", ballotStyle: 1, voters: entries, keyEntries: 0,
          root: SHA256.hash(Array("load/roll".utf8)))
      ],
      issuers: issuers.enumerated().map { position, issuer in
        .init(
          name: "Issuer \(position + 1)", key: issuer.identity.publicKey,
          credentialKeys: issuer.signers.map(\.key))
      }, required: count, tolerated: 1, registration: 1...1_999_999,
      activation: 2_000_000...2_999_999, minimumDistrict: 1, maximumGap: 10_000,
      auditorKey: SHA256.hash(Array("load/auditors".utf8)))
    let manifest = try ElectionSetup(group: .standard).manifest()
    let lines = try Self.witnesses.map {
      "witness \($0) \(try ElectionFixture.cosigner($0).verifierKey.vkey)\n"
    }
    let configuration = ElectionConfiguration(
      name: "Load", manifestDigest: SHA256.hash(manifest.bytes),
      commissionKey: commission.publicKey, ballotBoxKey: box.publicKey,
      logKey: try Self.signer().verifierKey.vkey,
      witnessPolicy: try WitnessPolicy(
        Array((lines.joined() + "group two 2 a b c\nquorum two\n").utf8)),
      votingWindow: 3_000_000...ElectionConfiguration.anyTime.upperBound,
      trusteeKeys: [try Identity("trustee").publicKey], threshold: 1,
      eligibility: .credentials(terms),
      policy: Policy(revoting: true, opensContestData: false), device: "load")
    electionID = SHA256.hash(configuration.bytes(in: .standard))
    kept[0] = try EntryFile.signed(
      configuration, by: .commission, electionID: nil, key: commission.key(), in: .standard)
    try apply(kept[0])
    try openBatch(1, at: 1)
    try apply(
      EntryFile.signed(
        .manifest, bytes: manifest.bytes, by: .commission, electionID: electionID,
        key: commission.key()))
    try apply(signed(RegistrationOpened(), by: .commission, commission))
  }

  /// Prints a line for each figure.
  mutating func run(requests: Int) throws {
    try openBatch(2, at: 2)
    for number in 1...requests { try request(for: 2 * number) }
    try openBatch(3, at: 2_000_000)
    try apply(signed(ActivationOpened(issued: [requests]), by: .commission, commission))
    let (lists, freezing) = IssuanceLoad.timed { state.frozenLists() }
    print(
      "tree over \(entries) entries, \(requests) of them with a request: "
        + "\(IssuanceLoad.text(freezing)) s")
    let (path, walking) = IssuanceLoad.timed { state.issuancePath(district: 1, index: 1) }
    print("path of one entry: \(IssuanceLoad.text(walking)) s, \(path?.count ?? 0) hashes")
    let before = try checkpoint()
    try openBatch(4, at: 2_000_001)
    let list = try signed(
      CredentialListFrozen(districts: lists, checkpoint: before), by: .commission, commission)
    let index = hashes.count
    kept[index] = list
    let (_, checking) = try IssuanceLoad.timed { try apply(list) }
    print("the list checked: \(IssuanceLoad.text(checking)) s")
    for entry in [1, 2] { try prove(entry, frozen: index) }
  }

  private func prove(_ index: Int, frozen: Int) throws {
    guard let status = state.issuanceStatus(district: 1, index: index),
      let path = state.issuancePath(district: 1, index: index)
    else { throw StatusMissing() }
    let proof = StatusProof(
      configuration: try proven(0), frozen: try proven(frozen), frozenIndex: frozen,
      checkpoint: try checkpoint(), status: status, path: path, roll: nil, in: .standard)
    let bytes = proof.bytes
    let (finding, checking) = try IssuanceLoad.timed {
      try StatusProof(bytes: bytes, in: .standard).check(.init(electionID: electionID))
    }
    print(
      "proof about an entry with \(finding.status.attempts.count) requests: \(bytes.count) bytes, of "
        + "which the configuration \(kept[0]?.payload.count ?? 0); record of \(hashes.count) entries; "
        + "checked in \(IssuanceLoad.micro(checking)) µs")
  }

  private func proven(_ index: Int) throws -> StatusProof.Entry {
    guard let file = kept[index],
      let path = MerkleTree.inclusionProof(index: index, in: hashes)
    else { throw StatusMissing() }
    return try StatusProof.Entry(leaf: file.entry, payload: file.payload, path: path)
  }

  private mutating func request(for index: Int) throws {
    let request = IssueRequest(
      scope: CredentialScope(election: electionID), district: 1, index: index, attempt: 0,
      blinded: issuers.indices.map { SHA256.hash(Array("load/\(index)/\($0)".utf8)) })
    try apply(
      signed(
        CredentialIssuance(
          request: request, keys: [commission.publicKey],
          signatures: [[UInt8](repeating: 0, count: Ed25519.signatureByteCount)],
          evidence: .sealed(request.hash)), by: .issuer(1), issuers[0].identity))
  }

  private mutating func openBatch(_ number: Int, at time: Int) throws {
    try apply(signed(BatchOpened(number: number, time: time), by: .ballotBox, box))
  }

  private func signed<Payload: EntryPayload>(
    _ payload: Payload, by author: Author, _ identity: Identity
  ) throws -> EntryFile {
    try EntryFile.signed(
      payload, by: author, electionID: electionID, key: identity.key(), in: .standard)
  }

  private mutating func apply(_ file: EntryFile?) throws {
    guard let file else { throw StatusMissing() }
    let check = state.check(
      RecordedEntry(index: state.size, entry: file.entry, payload: file.payload),
      payloads: FixturePayloads(entries: []))
    // The fold goes on behind a failure; only what makes a measurement wrong ends it.
    let failures = check.findings.failures.filter { ![.log9, .eli3].contains($0.rule) }
    guard failures.isEmpty else { throw NotAdmitted(type: file.entry.type, failures: failures) }
    state.apply(check)
    hashes.append(file.entry.leafHash)
  }

  private static func signer() throws -> NoteSigner {
    try NoteSigner(name: origin, key: Identity("log").key())
  }

  private func checkpoint() throws -> String {
    let note = try SignedNote(
      Checkpoint(
        origin: Self.origin, size: UInt64(hashes.count), root: MerkleTree.root(of: hashes)
      ).signed(by: Self.signer()))
    let lines = try Self.witnesses.map {
      try ElectionFixture.cosigner($0).cosign(checkpoint: note.text, time: 1_800_000_000)
    }
    return String(decoding: try note.adding(lines).bytes, as: UTF8.self)
  }
}

private struct StatusMissing: Error {}
