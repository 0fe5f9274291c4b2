// SPDX-License-Identifier: Apache-2.0

import CommandLineSupport
import Cryptography
import Election
import ElGamal
import Foundation
import Groups
import Ledger
import LedgerFiles
import StrictJSON
import Verification

/// The demonstration knows all secrets of its actors, and uses them to play the dishonest ones.
extension DemoScene {
  /// The state that the record leads to.
  func state() async throws -> ElectionState {
    let directory: RecordDirectory
    do { directory = try RecordDirectory(path: record) } catch { throw ProgramError(error) }
    return try await RecordFold.fold(directory, depth: .structure).state
  }

  /// election_id: the digest of the configuration.
  func electionID() throws -> Digest {
    try Files.readEntry(entry("configuration")).entry.payloadDigest
  }

  func voterKey(_ voter: DemoVoter) throws -> Ed25519.PrivateKey {
    let path = secret("voter-\(voter.number)")
    let wallet = try Files.readJSON(path)
    let election = try electionID()
    do {
      let fields = try wallet.openFields()
      let seed = SecretBytes(copying: try fields["seed"].hex(bytes: 32))
      guard let credential = try fields.optional("credentials")?.array().first?.openFields() else {
        return try Ed25519.PrivateKey(seed: seed)
      }
      return try CredentialSecrets(
        seed: seed, scope: CredentialScope(election: election),
        district: credential["district"].integer(1...CredentialTerms.maximumDistricts),
        attempt: credential["attempt"].integer(0...IssueRequest.maximumAttempt)
      ).pseudonym()
    } catch { throw ProgramError(.wrong, "\(path): \(error)") }
  }

  /// The seed at an offset of a secret file under its role's passphrase.
  private func sealedKey(_ role: String, context: String, offset: Int) throws -> Ed25519.PrivateKey
  {
    let box = try Files.readSecret(secret(role))
    let words = try Files.readSecret(secret("\(role).passphrase"))
    guard let passphrase = words.slice(0..<max(words.count - 1, 0)) else {
      throw ProgramError(.wrong, "\(role): no passphrase")
    }
    do {
      let bytes = try PassphraseBox.open(
        box.revealed(), passphrase: passphrase, context: context)
      guard let seed = bytes.slice(offset..<offset + 32) else {
        throw ProgramError(.wrong, "\(role): no seed")
      }
      return try Ed25519.PrivateKey(seed: seed)
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.wrong, "\(role): \(error)")
    }
  }

  func commissionKey() throws -> Ed25519.PrivateKey {
    try sealedKey("commission", context: "urna/commission/v1", offset: 0)
  }

  func trusteeKey(_ trustee: Int) throws -> Ed25519.PrivateKey {
    try sealedKey("trustee-\(trustee)", context: "urna/trustee/v1", offset: 16)
  }

  /// The box's log key, to sign tampered copies as a dishonest box would.
  func boxSigner() throws -> NoteSigner {
    let path = secret("box")
    let file = try Files.readSecret(path)
    guard let seed = file.slice(12..<44), let name = file.slice(76..<file.count),
      let origin = String(validating: name.revealed(), as: UTF8.self)
    else { throw ProgramError(.wrong, "\(path): not a key file") }
    do { return try NoteSigner(name: origin, key: try Ed25519.PrivateKey(seed: seed)) } catch {
      throw ProgramError(.wrong, "\(path): \(error)")
    }
  }

  func sign(_ submitted: BallotSubmitted, as voter: DemoVoter, to path: String) throws {
    let key = try voterKey(voter)
    let author = Author.pseudonym(key.publicKey)
    let file: EntryFile
    do {
      file = try EntryFile.signed(
        submitted, by: author, electionID: try electionID(), key: key, in: ElectionState().group)
    } catch { throw ProgramError(.wrong, "\(path): \(error)") }
    try Files.write(file.bytes, to: path)
  }

  /// A ballot of a voter's own that is right in everything but one selection, which holds a vote too
  /// many; codes and signature fit the changed ciphertext.
  func excessiveBallot(of voter: DemoVoter) async throws -> BallotSubmitted {
    let state = try await state()
    let key = try voterKey(voter)
    guard let context = state.context, let listed = state.voter(key.publicKey),
      let configuration = state.configuration,
      let random = Digest(try SecureRandom.bytes(Digest.byteCount))
    else { throw ProgramError(.wrong, "the voting is not open") }
    let earlier = state.ballots.ballots(of: key.publicKey)
    let identifier = BallotSubmitted.identifier(
      electionID: try electionID(), district: listed.district, pseudonym: key.publicKey,
      sequence: earlier.count + 1, random: random)
    let device = BaseHashes.device(
      extended: context.extendedBaseHash, configuration.device, in: context.group)
    let secrets = try BallotSecrets.fresh()
    var ballot: EncryptedBallot
    do {
      ballot = try EncryptedBallot.encrypt(
        PlaintextBallot(ballotStyle: listed.ballotStyle, contests: []), identifier: identifier,
        chainingField: .unchained(device: device), secrets: secrets, context: context)
    } catch { throw ProgramError(.wrong, "\(error)") }
    ballot.addVote(context)
    let hashes = ballot.recomputedContestHashes(
      identifierHash: ballot.identifierHash, in: context.group)
    for (index, hash) in hashes.enumerated() { ballot.contests[index].hash = hash }
    ballot.confirmationCode = ConfirmationCode.code(
      identifierHash: ballot.identifierHash, contestHashes: hashes,
      chainingField: ballot.chainingField, in: context.group)
    return BallotSubmitted(
      sequence: earlier.count + 1, previous: earlier.last?.payloadDigest, random: random,
      ballot: ballot)
  }

  /// Makes a trustee's answer wrong in its first item, signed as the trustee.
  func falsify(_ path: String, trustee: Int) throws {
    let group = ElectionState().group
    let original = try Files.readEntry(path)
    var responded = try ProgramError.naming(path) {
      try DecryptionResponded(bytes: original.payload, in: group)
    }
    guard let first = responded.responses.first else { return }
    responded.responses[0] = group.vartimeAdd(first, .one)
    let key = try trusteeKey(trustee)
    let file: EntryFile
    do {
      file = try EntryFile.signed(
        responded, by: .trustee(trustee), electionID: try electionID(), key: key, in: group)
    } catch { throw ProgramError(.wrong, "\(path): \(error)") }
    try Files.write(file.bytes, to: path)
  }
}

extension EncryptedBallot {
  /// Multiplies β of the first selection by K: one vote more, without a proof for it.
  mutating func addVote(_ context: ElectionContext) {
    guard let old = contests.first?.selections.first?.ciphertext else { return }
    contests[0].selections[0].ciphertext = Ciphertext(
      alpha: old.alpha,
      beta: context.group.vartimeMultiply(old.beta, context.voteKey.element))
  }
}
