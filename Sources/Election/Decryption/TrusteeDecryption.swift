// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import ElGamal
public import Groups

/// What a trustee does with their share (ElectionGuard 2.1.0, 3.6.3 to 3.6.6).
extension TrusteeShare {
  /// M_i, a_i and b_i of an item.
  /// - Parameter nonce: u_i, secret; see ``DecryptionNonces``.
  public borrowing func partial(
    _ item: DecryptionItem, nonce: borrowing SecretScalar, in group: Group
  ) -> PartialDecryption {
    let factor =
      item.kind == .vote
      ? group.power(item.base, voteShare) : group.power(item.base, dataShare)
    return PartialDecryption(
      factor: factor, a: group.power(group.generator, nonce), b: group.power(item.base, nonce))
  }

  /// v_i = u_i − c·w_i·z_i
  /// - Returns: nil when the trustees are not different from each other.
  public borrowing func response(
    _ item: DecryptionItem, nonce: borrowing SecretScalar, challenge: Scalar, available: [Int],
    in group: Group
  ) -> Scalar? {
    guard let weight = Interpolation.coefficient(of: trustee, among: available, in: group) else {
      return nil
    }
    let scaled = group.vartimeMultiply(challenge, weight)
    return item.kind == .vote
      ? group.response(nonce: nonce, challenge: scaled, secret: voteShare)
      : group.response(nonce: nonce, challenge: scaled, secret: dataShare)
  }
}

/// The nonces u_i of one decryption session: derived from a secret of the session, so that a trustee
/// who is interrupted repeats the same step with the same values.
///
///     u_i = H_q-like: HMAC(session secret, "urna/decryption/v1" 00 ‖ transcript ‖ b(position, 4)) mod q
///
/// The transcript names the election, the session, the trustees and all items, so one secret never
/// makes the same nonce for two statements. A trustee answers a second, different challenge for the
/// same transcript never: that would give away the share. The program keeps a memory of it.
public struct DecryptionNonces: ~Copyable, Sendable {
  private let secret: SecretBytes
  private let transcript: Digest

  /// The nonces of a session.
  public init(secret: consuming SecretBytes, transcript: Digest) {
    self.secret = secret
    self.transcript = transcript
  }

  /// u_i for the item at a position.
  public borrowing func nonce(_ position: Int, in group: Group) -> SecretScalar {
    var message = Array("urna/decryption/v1".utf8) + [0] + transcript.bytes
    let value = UInt32(clamping: position)
    message += ([24, 16, 8, 0] as [UInt32]).map { UInt8(truncatingIfNeeded: value >> $0) }
    return group.secretScalar(
      reducing: HMACSHA256.authenticate(secretKey: secret, message))
  }
}
