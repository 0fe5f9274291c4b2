// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Groups

/// The domain-separation byte that opens every input of H (ElectionGuard 2.1.0, 5.5).
///
/// The specification uses some bytes for inputs of two shapes; lengths keep those apart.
public enum HashDomain: UInt8, CaseIterable, Sendable {
  /// H_P
  case parameterBase = 0x00
  /// H_B
  case electionBase = 0x01
  /// c_i and ĉ_i, proofs of a trustee's keys
  case keyProof = 0x10
  /// k_{i,ℓ}, the key of an encrypted share
  case shareKey = 0x11
  /// c̄_{i,ℓ}, proof of an encrypted share
  case shareProof = 0x12
  /// H_G
  case trusteeKeys = 0x13
  /// H_E
  case extendedBase = 0x14
  /// H_I
  case identifier = 0x20
  /// ξ_{i,j}
  case selectionNonce = 0x21
  /// h of the encrypted ballot nonce
  case nonceKey = 0x22
  /// c_B
  case nonceProof = 0x23
  /// c of a range proof, for a selection or for a contest's limit
  case rangeProof = 0x24
  /// ξ of contest data
  case contestDataNonce = 0x25
  /// h of contest data
  case contestDataKey = 0x26
  /// c of contest data
  case contestDataProof = 0x27
  /// χ_l
  case contestHash = 0x28
  /// H_C, H_0 and the closing hash
  case confirmationCode = 0x29
  /// H_DI
  case device = 0x2A
  /// the hash inside the closing field B̄_C
  case chainClosing = 0x2B
  /// d_i of a tally
  case tallyCommitment = 0x30
  /// c of a tally
  case tallyProof = 0x31
  /// d_i of contest data
  case contestDataCommitment = 0x32
  /// c of contest data's decryption
  case contestDataDecryption = 0x33
}

/// B_1, the input of H: a domain byte and the inputs behind it, without separators.
///
/// Encodings (ElectionGuard 2.1.0, 5.1): an element l_p bytes, a scalar 32, an index or length 4,
/// a hash 32; fixed text raw, text or files of variable length with 4 bytes of length before them.
/// All big-endian.
public struct HashInput: Sendable {
  /// The bytes so far.
  public private(set) var bytes: [UInt8]
  private let group: Group

  /// Opens an input with its domain byte.
  public init(_ domain: HashDomain, in group: Group, capacity: Int = 4096) {
    self.group = group
    bytes = []
    bytes.reserveCapacity(capacity)
    bytes.append(domain.rawValue)
  }

  /// Opens an input with a domain byte that the specification does not use; for this project's own
  /// proofs.
  package init(ownDomain: UInt8, in group: Group) {
    self.group = group
    bytes = [ownDomain]
  }

  /// b(x, l_p)
  public mutating func append(_ element: Element) { bytes += group.bytes(element) }

  /// α ‖ β
  public mutating func append(_ ciphertext: Ciphertext) {
    append(ciphertext.alpha)
    append(ciphertext.beta)
  }

  /// b(s, 32)
  public mutating func append(_ scalar: Scalar) { bytes += scalar.bytes }

  /// A hash value, 32 bytes.
  public mutating func append(_ digest: Digest) { bytes += digest.bytes }

  /// b(i, 4): an index, a count or a length below 2^31.
  public mutating func append(index: Int) {
    let value = UInt32(clamping: index)
    for shift in [24, 16, 8, 0] as [UInt32] {
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  /// Bytes whose length the domain fixes.
  public mutating func append(fixed: some Sequence<UInt8>) { bytes += fixed }

  /// b(len, 4) ‖ bytes: a file or a text of variable length.
  public mutating func append(variable: [UInt8]) {
    append(index: variable.count)
    bytes += variable
  }

  /// H(key; input)
  public func digest(key: Digest) -> Digest { HMACSHA256.authenticate(key: key, bytes) }

  /// H_q(key; input)
  public func scalar(key: Digest) -> Scalar { group.scalar(reducing: digest(key: key)) }

  /// H(key; input ‖ secret), for keys derived from a secret element and nonces from a secret nonce.
  public func secretDigest(key: Digest, appending secret: borrowing SecretBytes) -> SecretBytes {
    HMACSHA256.authenticate(key: key, secret: SecretBytes(copying: bytes).appending(secret))
  }
}
