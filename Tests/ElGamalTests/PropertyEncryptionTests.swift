// SPDX-License-Identifier: Apache-2.0

import Cryptography
import ElGamal
import Groups
import TestSupport
import Testing

/// Hashed ElGamal: the ballot nonce, contest data and shares come back, and only to the holder of the
/// key.
@Suite struct PropertyEncryptionTests {
  static let groups = [Group.standard, Group.reduced, PropertyScene.q64p256]

  @Test(arguments: groups) func ballotNonceComesBack(_ group: Group) throws {
    let scene = PropertyScene(group)
    for _ in 0..<3 {
      let plain = try SecureRandom.bytes(32)
      let encryption = try BallotNonceEncryption.encrypt(
        ballotNonce: SecretBytes(copying: plain), identifierHash: scene.identifierHash,
        key: scene.key, in: group)
      #expect(encryption.isProofValid(identifierHash: scene.identifierHash, in: group))
      let shared = group.secretPower(encryption.c0, group.secret(scene.secret))
      let opened = try encryption.decrypted(
        shared: shared, identifierHash: scene.identifierHash, in: group
      ).revealed()
      #expect(opened == plain)

      let other = PropertyScene(group, key: "another key", ballot: "another ballot")
      #expect(!encryption.isProofValid(identifierHash: other.identifierHash, in: group))
      let wrongShared = group.secretPower(encryption.c0, group.secret(other.secret))
      let wrongKey = try encryption.decrypted(
        shared: wrongShared, identifierHash: scene.identifierHash, in: group
      ).revealed()
      #expect(wrongKey != plain)
      let wrongBallot = try encryption.decrypted(
        shared: shared, identifierHash: other.identifierHash, in: group
      ).revealed()
      #expect(wrongBallot != plain)
    }
  }

  @Test func ballotNonceHasThirtyTwoBytes() throws {
    let scene = PropertyScene(PropertyScene.q64p256)
    for count in [0, 31, 33] {
      #expect(throws: GroupError.wrongLength(expected: 32, found: count)) {
        try BallotNonceEncryption.encrypt(
          ballotNonce: SecretBytes(zeros: count), identifierHash: scene.identifierHash,
          key: scene.key, in: scene.group)
      }
    }
  }

  @Test(arguments: groups, [1, 2, 6]) func contestDataComesBack(
    _ group: Group, _ blocks: Int
  ) throws {
    let scene = PropertyScene(group)
    let plain = try SecureRandom.bytes(32 * blocks)
    let nonce = try group.randomSecretScalar()
    let encryption = try ContestDataEncryption.encrypt(
      SecretBytes(copying: plain), nonce: nonce, contest: 4,
      identifierHash: scene.identifierHash, key: scene.key, in: group)
    #expect(encryption.c1.count == 32 * blocks)
    #expect(
      encryption.isProofValid(contest: 4, identifierHash: scene.identifierHash, in: group))
    let shared = group.secretPower(encryption.c0, group.secret(scene.secret))
    let opened = try encryption.decrypted(
      shared: shared, contest: 4, identifierHash: scene.identifierHash, in: group
    ).revealed()
    #expect(opened == plain)
    let published = group.revealed(shared)
    #expect(
      try encryption.decrypted(
        publicShared: published, contest: 4, identifierHash: scene.identifierHash, in: group)
        == plain)

    let other = PropertyScene(group, key: "another key", ballot: "another ballot")
    #expect(
      !encryption.isProofValid(contest: 5, identifierHash: scene.identifierHash, in: group))
    #expect(
      !encryption.isProofValid(contest: 4, identifierHash: other.identifierHash, in: group))
    for (contest, hash, element) in [
      (5, scene.identifierHash, published), (4, other.identifierHash, published),
      (4, scene.identifierHash, group.vartimePower(encryption.c0, other.secret)),
    ] {
      #expect(
        try encryption.decrypted(
          publicShared: element, contest: contest, identifierHash: hash, in: group) != plain)
    }
  }

  /// Equal blocks of plaintext do not show: every block has its own key.
  @Test func blocksOfContestDataHaveDifferentKeys() throws {
    let scene = PropertyScene(PropertyScene.q64p256)
    let encryption = try ContestDataEncryption.encrypt(
      SecretBytes(zeros: 320), nonce: scene.group.secret(scene.scalar("nonce")), contest: 1,
      identifierHash: scene.identifierHash, key: scene.key, in: scene.group)
    let blocks = Set((0..<10).map { Array(encryption.c1[$0 * 32..<$0 * 32 + 32]) })
    #expect(blocks.count == 10)
  }

  @Test func contestDataIsWholeBlocks() throws {
    let scene = PropertyScene(PropertyScene.q64p256)
    let group = scene.group
    for count in [1, 31, 33, 63] {
      #expect(throws: GroupError.wrongLength(expected: count / 32 * 32, found: count)) {
        try ContestDataEncryption.encrypt(
          SecretBytes(zeros: count), nonce: group.secret(.one), contest: 1,
          identifierHash: scene.identifierHash, key: scene.key, in: group)
      }
      let cut = ContestDataEncryption(
        c0: group.generator.element, c1: [UInt8](repeating: 0, count: count),
        c2: CompactProof(challenge: .zero, response: .zero))
      #expect(throws: GroupError.wrongLength(expected: count / 32 * 32, found: count)) {
        try cut.decrypted(
          publicShared: group.identity, contest: 1, identifierHash: scene.identifierHash,
          in: group)
      }
    }
  }

  @Test(arguments: groups) func sharesComeBack(_ group: Group) throws {
    let scene = PropertyScene(group)
    let hash = SHA256.hash(Array("H_P".utf8))
    let vote = scene.scalar("P(2)")
    let data = scene.scalar("P̂(2)")
    let share = try ShareEncryption.encrypt(
      voteShare: group.secret(vote), dataShare: group.secret(data), from: 1, to: 2,
      key: scene.key.element, parameterBaseHash: hash, in: group)
    #expect(share.c1.count == ShareEncryption.maskedByteCount)
    #expect(share.isProofValid(parameterBaseHash: hash, in: group))
    let plain = try share.decrypted(
      communicationSecret: group.secret(scene.secret), key: scene.key.element,
      parameterBaseHash: hash, in: group
    ).revealed()
    #expect(plain == vote.bytes + data.bytes)
    let shared = group.vartimePower(share.c0, scene.secret)
    let published = try share.decrypted(
      publicShared: shared, key: scene.key.element, parameterBaseHash: hash, in: group
    ).revealed()
    #expect(published == plain)

    // Another secret, another key in the hash, another election, other trustees: other bytes.
    let other = PropertyScene(group, key: "another key")
    let wrongSecret = try share.decrypted(
      communicationSecret: group.secret(other.secret), key: scene.key.element,
      parameterBaseHash: hash, in: group
    ).revealed()
    #expect(wrongSecret != plain)
    let wrongKey = try share.decrypted(
      publicShared: shared, key: other.key.element, parameterBaseHash: hash, in: group
    ).revealed()
    #expect(wrongKey != plain)
    let wrongElection = try share.decrypted(
      publicShared: shared, key: scene.key.element, parameterBaseHash: SHA256.hash([]), in: group
    ).revealed()
    #expect(wrongElection != plain)
    #expect(!share.isProofValid(parameterBaseHash: SHA256.hash([]), in: group))
    for (from, to) in [(2, 1), (1, 3), (3, 2)] {
      var moved = share
      moved.from = from
      moved.to = to
      #expect(!moved.isProofValid(parameterBaseHash: hash, in: group), "\(from) → \(to)")
      let bytes = try moved.decrypted(
        publicShared: shared, key: scene.key.element, parameterBaseHash: hash, in: group
      ).revealed()
      #expect(bytes != plain)
    }
  }

  // adversary: G-12
  /// A thousand ciphertexts of one contest have one length, whatever is in them.
  @Test func lengthSaysNothing() throws {
    let scene = PropertyScene(PropertyScene.q64p256)
    let group = scene.group
    var generator = SeededGenerator(seed: 0x5EED_0002)
    var lengths = Set<Int>()
    for _ in 0..<1_000 {
      let content = generator.bytes(Int.random(in: 0...160, using: &generator))
      let padded = content + [UInt8](repeating: 0, count: 160 - content.count)
      let encryption = try ContestDataEncryption.encrypt(
        SecretBytes(copying: padded), nonce: try group.randomSecretScalar(), contest: 1,
        identifierHash: scene.identifierHash, key: scene.key, in: group)
      let vote = Int.random(in: 0...1, using: &generator)
      let nonce = try group.randomScalar()
      let ciphertext = scene.encrypt(vote, nonce: nonce)
      let proof = try scene.prove(
        scene.statement(ciphertext, bound: 1), vote: vote, nonce: nonce)
      let parts = [
        group.bytes(encryption.c0), encryption.c1, encryption.c2.bytes,
        group.bytes(ciphertext.alpha), group.bytes(ciphertext.beta),
        proof.branches.flatMap(\.bytes),
      ]
      lengths.insert(parts.joined().count)
    }
    #expect(lengths == [32 + 160 + 64 + 64 + 128], "seed \(generator.seed)")
  }
}
