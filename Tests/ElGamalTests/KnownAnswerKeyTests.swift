// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Cryptography
import ElGamal
import Election
import Groups
import StrictJSON
import TestSupport
import Testing

/// Parameters, keys and shares, from the secrets to the published bytes.
@Suite(.needsShared) struct KnownAnswerKeyTests {
  // Values of the digest of the specification, computed from its text alone.
  @Test(arguments: [
    (5, 3, "944286970EAFDB6F347F4EB93B30D48FA3EDCC89BFBAEA6F5AE8F29AFB05DDCE"),
    (3, 2, "51BCA66C1792739F07526B7422771FC4AEC7AD9A40E92C1BB03BFDE12AE8B661"),
    (1, 1, "742FDEE2753D416B072D4735E7030721CEFC4F7D34BAC49A0D592AEE3BC52D44"),
    (3, 3, "DA7A87E10AA123565FE41EE06C5D26FD7AA612E0A126CAC69BBDC96E3416B8A8"),
    (5, 5, "4079B5A46B3C9567E502C7FAD3B3BCB25D726D3A7799F23B774D64808211DDAE"),
    (6, 4, "A8F97FCE6C5B5042076052A810CBFA57989BE6D11BAEA92D248CE5C3DBA6C467"),
  ]) func parameterBaseHash(_ n: Int, _ k: Int, _ hash: String) {
    #expect(BaseHashes.parameters(.standard, trustees: n, threshold: k).hex == hash)
  }

  // For the other groups no value is published; the input is put together by hand, and its length is
  // that of the group's encodings.
  @Test(arguments: [(Group.standard, 512), (.reduced, 384)] + ToyGroups.all.map { ($0, 8) })
  func parameterBaseHashOfEveryGroup(_ group: Group, _ width: Int) {
    let parameters = group.parameters
    let input =
      [0x00] + parameters.p.bigEndianBytes(width: width) + parameters.q.bigEndianBytes(width: 32)
      + parameters.g.bigEndianBytes(width: width) + [0, 0, 0, 5, 0, 0, 0, 3]
    #expect(input.count == 1 + 2 * width + 32 + 8)
    let key = Array("v2.1.0".utf8) + [UInt8](repeating: 0, count: 26)
    #expect(
      BaseHashes.parameters(group, trustees: 5, threshold: 3)
        == HMACSHA256.authenticate(key: key, input))
  }

  @Test func hmacOfNothingUnderZeros() {
    let code = HMACSHA256.authenticate(key: [UInt8](repeating: 0, count: 32), [])
    #expect(code.hex == "B613679A0814D9EC772F95D778C35FC5FF1697C493715653C6C712144292C5AD")
  }

  @Test func baseHashes() throws {
    let known = try KnownAnswers()
    let context = try known.context()
    let trustees = try known.trustees()
    #expect(context.parameterBaseHash == (try known.parameterBaseHash()))
    #expect(context.electionBaseHash == (try known.part("/H_B").digest()))
    #expect(context.extendedBaseHash == (try known.extendedBaseHash()))
    #expect(
      JointKeys.trusteeKeysHash(
        trustees, electionBaseHash: context.electionBaseHash, in: known.group)
        == (try known.part("/H_G").digest()))
    #expect(JointKeys.key(.vote, trustees, in: known.group) == context.voteKey.element)
    #expect(JointKeys.key(.data, trustees, in: known.group) == context.dataKey.element)
    // The figures of the digest, against a record that was changed together with its hashes.
    #expect(
      context.electionBaseHash.hex
        == "96880D138B5438C624ABC899C582C80C8D641713B997F672C524CC5A5F331574")
    #expect(
      context.extendedBaseHash.hex
        == "55561727B07C4EC2715E34DBBD8C10F437E410C770C41CBC634C776E89A80ECB")
  }

  @Test(arguments: 0..<3) func trusteeKeys(_ position: Int) throws {
    let known = try KnownAnswers()
    let group = known.group
    let published = try known.trustees()[position]
    let keys = try known.trusteeSecrets(position).publicKeys(
      parameterBaseHash: try known.parameterBaseHash(), in: group)
    #expect(keys.trustee == published.trustee)
    #expect(keys.voteCommitments == published.voteCommitments)
    #expect(keys.dataCommitments == published.dataCommitments)
    #expect(keys.communicationKey == published.communicationKey)
  }

  // u = v + c·a gives the randomness of the published proof, and our prover the proof again.
  @Test(arguments: 0..<3, TrusteeKeyKind.allCases)
  func trusteeKeyProofs(_ position: Int, _ kind: TrusteeKeyKind) throws {
    let known = try KnownAnswers()
    let group = known.group
    let keys = try known.trustees()[position]
    let published = kind == .vote ? keys.voteProof : keys.dataProof
    let secrets = try known.secret("/guardians/\(position)")
    let coefficients = try secrets[kind == .vote ? "a" : "a_hat"]
    let all = try coefficients.list().map { try $0.scalar() } + [secrets["zeta"].scalar()]
    #expect(published.responses.count == all.count)
    let nonces = zip(published.responses, all).map { response, secret in
      group.recovered(
        CompactProof(challenge: published.challenge, response: response), secret: secret)
    }
    let statement = TrusteeKeyProof.Statement(
      kind: kind, trustee: keys.trustee, commitments: keys.commitments(kind),
      communicationKey: keys.communicationKey,
      parameterBaseHash: try known.parameterBaseHash())
    let proof = TrusteeKeyProof.prove(
      statement, coefficients: try coefficients.secretScalars(),
      communicationSecret: try secrets["zeta"].secretScalar(),
      nonces: SecretScalars(count: nonces.count) { group.secret(nonces[$0]) }, in: group)
    #expect(proof == published)
    #expect(proof.isValid(statement, in: group))
  }

  @Test(arguments: 0..<6) func shareEncryptions(_ position: Int) throws {
    let known = try KnownAnswers()
    let group = known.group
    let hash = try known.parameterBaseHash()
    let answer = try known.secret("/share_encryptions/\(position)")
    let (from, to) = (try answer["from"].int(), try answer["to"].int())
    let trustees = try known.trustees()
    let sender = try known.trusteeSecrets(from - 1)
    let receiver = try known.trusteeSecrets(to - 1)
    let vote = sender.share(.vote, for: to, in: group)
    let data = sender.share(.data, for: to, in: group)
    #expect(group.revealed(vote) == (try answer["secret_P"].scalar()))
    #expect(group.revealed(data) == (try answer["secret_P_hat"].scalar()))
    let encryption = try ShareEncryption.encrypt(
      voteShare: vote, dataShare: data, from: from, to: to,
      key: trustees[to - 1].communicationKey, parameterBaseHash: hash,
      nonce: try answer["secret_xi"].secretScalar(),
      commitment: try answer["secret_u"].secretScalar(), in: group)
    #expect(encryption.c0 == (try answer["C0"].element()))
    #expect(encryption.c1 == (try answer["C1"].bytes()))
    #expect(encryption.c2 == (try answer["C2"].proof()))
    let pad = zip(encryption.c1, vote.encoded(group) + data.encoded(group)).map { $0 ^ $1 }
    #expect(pad == (try answer["secret_k1"].bytes() + answer["secret_k2"].bytes()))
    #expect(encryption.isProofValid(parameterBaseHash: hash, in: group))
    let received = receiver.receive(
      encryption, from: trustees[from - 1], own: trustees[to - 1], parameterBaseHash: hash,
      in: group)
    switch consume received {
    case .some(let share):
      #expect(group.revealed(share.voteShare) == (try answer["secret_P"].scalar()))
      #expect(group.revealed(share.dataShare) == (try answer["secret_P_hat"].scalar()))
    case .none: Issue.record("the share was refused")
    }
  }

  @Test(arguments: 0..<3) func sharesOfTheJointKeys(_ position: Int) throws {
    let known = try KnownAnswers()
    let group = known.group
    for (kind, name) in [(TrusteeKeyKind.vote, "z"), (.data, "z_hat")] {
      var sum = Scalar.zero
      for sender in 0..<3 {
        let share = try known.trusteeSecrets(sender).share(kind, for: position + 1, in: group)
        sum = group.vartimeAdd(sum, group.revealed(share))
      }
      #expect(sum == (try known.secret("/guardians/\(position)/\(name)").scalar()))
      #expect(
        group.vartimePower(group.generator, sum)
          == JointKeys.shareImage(kind, of: position + 1, try known.trustees(), in: group))
    }
  }
}

extension SecretScalar {
  /// b(s, 32), for comparing.
  borrowing func encoded(_ group: Group) -> [UInt8] { group.revealed(self).bytes }
}
