// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import Groups
import Verification

/// What a trustee keeps, encrypted under a passphrase. The plain bytes, all integers big-endian:
///
///     "urna/trustee/v1" 00 ‖ identity seed (32) ‖ session secret (32) ‖ round (4) ‖ trustee (4) ‖ k (4)
///     ‖ a_0 … a_{k−1} ‖ â_0 … â_{k−1} ‖ ζ                 when k > 0: a ceremony is under way
///     ‖ flag (1) ‖ z ‖ ẑ                                   flag 1: the ceremony is over
///     ‖ size (8) ‖ root (32)                               the record that was verified; 0 and zeros
///     ‖ count (4) ‖ count × (transcript (32) ‖ challenges (32))
///
/// The record that was verified spares checking its proofs again. The last part is the trustee's memory: what was answered in which decryption. A second, different
/// answer for the same transcript would give away the share, so it is refused.
struct SecretFile: ~Copyable {
  static let magic = Array("urna/trustee/v1".utf8) + [0]
  static let context = "urna/trustee/v1"

  var identity: SecretBytes
  var sessionSecret: SecretBytes
  var round: Int
  var trustee: Int
  /// a, â and ζ, encoded; empty when there is no ceremony under way.
  var polynomials: SecretBytes
  /// z ‖ ẑ, encoded; empty until the ceremony is over.
  var share: SecretBytes
  /// The record as it was when the trustee last verified all of it.
  var verified: VerifiedHead?
  /// Answered transcripts with the digest of the challenges.
  var memory: [(transcript: Digest, challenges: Digest)]

  static func fresh() throws(CryptographyError) -> SecretFile {
    SecretFile(
      identity: try SecretBytes(random: 32), sessionSecret: try SecretBytes(random: 32),
      round: 0, trustee: 0, polynomials: SecretBytes(zeros: 0), share: SecretBytes(zeros: 0),
      verified: nil, memory: [])
  }

  func identityKey() throws(ProgramError) -> Ed25519.PrivateKey {
    do { return try Ed25519.PrivateKey(seed: identity) } catch {
      throw ProgramError(.wrong, "secret file: \(error)")
    }
  }

  // MARK: Bytes

  func encoded() -> SecretBytes {
    let threshold = polynomials.count == 0 ? 0 : (polynomials.count / 32 - 1) / 2
    var bytes = SecretBytes(copying: Self.magic).appending(identity).appending(sessionSecret)
    for number in [round, trustee, threshold] { bytes = bytes.appending(Self.number(number)) }
    bytes = bytes.appending(polynomials)
    bytes = bytes.appending([share.count == 0 ? 0 : 1]).appending(share)
    let size = verified?.size ?? 0
    bytes = bytes.appending(Self.number(Int(size >> 32)))
      .appending(Self.number(Int(size & 0xFFFF_FFFF)))
      .appending(verified?.root.bytes ?? [UInt8](repeating: 0, count: Digest.byteCount))
    bytes = bytes.appending(Self.number(memory.count))
    for item in memory {
      bytes = bytes.appending(item.transcript.bytes).appending(item.challenges.bytes)
    }
    return bytes
  }

  private static func number(_ value: Int) -> [UInt8] {
    let value = UInt32(clamping: value)
    return ([24, 16, 8, 0] as [UInt32]).map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  static func decode(_ bytes: borrowing SecretBytes) -> SecretFile? {
    var offset = 0
    func take(_ count: Int) -> SecretBytes? {
      guard count >= 0, bytes.count - offset >= count else { return nil }
      defer { offset += count }
      return bytes.slice(offset..<offset + count)
    }
    func number() -> Int? {
      guard let field = take(4) else { return nil }
      return field.revealed().reduce(0) { $0 << 8 | Int($1) }
    }
    guard let head = take(magic.count), head.revealed() == magic, let identity = take(32),
      let sessionSecret = take(32), let round = number(), let trustee = number(),
      let threshold = number(), threshold <= ElectionConfiguration.maximumTrustees,
      let polynomials = take(threshold == 0 ? 0 : (2 * threshold + 1) * 32),
      let flag = take(1)?.revealed().first, flag <= 1, let share = take(flag == 1 ? 64 : 0),
      let high = number(), let low = number(), let field = take(32),
      let root = Digest(field.revealed()),
      let count = number(), count <= 10_000
    else { return nil }
    var memory: [(transcript: Digest, challenges: Digest)] = []
    for _ in 0..<count {
      guard let first = take(32), let second = take(32), let transcript = Digest(first.revealed()),
        let challenges = Digest(second.revealed())
      else { return nil }
      memory.append((transcript, challenges))
    }
    guard offset == bytes.count else { return nil }
    let size = UInt64(high) << 32 | UInt64(low)
    return SecretFile(
      identity: identity, sessionSecret: sessionSecret, round: round, trustee: trustee,
      polynomials: polynomials, share: share,
      verified: size == 0 ? nil : VerifiedHead(size: size, root: root), memory: memory)
  }

  // MARK: Secrets of the protocol

  /// The polynomials of the ceremony under way.
  func secrets(in group: Group) throws(ProgramError) -> TrusteeSecrets {
    do {
      guard let secrets = try TrusteeSecrets(trustee: trustee, encoded: polynomials, in: group)
      else {
        throw ProgramError(
          .incomplete, "no key ceremony is under way in this secret file",
          hint: "run trustee generate first")
      }
      return secrets
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.wrong, "secret file: \(error)")
    }
  }

  /// The share of the election's key.
  func trusteeShare(in group: Group) throws(ProgramError) -> TrusteeShare {
    do {
      guard let share = try TrusteeShare(trustee: trustee, encoded: share, in: group) else {
        throw ProgramError(
          .incomplete, "this secret file holds no share yet", hint: "run trustee confirm first")
      }
      return share
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.wrong, "secret file: \(error)")
    }
  }
}

/// The secret file and its passphrase.
struct SecretOptions: ParsableArguments {
  @Option(help: "The trustee's secret file.") var secret: String
  @OptionGroup var passphraseOptions: PassphraseOptions

  func open(_ passphrase: borrowing SecretBytes) throws(ProgramError) -> SecretFile {
    let box = try Files.readSecret(secret, limit: 2 << 20)
    do {
      let bytes = try PassphraseBox.open(
        box.revealed(), passphrase: passphrase, context: SecretFile.context)
      guard let file = SecretFile.decode(bytes) else {
        throw ProgramError(.wrong, "\(secret): not a trustee's secret file")
      }
      return file
    } catch let error as ProgramError { throw error } catch CryptographyError
      .authenticationFailed
    {
      throw ProgramError(.wrong, "\(secret): wrong passphrase, or the file was changed")
    } catch { throw ProgramError(.wrong, "\(secret): \(error)") }
  }

  func write(
    _ file: borrowing SecretFile, _ passphrase: borrowing SecretBytes
  ) throws(ProgramError) {
    do {
      let box = try PassphraseBox.seal(
        file.encoded(), passphrase: passphrase, context: SecretFile.context)
      try Files.writeSecret(box, to: secret)
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.inputOutput, "\(secret): \(error)")
    }
  }
}
