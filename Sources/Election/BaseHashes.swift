// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import ElGamal
public import Groups

/// The chain of hashes that binds everything to one election (ElectionGuard 2.1.0, 3.1.2 to 3.2.3).
public enum BaseHashes {
  /// The version that opens the chain: "v2.1.0" and 26 zero bytes.
  public static let version = "v2.1.0"

  /// H_P = H(ver; 00, p, q, g, n, k)
  public static func parameters(_ group: Group, trustees n: Int, threshold k: Int) -> Digest {
    var input = HashInput(.parameterBase, in: group)
    input.append(fixed: group.parameters.encoded)
    input.append(index: n)
    input.append(index: k)
    let key = Array(version.utf8)
    let padded = key + [UInt8](repeating: 0, count: Digest.byteCount - key.count)
    return HMACSHA256.authenticate(key: padded, input.bytes)
  }

  /// H_B = H(H_P; 01, b(len, 4), manifest)
  public static func election(parameters: Digest, manifest: [UInt8], in group: Group) -> Digest {
    var input = HashInput(.electionBase, in: group, capacity: manifest.count + 5)
    input.append(variable: manifest)
    return input.digest(key: parameters)
  }

  /// H_E = H(H_B; 14, K, K̂)
  public static func extended(
    election: Digest, voteKey: Element, dataKey: Element, in group: Group
  ) -> Digest {
    var input = HashInput(.extendedBase, in: group)
    input.append(voteKey)
    input.append(dataKey)
    return input.digest(key: election)
  }

  /// H_I = H(H_E; 20, id_B)
  public static func identifier(extended: Digest, ballot: Digest, in group: Group) -> Digest {
    var input = HashInput(.identifier, in: group)
    input.append(ballot)
    return input.digest(key: extended)
  }

  /// H_DI = H(H_E; 2A, b(len, 4), S_device)
  public static func device(extended: Digest, _ device: String, in group: Group) -> Digest {
    var input = HashInput(.device, in: group)
    input.append(variable: Array(device.utf8))
    return input.digest(key: extended)
  }
}
