// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import ElGamal
import Groups
import Ledger
import LedgerFiles
import StrictJSON
import Verification

/// `trustee decrypt`
struct Decrypt: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Does the next step of the decryption: commit, reveal, or answer.",
    discussion: """
      The trustee first verifies the whole record and recomputes the totals. Nothing else is ever \
      decrypted: no single ballot, no part of the ballots. Run it when all other available \
      trustees have done the step before.
      """)

  @OptionGroup var step: StepOptions

  mutating func run() async throws {
    let passphrase = try step.secret.passphraseOptions.passphrase()
    var file = try step.secret.open(passphrase)
    let (record, state) = try await step.record.fold(.everything, verified: file.verified)
    try step.requirePhase(of: .decryptionCommitment, state)
    let identity = try file.identityKey()
    let trustee = try step.index(state, identity)
    guard let tally = state.recomputed, let context = state.context,
      let electionID = state.electionID
    else { throw ProgramError(.incomplete, "the record holds no totals") }
    let session = state.decryption
    guard session.available.contains(trustee) else {
      throw ProgramError(
        .refused, "trustee \(trustee) takes no part in session \(session.session)")
    }
    let items = tally.items
    let transcript = Self.transcript(electionID, session, items, context)
    let share = try file.trusteeShare(in: state.group)
    let nonces = DecryptionNonces(
      secret: file.sessionSecret.copy(), transcript: transcript)
    file.verified = VerifiedHead(size: record.checkpoint.size, root: record.checkpoint.root)
    if session.commitments[trustee] == nil || session.parts[trustee] == nil {
      let parts = items.enumerated().map { position, item in
        share.partial(item, nonce: nonces.nonce(position, in: state.group), in: state.group)
      }
      guard session.commitments[trustee] != nil else {
        let commitments = zip(items, parts).map { item, part in
          item.commitment(
            of: trustee, part, available: session.available,
            extendedBaseHash: context.extendedBaseHash, in: state.group)
        }
        try step.secret.write(file, passphrase)
        return try await step.deliver(
          DecryptionCommitted(session: session.session, commitments: commitments),
          trustee: trustee, record, state, key: identity)
      }
      guard session.commitments.count == session.available.count else {
        throw ProgramError(.incomplete, "the commitments of some trustees are not there yet")
      }
      return try await step.deliver(
        DecryptionFactorsRevealed(session: session.session, parts: parts), trustee: trustee,
        record, state, key: identity)
    }
    guard session.responses[trustee] == nil else {
      throw ProgramError(.refused, "this trustee has answered in session \(session.session)")
    }
    guard session.combined.count == items.count else {
      throw ProgramError(.incomplete, "the parts of some trustees are not there yet")
    }
    try remember(session, transcript, &file)
    try step.secret.write(file, passphrase)
    var responses: [Scalar] = []
    for (position, item) in items.enumerated() {
      guard
        let response = share.response(
          item, nonce: nonces.nonce(position, in: state.group),
          challenge: session.combined[position].challenge, available: session.available,
          in: state.group)
      else { throw ProgramError(.wrong, "the available trustees are not different") }
      responses.append(response)
    }
    try await step.deliver(
      DecryptionResponded(session: session.session, responses: responses), trustee: trustee,
      record, state, key: identity)
  }

  /// Writes down what is answered before answering, and refuses another answer for the same
  /// transcript: two of them give away the share.
  private func remember(
    _ session: DecryptionState, _ transcript: Digest, _ file: inout SecretFile
  ) throws(ProgramError) {
    let challenges = SHA256.hash(session.combined.flatMap(\.challenge.bytes))
    if let earlier = file.memory.first(where: { $0.transcript == transcript }) {
      guard earlier.challenges == challenges else {
        throw ProgramError(
          .refused,
          "this trustee answered other challenges for the same decryption; the record was changed")
      }
      return
    }
    file.memory.append((transcript, challenges))
  }

  /// What the nonces of a session depend on: the election, the session, the trustees, every item.
  static func transcript(
    _ electionID: Digest, _ session: DecryptionState, _ items: [DecryptionItem],
    _ context: ElectionContext
  ) -> Digest {
    var hash = SHA256()
    hash.update(Array("urna/session/v1".utf8) + [0])
    hash.update(electionID.bytes)
    for number in [session.session, session.available.count] + session.available {
      let value = UInt32(clamping: number)
      hash.update(([24, 16, 8, 0] as [UInt32]).map { UInt8(truncatingIfNeeded: value >> $0) })
    }
    for item in items {
      // The challenge over neutral elements names everything that the item consists of.
      let one = context.group.identity
      hash.update(
        item.challenge(
          a: one, b: one, factor: one, extendedBaseHash: context.extendedBaseHash,
          in: context.group
        ).bytes)
    }
    return hash.finalize()
  }
}
