// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Cryptography
import ElGamal
import Foundation
import Groups
import TestSupport
import Testing

/// No proof stands in the place of another kind, and no scalar has a second form.
@Suite struct TamperProofKindTests {
  /// All proofs of one prover about one secret under one hash: everything that could be equal is, and
  /// the kinds differ in the domain byte and the shape of their inputs only.
  struct Kinds {
    let scene: PropertyScene
    /// C_1 of 32 bytes, which a ballot nonce and one block of contest data share.
    let masked: [UInt8]
    let c0: Element
    let share: ShareEncryption
    let ciphertext: Ciphertext
    /// A proof in parts: all challenges and responses in order.
    var proofs: [String: [Scalar]] = [:]

    init(_ group: Group) throws {
      scene = PropertyScene(group)
      let hash = scene.identifierHash
      let nonce = group.secret(scene.scalar("nonce"))
      let plain = SecretBytes(zeros: 32)
      let nonceEncryption = try BallotNonceEncryption.encrypt(
        ballotNonce: plain, identifierHash: hash, key: scene.key, nonce: nonce,
        commitment: try group.randomSecretScalar(), in: group)
      c0 = nonceEncryption.c0
      masked = nonceEncryption.c1.bytes
      share = try ShareEncryption.encrypt(
        voteShare: group.secret(.one), dataShare: group.secret(.one), from: 1, to: 1,
        key: scene.key.element, parameterBaseHash: hash, nonce: nonce,
        commitment: try group.randomSecretScalar(), in: group)
      let contestData = try ContestDataEncryption.encrypt(
        plain, nonce: nonce, contest: 1, identifierHash: hash, key: scene.key, in: group)
      ciphertext = scene.encrypt(0, nonce: scene.scalar("nonce"))
      proofs["ballot nonce"] = [nonceEncryption.c2.challenge, nonceEncryption.c2.response]
      proofs["share"] = [share.c2.challenge, share.c2.response]
      dataC1 = contestData.c1
      proofs["contest data"] = [contestData.c2.challenge, contestData.c2.response]
      for (name, option) in [("selection", 1), ("limit", nil)] {
        for bound in [0, 1] {
          let proof = try scene.prove(
            statement(option, bound), vote: 0, nonce: scene.scalar("nonce"))
          proofs["\(name) 0…\(bound)"] = proof.branches.flatMap { [$0.challenge, $0.response] }
        }
      }
      for kind in TrusteeKeyKind.allCases {
        let proof = try TrusteeKeyProof.prove(
          keyStatement(kind), coefficients: SecretScalars(),
          communicationSecret: group.secret(scene.scalar("nonce")), in: group)
        proofs[kind.rawValue] = [proof.challenge] + proof.responses
      }
    }

    let dataC1: [UInt8]

    private func statement(_ option: Int?, _ bound: Int) -> RangeStatement {
      scene.statement(ciphertext, bound: bound, contest: 1, option: option)
    }

    private func keyStatement(_ kind: TrusteeKeyKind) -> TrusteeKeyProof.Statement {
      TrusteeKeyProof.Statement(
        kind: kind, trustee: 1, commitments: [], communicationKey: c0,
        parameterBaseHash: scene.identifierHash)
    }

    /// Whether these scalars are a proof of the named kind.
    func accepts(_ scalars: [Scalar], as name: String) -> Bool {
      let (group, hash) = (scene.group, scene.identifierHash)
      guard scalars.count == proofs[name]?.count else { return false }
      let first = CompactProof(challenge: scalars[0], response: scalars[1])
      switch name {
      case "ballot nonce":
        guard let c1 = Digest(masked) else { return false }
        return BallotNonceEncryption(c0: c0, c1: c1, c2: first)
          .isProofValid(identifierHash: hash, in: group)
      case "contest data":
        return ContestDataEncryption(c0: c0, c1: dataC1, c2: first)
          .isProofValid(contest: 1, identifierHash: hash, in: group)
      case "share":
        var moved = share
        moved.c2 = first
        return moved.isProofValid(parameterBaseHash: hash, in: group)
      case "pk_vote", "pk_data":
        guard let kind = TrusteeKeyKind(rawValue: name) else { return false }
        return TrusteeKeyProof(challenge: first.challenge, responses: [first.response])
          .isValid(keyStatement(kind), in: group)
      default:
        let branches = stride(from: 0, to: scalars.count, by: 2).map {
          CompactProof(challenge: scalars[$0], response: scalars[$0 + 1])
        }
        return scene.isValid(
          RangeProof(branches: branches),
          statement(name.hasPrefix("limit") ? nil : 1, branches.count - 1))
      }
    }
  }

  // adversary: F-07
  @Test(arguments: [Group.standard, PropertyScene.q64p256])
  func noProofPassesAsAnotherKind(_ group: Group) throws {
    let kinds = try Kinds(group)
    #expect(kinds.proofs.count == 9)
    for (name, scalars) in kinds.proofs {
      for other in kinds.proofs.keys {
        #expect(
          kinds.accepts(scalars, as: other) == (name == other), "\(name) as \(other)")
      }
    }
  }

  // adversary: F-07
  @Test func domainsDiffer() {
    let domains = HashDomain.allCases.map(\.rawValue)
    // One byte each, so that different domains are no prefixes of each other.
    #expect(Set(domains).count == domains.count)
    for domain in HashDomain.allCases {
      #expect(HashInput(domain, in: .standard).bytes == [domain.rawValue])
    }
    // The two names inside the domain of key proofs have one length.
    #expect(Set(TrusteeKeyKind.allCases.map(\.rawValue.utf8.count)) == [7])
    #expect(HashInput(ownDomain: 0xE0, in: .standard).bytes == [0xE0])
    #expect(!domains.contains(0xE0), "this project's own domain")
  }

  // adversary: F-11
  /// In a toy group every shifted scalar still fits into 32 bytes. None is read.
  @Test(arguments: [PropertyScene.q64p256] + ToyGroups.all)
  func shiftedScalarsAreRefused(_ group: Group) throws {
    let scene = PropertyScene(group)
    let nonce = scene.scalar("nonce")
    let statement = scene.statement(scene.encrypt(1, nonce: nonce), bound: 1)
    let proof = try scene.prove(statement, vote: 1, nonce: nonce)
    let order = Schoolbook(bytes: group.parameters.q.bigEndianBytes())
    for branch in proof.branches {
      for scalar in [branch.challenge, branch.response] {
        var shifted = Schoolbook(bytes: scalar.bytes)
        #expect(try group.scalar(bytes: shifted.bytes(count: 32)) == scalar)
        for _ in 0..<5 {
          shifted = shifted + order
          let bytes = shifted.bytes(count: 32)
          #expect(throws: GroupError.outOfRange) { try group.scalar(bytes: bytes) }
          #expect(throws: GroupError.outOfRange) {
            try group.scalar(hex: Hex.encode(bytes))
          }
          #expect(throws: GroupError.outOfRange) {
            _ = try group.secretScalar(bytes: SecretBytes(copying: bytes)).copy()
          }
        }
      }
    }
  }

  // adversary: F-11
  @Test(arguments: [Group.standard, Group.reduced])
  func scalarsOutsideTheRangeAreRefused(_ group: Group) throws {
    let order = group.parameters.q
    let q = Schoolbook(bytes: order.bigEndianBytes())
    // q … 2^256 − 1: all 189 values that fit into the field.
    for surplus in 0..<189 {
      let bytes = (q + Schoolbook(UInt32(surplus))).bytes(count: 32)
      #expect(throws: GroupError.outOfRange) { try group.scalar(bytes: bytes) }
      #expect(throws: GroupError.outOfRange) {
        _ = try group.secretScalar(bytes: SecretBytes(copying: bytes)).copy()
      }
      // As a hash it is reduced.
      let digest = try #require(Digest(bytes))
      #expect(group.scalar(reducing: digest) == group.scalar(UInt64(surplus)))
    }
    #expect((q + Schoolbook(188)).bytes(count: 32) == [UInt8](repeating: 0xFF, count: 32))
    let largest = (q - Schoolbook(1)).bytes(count: 32)
    #expect(try group.scalar(bytes: largest).bytes == largest)
    for count in [0, 1, 31, 33, 64, 513] {
      #expect(throws: GroupError.wrongLength(expected: 32, found: count)) {
        try group.scalar(bytes: [UInt8](repeating: 1, count: count))
      }
    }
    // 2^4096 and "−1".
    #expect(throws: GroupError.wrongLength(expected: 64, found: 1025)) {
      try group.scalar(hex: "1" + String(repeating: "0", count: 1024))
    }
    #expect(throws: GroupError.notUpperCaseHex(position: 0)) {
      try group.scalar(hex: "-" + String(repeating: "0", count: 62) + "1")
    }
  }

  // adversary: F-08
  /// H_q keeps all 256 bits of the hash: it equals the digest unless that is one of the last 189
  /// values, and the high bits are used.
  @Test func hashToScalarKeepsAllBits() throws {
    let group = Group.standard
    let q = Schoolbook(bytes: group.parameters.q.bigEndianBytes())
    var high = 0
    var bits = [Int](repeating: 0, count: 256)
    for index in 0..<2_000 {
      var input = HashInput(.rangeProof, in: group)
      input.append(index: index)
      let key = SHA256.hash([])
      let digest = Schoolbook(bytes: input.digest(key: key).bytes)
      let scalar = input.scalar(key: key).bytes
      #expect(scalar == (digest % q).bytes(count: 32))
      if index < 64, scalar[0] >= 0x10 { high += 1 }
      for bit in 0..<256 { bits[bit] += Int(scalar[bit / 8] >> UInt8(7 - bit % 8)) & 1 }
    }
    #expect(high > 40, "of the first 64 values, those of 2^252 and more")
    // The input is fixed: this either holds always or never.
    #expect(bits.allSatisfy { (860...1_140).contains($0) })
  }
}
