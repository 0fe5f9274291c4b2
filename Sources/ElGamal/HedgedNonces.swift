// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import Groups

/// Nonces of one proof, hedged against a generator that repeats itself:
///
///     u_i = HMAC(random bytes (32), "urna/nonce/v1" 00 ‖ SHA-256(statement) ‖ b(i, 4) ‖ secrets) mod q
///
/// The random bytes come from the operating system. Should they ever come twice, two proofs have a
/// nonce in common only when statement and secrets are the same, and then the proofs are the same and
/// show nothing new. With one nonce and two challenges anybody could compute the secret. Secret.
package struct HedgedNonces: ~Copyable {
  private let random: SecretBytes
  private let statement: Digest
  private let secrets: SecretBytes

  /// Nonces for a proof.
  /// - Parameters:
  ///   - statement: everything public that the proof is about.
  ///   - secrets: what it proves knowledge of, encoded with a fixed length. Secret.
  /// - Throws: `GroupError.randomnessUnavailable`.
  package init(
    statement: HashInput, secrets: consuming SecretBytes
  ) throws(GroupError) {
    let random: SecretBytes
    do { random = try SecretBytes(random: 32) } catch { throw .randomnessUnavailable }
    self.init(random: random, statement: statement, secrets: secrets)
  }

  /// The same with given random bytes; for tests of a broken generator.
  package init(
    random: consuming SecretBytes, statement: HashInput, secrets: consuming SecretBytes
  ) {
    self.random = random
    self.statement = SHA256.hash(statement.bytes)
    self.secrets = secrets
  }

  /// u_i
  package borrowing func nonce(_ index: Int, in group: Group) -> SecretScalar {
    let value = UInt32(clamping: index)
    let message =
      Array("urna/nonce/v1".utf8) + [0] + statement.bytes
      + ([24, 16, 8, 0] as [UInt32]).map { UInt8(truncatingIfNeeded: value >> $0) }
    return group.secretScalar(
      reducing: HMACSHA256.authenticate(
        secretKey: random, secret: SecretBytes(copying: message).appending(secrets)))
  }

  /// u_first … u_{first+count−1}
  package borrowing func nonces(
    _ count: Int, from first: Int = 0, in group: Group
  ) throws(GroupError) -> SecretScalars {
    try SecretScalars(count: count) { index throws(GroupError) in
      nonce(first + index, in: group)
    }
  }
}
