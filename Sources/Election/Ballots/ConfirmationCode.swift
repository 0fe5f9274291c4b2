// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import ElGamal
public import Groups

/// B_C, the chaining field of a ballot: 4 bytes of mode and 32 of a hash
/// (ElectionGuard 2.1.0, 3.4.2 to 3.4.4). Public.
public struct ChainingField: Hashable, Sendable {
  /// 0: no chaining; 1: simple chaining. Other values are kept, and fail their checks.
  public let mode: UInt32
  /// H_DI, or the confirmation code before.
  public let hash: Digest

  /// Bytes of the encoding.
  public static let byteCount = 36

  /// A field from its parts.
  public init(mode: UInt32, hash: Digest) {
    self.mode = mode
    self.hash = hash
  }

  /// Reads 36 bytes; nil for another length.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount, let hash = Digest(bytes.dropFirst(4)) else { return nil }
    mode = bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    self.hash = hash
  }

  /// b(mode, 4) ‖ hash
  public var bytes: [UInt8] {
    ([24, 16, 8, 0] as [UInt32]).map { UInt8(truncatingIfNeeded: mode >> $0) } + hash.bytes
  }

  /// The field of a ballot that is not chained: 00000000 ‖ H_DI.
  public static func unchained(device: Digest) -> ChainingField {
    ChainingField(mode: 0, hash: device)
  }
}

/// The hashes that confirmation codes are made of.
public enum ConfirmationCode {
  /// χ_l = H(H_I; 28, l, α_1, β_1, …, α_m, β_m [, C_0, C_1, C_2])
  ///
  /// l is the contest's index in the manifest (erratum 9); without contest data the input ends after
  /// the ciphertexts (erratum 3).
  public static func contestHash(
    identifierHash: Digest, contest: Int, selections: [Ciphertext],
    data: ContestDataEncryption?, in group: Group
  ) -> Digest {
    var input = HashInput(.contestHash, in: group, capacity: 1024 * (selections.count + 2))
    input.append(index: contest)
    for selection in selections { input.append(selection) }
    if let data {
      input.append(data.c0)
      input.append(fixed: data.c1)
      input.append(data.c2.challenge)
      input.append(data.c2.response)
    }
    return input.digest(key: identifierHash)
  }

  /// H_C = H(H_I; 29, χ_1, …, χ_m, B_C)
  public static func code(
    identifierHash: Digest, contestHashes: [Digest], chainingField: ChainingField,
    in group: Group
  ) -> Digest {
    var input = HashInput(.confirmationCode, in: group)
    for hash in contestHashes { input.append(hash) }
    input.append(fixed: chainingField.bytes)
    return input.digest(key: identifierHash)
  }
}

/// A device's chain of ballots, simple chaining (ElectionGuard 2.1.0, 3.4.4).
public struct BallotChain: Sendable {
  /// B_{C,0} = 00000001 ‖ H_DI
  public let openingField: ChainingField
  /// H_0 = H(H_E; 29, B_{C,0})
  public let openingHash: Digest
  private let extendedBaseHash: Digest
  private let group: Group

  /// The chain of a device in an election.
  public init(extendedBaseHash: Digest, device: Digest, in group: Group) {
    self.extendedBaseHash = extendedBaseHash
    self.group = group
    openingField = ChainingField(mode: 1, hash: device)
    var input = HashInput(.confirmationCode, in: group)
    input.append(fixed: openingField.bytes)
    openingHash = input.digest(key: extendedBaseHash)
  }

  /// B_{C,j} = 00000001 ‖ H_{j−1}
  public func field(after previous: Digest) -> ChainingField {
    ChainingField(mode: 1, hash: previous)
  }

  /// B̄_C = 00000001 ‖ H(H_E; 2B, H_ℓ, B_{C,0}) and H̄ = H(H_E; 29, B̄_C), after the last ballot.
  public func closing(after last: Digest) -> (field: ChainingField, hash: Digest) {
    var inner = HashInput(.chainClosing, in: group)
    inner.append(last)
    inner.append(fixed: openingField.bytes)
    let field = ChainingField(mode: 1, hash: inner.digest(key: extendedBaseHash))
    var outer = HashInput(.confirmationCode, in: group)
    outer.append(fixed: field.bytes)
    return (field, outer.digest(key: extendedBaseHash))
  }
}
