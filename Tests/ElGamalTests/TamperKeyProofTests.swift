// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Cryptography
import ElGamal
import Groups
import TestSupport
import Testing

/// Proofs of the trustees' keys: they hold, they bind everything, and nobody proves a key that was
/// made from the keys of others.
@Suite struct TamperKeyProofTests {
  static let groups = [Group.standard, PropertyScene.q64p256]

  @Test(arguments: groups, [1, 2, 5]) func everyThresholdIsProven(
    _ group: Group, _ threshold: Int
  ) throws {
    let keys = TamperedKeys(group, threshold: threshold)
    for kind in TrusteeKeyKind.allCases {
      let proof = try keys.prove(kind)
      #expect(proof.responses.count == threshold + 1)
      #expect(proof.isValid(keys.statement(kind), in: group))
    }
  }

  @Test(arguments: groups) func everyPartOfTheStatementIsBound(_ group: Group) throws {
    let keys = TamperedKeys(group)
    let proof = try keys.prove(.vote)
    #expect(proof.isValid(keys.statement(.vote), in: group))
    let others = TamperedKeys(group, name: "another trustee")
    let statements: [(String, TrusteeKeyProof.Statement)] = [
      ("another kind", keys.statement(.data)),
      ("another index", keys.statement(.vote, trustee: 2)),
      ("another election", keys.statement(.vote, hash: SHA256.hash([]))),
      ("keys in another order", keys.statement(.vote, commitments: keys.commitments.reversed())),
      ("other keys", keys.statement(.vote, commitments: others.commitments)),
      (
        "one key too few",
        keys.statement(.vote, commitments: Array(keys.commitments.prefix(1)))
      ),
      (
        "one key too many",
        keys.statement(.vote, commitments: keys.commitments + [group.identity])
      ),
      (
        "another communication key",
        keys.statement(.vote, communicationKey: others.communicationKey)
      ),
      (
        "communication key in the place of a commitment",
        keys.statement(
          .vote, commitments: [keys.commitments[0], keys.communicationKey],
          communicationKey: keys.commitments[1])
      ),
    ]
    for (name, statement) in statements {
      #expect(!proof.isValid(statement, in: group), "\(name)")
    }
    for responses in [
      [], Array(proof.responses.dropLast()), proof.responses + [.zero],
      proof.responses.reversed(),
    ] {
      let cut = TrusteeKeyProof(challenge: proof.challenge, responses: responses)
      #expect(!cut.isValid(keys.statement(.vote), in: group), "\(responses.count) responses")
    }
  }

  // adversary: T-01
  /// The last trustee publishes g^x / ∏ K_j, so that the joint key is g^x and x alone decrypts. They
  /// know x and not the logarithm of what they publish, and have no proof for it.
  @Test(arguments: groups) func keyThatCancelsTheOthersHasNoProof(_ group: Group) throws {
    let honest = [TamperedKeys(group, name: "first"), TamperedKeys(group, name: "second")]
    let rogue = TamperedKeys(group, name: "rogue")
    let product = group.vartimeProduct(honest.map { $0.commitments[0] })
    let published = group.vartimeMultiply(rogue.commitments[0], group.vartimeInverse(product))
    #expect(
      group.vartimeMultiply(published, product) == rogue.commitments[0],
      "the joint key would be the rogue's")
    let commitments = [published, rogue.commitments[1]]
    let statement = rogue.statement(.vote, trustee: 3, commitments: commitments)
    // With what they know, with a proof about the key x, and with everybody else's proofs.
    #expect(!(try rogue.prove(.vote, statement)).isValid(statement, in: group))
    #expect(!(try rogue.prove(.vote)).isValid(statement, in: group))
    for trustee in honest {
      #expect(!(try trustee.prove(.vote)).isValid(statement, in: group))
      #expect(!(try trustee.prove(.vote, statement)).isValid(statement, in: group))
    }
    // The product of all proofs' parts is no proof of the product either.
    let proofs = try honest.map { try $0.prove(.vote) }
    let joined = TrusteeKeyProof(
      challenge: group.vartimeAdd(proofs[0].challenge, proofs[1].challenge),
      responses: zip(proofs[0].responses, proofs[1].responses).map { group.vartimeAdd($0, $1) })
    #expect(!joined.isValid(statement, in: group))
  }

  // adversary: T-01
  /// Another trustee's keys with their proof, published under an index of one's own.
  @Test(arguments: groups) func copiedKeysHaveNoProofUnderAnotherIndex(_ group: Group) throws {
    let victim = TamperedKeys(group)
    let proof = try victim.prove(.vote)
    #expect(proof.isValid(victim.statement(.vote, trustee: 1), in: group))
    #expect(!proof.isValid(victim.statement(.vote, trustee: 2), in: group))
  }

  // adversary: G-01
  /// −K has no proof: −1 is outside the group, and the challenge binds the bytes.
  @Test(arguments: groups) func negatedKeyHasNoProof(_ group: Group) throws {
    let keys = TamperedKeys(group)
    var bytes = group.parameters.p.bigEndianBytes(width: group.elementByteCount)
    bytes[bytes.count - 1] -= 1
    let minusOne = try group.element(bytes: bytes)
    let negated = group.vartimeMultiply(minusOne, keys.commitments[0])
    #expect(!group.isMember(negated))
    let proof = try keys.prove(.vote)
    let statement = keys.statement(.vote, commitments: [negated, keys.commitments[1]])
    #expect(!proof.isValid(statement, in: group))
  }
}
