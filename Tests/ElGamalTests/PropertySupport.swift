// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Cryptography
import ElGamal
import Groups
import Testing

/// A key pair and the hashes of one made-up ballot. Everything follows from names, so that a failure
/// can be repeated; only the proofs themselves draw fresh randomness.
struct PropertyScene: Sendable {
  let group: Group
  /// s with K = g^s.
  let secret: Scalar
  let key: FixedBase
  let identifierHash: Digest

  init(_ group: Group, key name: String = "key", ballot: String = "ballot") {
    self.group = group
    secret = group.scalar(reducing: SHA256.hash(Array(name.utf8)))
    key = group.fixedBase(group.power(group.generator, group.secret(secret)))
    identifierHash = SHA256.hash(Array(ballot.utf8))
  }

  /// Appendix, |q| = 64 and |p| = 256 bits: arithmetic is cheap, and a wrong proof passes by chance
  /// once in 2^64, so that rejections can be asserted by the thousand.
  static let q64p256: Group = {
    do {
      return try Group(
        GroupParameters(
          name: "toy-64-256",
          p: Natural(
            hex: "FFFFFFFFFFFFFFFF93C467E37DB1212B89995855493FF059FFFFFFFFFFFFFFFF", width: 32),
          q: Natural(hex: "FFFFFFFFFFFFFFC5", width: 8),
          g: Natural(
            hex: "3B5431669E3E4893DF745C67CDCFD95CCDDA224878A3CD5D3226F75CC5A95638", width: 32),
          elementByteCount: 32))
    } catch { preconditionFailure("toy-64-256: \(error)") }
  }()

  /// A scalar that belongs to a name.
  func scalar(_ name: String) -> Scalar { group.scalar(reducing: SHA256.hash(Array(name.utf8))) }

  /// (g^ξ, K^(σ+ξ)) for any σ, also one outside 0 … R.
  func encrypt(_ vote: Scalar, nonce: Scalar) -> Ciphertext {
    group.encrypt(group.secret(vote), nonce: group.secret(nonce), key: key)
  }

  func encrypt(_ vote: Int, nonce: Scalar) -> Ciphertext {
    encrypt(group.scalar(UInt64(vote)), nonce: nonce)
  }

  /// The t ≤ bound with β = K^t · α^s.
  func decrypt(_ ciphertext: Ciphertext, bound: UInt64) throws -> UInt64 {
    let pad = group.vartimePower(ciphertext.alpha, secret)
    let power = group.vartimeMultiply(ciphertext.beta, group.vartimeInverse(pad))
    return try DiscreteLogarithm(base: key.element, bound: bound, in: group)
      .vartimeLogarithm(of: power)
  }

  func statement(
    _ ciphertext: Ciphertext, bound: Int, contest: Int = 3, option: Int? = 2,
    identifierHash other: Digest? = nil
  ) -> RangeStatement {
    RangeStatement(
      identifierHash: other ?? identifierHash, contest: contest, option: option,
      ciphertext: ciphertext, bound: bound)
  }

  func prove(_ statement: RangeStatement, vote: Int, nonce: Scalar) throws -> RangeProof {
    try RangeProof.prove(
      statement, vote: vote, nonce: group.secret(nonce), key: key, in: group)
  }

  func isValid(_ proof: RangeProof, _ statement: RangeStatement) -> Bool {
    proof.isValid(statement, key: key, in: group)
  }
}

extension CompactProof {
  /// c ‖ v
  var bytes: [UInt8] { challenge.bytes + response.bytes }

  /// Reads c ‖ v.
  init(_ bytes: [UInt8], in group: Group) throws {
    self.init(
      challenge: try group.scalar(bytes: bytes.prefix(32)),
      response: try group.scalar(bytes: bytes.dropFirst(32)))
  }
}
