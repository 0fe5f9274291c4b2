// SPDX-License-Identifier: Apache-2.0

import Cryptography
import ElGamal
import Groups
import TestSupport
import Testing

/// Every byte of the standard group's hashed ElGamal ciphertexts and key proofs is bound by the proof
/// beside it.
@Suite struct TamperEncryptionTests {
  private let hash = SHA256.hash(Array("H_P".utf8))

  /// Changes both nibbles of one byte.
  private func changed(
    _ bytes: [UInt8], at position: Int, _ generator: inout SeededGenerator
  ) -> [UInt8] {
    var result = bytes
    let low = UInt8.random(in: 1...15, using: &generator)
    let high = UInt8.random(in: 1...15, using: &generator)
    result[position] ^= high << 4 | low
    return result
  }

  /// Applies `isValid` to the bytes with every byte changed in turn; a parser that throws refuses, too.
  /// Returns how many were refused.
  private func refusals(
    of bytes: [UInt8], _ generator: inout SeededGenerator, isValid: ([UInt8]) throws -> Bool
  ) throws -> Int {
    #expect(try isValid(bytes), "the untouched bytes must pass")
    var refused = 0
    for position in bytes.indices {
      let tampered = changed(bytes, at: position, &generator)
      do {
        let accepted = try isValid(tampered)
        #expect(!accepted, "byte \(position), seed \(generator.seed)")
        refused += accepted ? 0 : 1
      } catch is GroupError { refused += 1 }
    }
    return refused
  }

  /// A share is a ciphertext of 512 bytes, 64 masked bytes and a proof of 64 bytes.
  @Test func everyByteOfAShare() throws {
    let scene = PropertyScene(.standard)
    let group = scene.group
    var generator = SeededGenerator(seed: 0x5EED_0003)
    let share = try ShareEncryption.encrypt(
      voteShare: group.secret(scene.scalar("P")), dataShare: group.secret(scene.scalar("P̂")),
      from: 1, to: 2, key: scene.key.element, parameterBaseHash: hash, in: group)
    let bytes = group.bytes(share.c0) + share.c1 + share.c2.bytes
    let refused = try refusals(of: bytes, &generator) { bytes in
      let read = ShareEncryption(
        from: 1, to: 2, c0: try group.element(bytes: bytes[0..<512]),
        c1: Array(bytes[512..<576]), c2: try CompactProof(Array(bytes[576...]), in: group))
      return read.isProofValid(parameterBaseHash: hash, in: group)
    }
    #expect(refused == 640)
    for wrong in [share.c1.dropLast(), share.c1 + [0], []] {
      var cut = share
      cut.c1 = Array(wrong)
      #expect(!cut.isProofValid(parameterBaseHash: hash, in: group), "\(wrong.count) bytes")
      #expect(throws: GroupError.wrongLength(expected: 64, found: wrong.count)) {
        _ = try cut.decrypted(
          publicShared: group.identity, key: scene.key.element, parameterBaseHash: hash, in: group
        ).count
      }
    }
  }

  /// The proof of a trustee with two coefficients: three keys of 512 bytes, a challenge and three
  /// responses of 32 bytes.
  @Test func everyByteOfTrusteeKeys() throws {
    let group = Group.standard
    var generator = SeededGenerator(seed: 0x5EED_0004)
    let keys = TamperedKeys(group)
    let proof = try keys.prove(.vote)
    let bytes =
      keys.commitments.flatMap { group.bytes($0) } + group.bytes(keys.communicationKey)
      + proof.challenge.bytes + proof.responses.flatMap(\.bytes)
    let refused = try refusals(of: bytes, &generator) { bytes in
      let elements = try (0..<3).map {
        try group.element(bytes: bytes[$0 * 512..<($0 + 1) * 512])
      }
      let scalars = try (0..<4).map {
        try group.scalar(bytes: bytes[1536 + $0 * 32..<1536 + ($0 + 1) * 32])
      }
      let statement = TrusteeKeyProof.Statement(
        kind: .vote, trustee: 1, commitments: Array(elements[0..<2]),
        communicationKey: elements[2], parameterBaseHash: hash)
      return TrusteeKeyProof(challenge: scalars[0], responses: Array(scalars[1...]))
        .isValid(statement, in: group)
    }
    #expect(refused == 3 * 512 + 4 * 32)
  }
}

/// Keys of a trustee that follow from names.
struct TamperedKeys: Sendable {
  let group: Group
  let coefficients: [Scalar]
  let communicationSecret: Scalar
  let commitments: [Element]
  let communicationKey: Element
  let hash = SHA256.hash(Array("H_P".utf8))

  init(_ group: Group, name: String = "trustee", threshold: Int = 2) {
    self.group = group
    func scalar(_ part: String) -> Scalar {
      group.scalar(reducing: SHA256.hash(Array("\(name) \(part)".utf8)))
    }
    coefficients = (0..<threshold).map { scalar("a\($0)") }
    communicationSecret = scalar("ζ")
    commitments = coefficients.map { group.vartimePower(group.generator, $0) }
    communicationKey = group.vartimePower(group.generator, communicationSecret)
  }

  func statement(
    _ kind: TrusteeKeyKind, trustee: Int = 1, commitments other: [Element]? = nil,
    communicationKey otherKey: Element? = nil, hash otherHash: Digest? = nil
  ) -> TrusteeKeyProof.Statement {
    TrusteeKeyProof.Statement(
      kind: kind, trustee: trustee, commitments: other ?? commitments,
      communicationKey: otherKey ?? communicationKey, parameterBaseHash: otherHash ?? hash)
  }

  func prove(
    _ kind: TrusteeKeyKind, _ statement: TrusteeKeyProof.Statement? = nil
  ) throws -> TrusteeKeyProof {
    try TrusteeKeyProof.prove(
      statement ?? self.statement(kind),
      coefficients: SecretScalars(count: coefficients.count) { group.secret(coefficients[$0]) },
      communicationSecret: group.secret(communicationSecret), in: group)
  }
}
