// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import ElGamal
public import Groups

/// ξ_B and all nonces that follow from it (ElectionGuard 2.1.0, 3.3.3). Secret.
public struct BallotSecrets: ~Copyable, Sendable {
  /// ξ_B, 32 bytes.
  public let ballotNonce: SecretBytes

  /// Fresh secrets from the operating system's generator.
  /// - Throws: `CryptographyError`.
  public static func fresh() throws(CryptographyError) -> BallotSecrets {
    BallotSecrets(ballotNonce: try SecretBytes(random: 32))
  }

  /// Secrets from a kept ξ_B.
  public init(ballotNonce: consuming SecretBytes) { self.ballotNonce = ballotNonce }

  /// ξ_{i,j} = H_q(H_I; 21, i, j, ξ_B)
  public borrowing func selectionNonce(
    contest: Int, option: Int, identifierHash: Digest, in group: Group
  ) -> SecretScalar {
    var input = HashInput(.selectionNonce, in: group, capacity: 64)
    input.append(index: contest)
    input.append(index: option)
    return group.secretScalar(
      reducing: input.secretDigest(key: identifierHash, appending: ballotNonce))
  }

  /// ξ_i = H_q(H_I; 25, i, ξ_B), for contest data.
  public borrowing func contestDataNonce(
    contest: Int, identifierHash: Digest, in group: Group
  ) -> SecretScalar {
    var input = HashInput(.contestDataNonce, in: group, capacity: 64)
    input.append(index: contest)
    return group.secretScalar(
      reducing: input.secretDigest(key: identifierHash, appending: ballotNonce))
  }
}
