// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Cryptography
import ElGamal
import Election
import Groups
import TestSupport
import Testing

/// The rules about ranges of challenges and responses, on values that no parser would let through:
/// each rule notices by itself.
@Suite struct RangeRuleTests {
  private let group = Group.standard
  /// q, which is out of range by one.
  private var tooLarge: Scalar { Scalar(Group.standard.parameters.q) }

  private func failures(_ findings: Findings) -> Set<RuleID> {
    Set(findings.failures.map(\.rule))
  }

  /// A proof with one branch changed.
  private func changed(_ proof: RangeProof, challenge: Bool) -> RangeProof {
    var branches = proof.branches
    let last = branches.removeLast()
    branches.append(
      challenge
        ? CompactProof(challenge: tooLarge, response: last.response)
        : CompactProof(challenge: last.challenge, response: tooLarge))
    return RangeProof(branches: branches)
  }

  // adversary: F-11
  // adversary: V-01
  @Test func ballots() throws {
    let context = TamperEveryByteTests.context()
    let ballot = try TamperEveryByteTests.ballot(context)
    #expect(failures(ballot.checkProofs(context, at: "")).isEmpty)
    for (isChallenge, selection, limit) in [
      (true, RuleID.eg6B, RuleID.eg7B), (false, .eg6C, .eg7C),
    ] {
      var changed = ballot
      changed.contests[0].selections[0].proof = self.changed(
        ballot.contests[0].selections[0].proof, challenge: isChallenge)
      #expect(failures(changed.checkProofs(context, at: "")).contains(selection))
      changed = ballot
      changed.contests[0].limitProof = self.changed(
        ballot.contests[0].limitProof, challenge: isChallenge)
      #expect(failures(changed.checkProofs(context, at: "")).contains(limit))
    }
  }

  // adversary: F-11
  @Test func trusteeKeys() throws {
    let secrets = try TrusteeSecrets.generate(trustee: 1, threshold: 2, in: group)
    let hash = BaseHashes.parameters(group, trustees: 3, threshold: 2)
    var keys = try secrets.publicKeys(parameterBaseHash: hash, in: group)
    #expect(failures(keys.checkProofs(parameterBaseHash: hash, in: group, at: "")).isEmpty)
    var responses = keys.dataProof.responses
    responses[0] = tooLarge
    keys.dataProof = TrusteeKeyProof(challenge: keys.dataProof.challenge, responses: responses)
    #expect(failures(keys.checkProofs(parameterBaseHash: hash, in: group, at: "")).contains(.eg2B))
  }

  // adversary: F-11
  @Test func decryptions() throws {
    let context = TamperEveryByteTests.context()
    let ballot = try TamperEveryByteTests.ballot(context)
    let selection = ballot.contests[0].selections[0].ciphertext
    let data = try #require(ballot.contests[0].data)
    for (response, isOutOfRange) in [(tooLarge, true), (Scalar.one, false)] {
      let proof = CompactProof(challenge: .one, response: response)
      let total = DecryptedTotal(
        label: "first", total: 0, power: group.identity, proof: proof
      ).check(contest: 1, option: 1, selection, context, at: "")
      #expect(failures(total).contains(.eg10A) == isOutOfRange)
      let opened = DecryptedContestData(
        ballot: ballot.confirmationCode, contest: 1, shared: group.identity, proof: proof,
        bytes: [UInt8](repeating: 0, count: 32)
      ).check(data, identifierHash: ballot.identifierHash, context, at: "")
      #expect(failures(opened).contains(.eg12A) == isOutOfRange)
    }
  }
}
