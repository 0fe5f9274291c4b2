// SPDX-License-Identifier: Apache-2.0

public import BlindSignatures
public import Cryptography
internal import CP11Kit
internal import Synchronization

/// A private RSA key that a hardware module holds, reached through PKCS#11: the module computes `x^d mod n`
/// by the mechanism CKM_RSA_X_509, and d stays inside.
///
/// Secret is the PIN, which is kept for as long as the signer lives, to log in again when a session was
/// lost; it is wiped then, and nothing prints it. A PIN that the token has refused is not tried again.
///
/// In one process a user is logged in to a token once for everybody. Where another signer is logged in to the
/// token already, the token does not look at the PIN of the next.
public final class HardwareRSASigner: RawRSASigner, CustomStringConvertible, CustomReflectable {
  /// n, big-endian, without a zero in front.
  public let modulus: [UInt8]
  /// e
  public let exponent: UInt64
  /// Whether the token may give the private key out: it does not say that CKA_SENSITIVE is true and
  /// CKA_EXTRACTABLE false.
  public let isExtractable: Bool
  /// Whether the token says that the key was made inside and could never be read: CKA_LOCAL,
  /// CKA_ALWAYS_SENSITIVE and CKA_NEVER_EXTRACTABLE. A key that was brought in may have been seen outside.
  public let isMadeOnToken: Bool
  /// Signatures that are computed at a time. Others wait.
  public var sessionCount: Int { lines.count }

  let access: TokenAccess
  let name: KeyName
  private let lines: [SigningLine]
  /// Requests at every line.
  private let waiting: Mutex<[Int]>

  /// Sessions that are opened unless another number is named.
  public static let defaultSessionCount = 4

  /// Finds a key. Waits for the module.
  ///
  /// - Parameters:
  ///   - place: the token.
  ///   - label: the key's CKA_LABEL; nil if only the identifier counts.
  ///   - id: the key's CKA_ID; nil if only the label counts.
  ///   - pin: the user's PIN, secret.
  ///   - sessions: signatures to compute at a time, from 1 to 64. Fewer if the token grants fewer.
  /// - Throws: ``BlindSignatures/BlindRSAError/backend(_:)`` with the step and the module's answer, or if not
  ///   exactly one private RSA key of 2048, 3072 or 4096 bits has the name.
  public convenience init(
    on place: HardwareToken.Place, label: String?, id: [UInt8]? = nil, pin: consuming SecretBytes,
    sessions: Int = defaultSessionCount
  ) throws(BlindRSAError) {
    do throws(TokenFault) {
      let access = try TokenAccess(place, pin: pin)
      try self.init(access, KeyName(label: label, id: id), sessions: sessions)
    } catch { throw error.reported }
  }

  init(_ access: TokenAccess, _ name: KeyName, sessions: Int) throws(TokenFault) {
    guard name.label != nil || name.id != nil else {
      throw TokenFault("a key needs a label or an identifier")
    }
    guard (1...64).contains(sessions) else { throw TokenFault("from 1 to 64 sessions") }
    let session = try access.session()
    let key = try session.key(name)
    guard RSAPrivateKey.modulusBits.contains(8 * key.modulus.count), key.modulus[0] >= 0x80 else {
      throw TokenFault("the key \(name.words) is not of 2048, 3072 or 4096 bits")
    }
    modulus = key.modulus
    exponent = key.exponent
    isExtractable = key.isExtractable
    isMadeOnToken = key.isMadeOnToken
    self.access = access
    self.name = name
    var lines = [SigningLine(access, name, session, key)]
    let limit = try access.sessionLimit() ?? sessions
    while lines.count < min(sessions, limit) {
      do throws(TokenFault) {
        let session = try access.session()
        let key = try session.key(name)
        lines.append(SigningLine(access, name, session, key))
      } catch {
        guard error.code == CKR_SESSION_COUNT else { throw error }
        break
      }
    }
    waiting = Mutex([Int](repeating: 0, count: lines.count))
    self.lines = lines
  }

  // Nobody waits for a signature any more: the waiting hold the signer.
  deinit { for line in lines { line.close() } }

  /// x^d mod n, as the token computes it. The result is not checked here; ``BlindSignatures/BlindSigner`` does.
  ///
  /// When the session was lost, the token is looked for again, and the request tried once more.
  ///
  /// - Parameter input: x < n, of n's length, big-endian. Public.
  /// - Returns: as many bytes.
  /// - Throws: ``BlindSignatures/BlindRSAError/unexpectedInputSize(expected:found:)``,
  ///   ``BlindSignatures/BlindRSAError/representativeOutOfRange``,
  ///   ``BlindSignatures/BlindRSAError/backend(_:)`` with the step and the module's answer.
  public func rawSignature(_ input: [UInt8]) async throws(BlindRSAError) -> [UInt8] {
    guard input.count == modulus.count else {
      throw .unexpectedInputSize(expected: modulus.count, found: input.count)
    }
    guard input.lexicographicallyPrecedes(modulus) else { throw .representativeOutOfRange }
    let line = waiting.withLock { waiting in
      let shortest = waiting.indices.min { waiting[$0] < waiting[$1] } ?? 0
      waiting[shortest] += 1
      return shortest
    }
    let result = await lines[line].rawSignature(input)
    waiting.withLock { $0[line] -= 1 }
    return try result.get()
  }

  /// The public part, under an encoding.
  ///
  /// - Throws: ``BlindSignatures/BlindRSAError/key(_:)``.
  public func publicKey(
    _ encoding: BlindRSAVariant.Encoding
  ) throws(BlindRSAError) -> BlindRSAPublicKey {
    try BlindRSAPublicKey(modulus: modulus, exponent: exponent, encoding: encoding)
  }

  /// The key's name and the token's.
  public var description: String { "the key \(name.words) on the \(access.place)" }

  /// Shows what ``description`` says, and nothing below.
  public var customMirror: Mirror { Mirror(self, children: ["key": description]) }
}
