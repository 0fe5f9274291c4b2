// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import ElGamal
import Groups
import Testing

/// What proofs are bound to: the election, the ballot, the contest, the option, the kind of proof.
@Suite struct BindingTests {
  /// A second election that differs in one letter of the manifest; same secrets, same voters.
  static let twins: Result<(ElectionFixture, ElectionFixture), any Error> = Result {
    let first = try ElectionFixture.toy(.aggregated)
    var setup = first.setup
    setup.manifestName = "Citi"
    var second = try ElectionFixture(setup)
    second.secrets = first.secrets
    try second.advance(from: .empty, to: .aggregated)
    return (first, second)
  }

  // adversary: F-03
  @Test func theKeysAreTheSameAndTheHashesAreNot() throws {
    let (first, second) = try Self.twins.get()
    let (one, two) = (try first.context(), try second.context())
    #expect(one.voteKey.element == two.voteKey.element)
    #expect(one.dataKey.element == two.dataKey.element)
    #expect(one.parameterBaseHash == two.parameterBaseHash)
    #expect(one.electionBaseHash != two.electionBaseHash)
    #expect(one.extendedBaseHash != two.extendedBaseHash)
  }

  /// A proof of decryption of the same ciphertext under the same key, from the other election.
  // adversary: F-03
  @Test func aDecryptionProofStaysInItsElection() throws {
    let (first, second) = try Self.twins.get()
    let (group, context, other) = (first.group, try first.context(), try second.context())
    let tally = try first.recomputed()
    let secret = first.secrets.reduce(Scalar.zero) { sum, box in
      group.vartimeAdd(sum, box.secrets.voteCoefficients.with(0) { group.revealed($0) })
    }
    let ciphertext = tally.totals.contests[1][0]
    let factor = group.vartimePower(ciphertext.alpha, secret)
    let power = group.vartimeMultiply(ciphertext.beta, group.vartimeInverse(factor))
    let total = ElectionFixture.playedTotals[1][0]
    /// The proof as one election, contest and option makes it.
    func proof(_ hash: Digest, contest: Int, option: Int) throws -> CompactProof {
      let nonce = try group.randomScalar()
      let challenge = DecryptionItem.tally(contest: contest, option: option, ciphertext).challenge(
        a: group.vartimePower(group.generator, nonce),
        b: group.vartimePower(ciphertext.alpha, nonce), factor: factor, extendedBaseHash: hash,
        in: group)
      return CompactProof(
        challenge: challenge,
        response: group.vartimeSubtract(nonce, group.vartimeMultiply(challenge, secret)))
    }
    func rules(_ proof: CompactProof, contest: Int, option: Int) -> Set<RuleID> {
      let decrypted = DecryptedTotal(label: "x", total: total, power: power, proof: proof)
      return Set(
        decrypted.check(contest: contest, option: option, ciphertext, context, at: "here")
          .failures.map(\.rule))
    }
    let own = try proof(context.extendedBaseHash, contest: 2, option: 1)
    #expect(rules(own, contest: 2, option: 1) == [])
    let foreign = try proof(other.extendedBaseHash, contest: 2, option: 1)
    #expect(rules(foreign, contest: 2, option: 1) == [.eg10B])
    // adversary: F-04
    #expect(rules(own, contest: 2, option: 2) == [.eg10B])
    #expect(rules(own, contest: 1, option: 1) == [.eg10B])
  }

  /// Every proof of a ballot fails in the other election, in another contest, for another option, and
  /// as another kind of proof.
  // adversary: F-03, F-04, F-07
  @Test func aRangeProofIsAboutOneStatement() throws {
    let (first, second) = try Self.twins.get()
    let (group, context) = (first.group, try first.context())
    let hash = context.identifierHash(of: SHA256.hash([1]))
    let foreign = try second.context().identifierHash(of: SHA256.hash([1]))
    let nonce = group.secret(group.scalar(4242))
    let ciphertext = group.encrypt(
      group.secretScalar(small: 1), nonce: nonce, key: context.voteKey)
    func statement(
      _ hash: Digest, contest: Int = 1, option: Int? = 1, bound: Int = 1
    ) -> RangeStatement {
      RangeStatement(
        identifierHash: hash, contest: contest, option: option, ciphertext: ciphertext,
        bound: bound)
    }
    let proof = try RangeProof.prove(
      statement(hash), vote: 1, nonce: nonce, key: context.voteKey, in: group)
    func holds(_ statement: RangeStatement) -> Bool {
      proof.isValid(statement, key: context.voteKey, in: group)
    }
    #expect(holds(statement(hash)))
    #expect(!holds(statement(foreign)))
    #expect(!holds(statement(context.identifierHash(of: SHA256.hash([2])))))
    #expect(!holds(statement(hash, contest: 2)))
    #expect(!holds(statement(hash, option: 2)))
    #expect(!holds(statement(hash, option: nil)))
    #expect(!holds(statement(hash, bound: 2)))
    #expect(!holds(statement(hash, bound: 0)))
    #expect(!holds(statement(hash, bound: -1)))
    #expect(!proof.isValid(statement(hash), key: context.dataKey, in: group))
  }

  /// Contest data and the encrypted ballot nonce are proven alike; neither proof stands for the other,
  /// nor for another contest or ballot.
  // adversary: F-05, F-07
  @Test func contestDataIsBoundToItsBallotAndContest() throws {
    let (first, second) = try Self.twins.get()
    let group = first.group
    let ballot = try ElectionFixture.toy(.voting).spare().submitted.ballot
    let data = try #require(ballot.contests[2].data)
    let hash = ballot.identifierHash
    let foreign = try second.context().identifierHash(of: ballot.identifier)
    #expect(data.isProofValid(contest: 3, identifierHash: hash, in: group))
    #expect(!data.isProofValid(contest: 1, identifierHash: hash, in: group))
    #expect(!data.isProofValid(contest: 3, identifierHash: foreign, in: group))
    #expect(ballot.nonce.isProofValid(identifierHash: hash, in: group))
    #expect(!ballot.nonce.isProofValid(identifierHash: foreign, in: group))
    let asNonce = BallotNonceEncryption(
      c0: data.c0, c1: try #require(Digest(data.c1.prefix(32))), c2: data.c2)
    #expect(!asNonce.isProofValid(identifierHash: hash, in: group))
    let asData = ContestDataEncryption(
      c0: ballot.nonce.c0, c1: ballot.nonce.c1.bytes, c2: ballot.nonce.c2)
    #expect(!asData.isProofValid(contest: 3, identifierHash: hash, in: group))
  }

  /// A share's proof names sender and receiver.
  // adversary: F-07
  @Test func aSharesProofIsBoundToItsTrustees() throws {
    let fixture = try ElectionFixture.toy(.shares)
    let (hash, group) = (fixture.parameterHash(), fixture.group)
    let share = try #require(fixture.state.ceremony.share(from: 1, to: 2))
    #expect(share.isProofValid(parameterBaseHash: hash, in: group))
    for change: (inout ShareEncryption) -> Void in [
      { $0.from = 3 }, { $0.to = 3 }, { ($0.from, $0.to) = (2, 1) }, { $0.c1.removeLast() },
    ] {
      var changed = share
      change(&changed)
      #expect(!changed.isProofValid(parameterBaseHash: hash, in: group))
    }
    #expect(!share.isProofValid(parameterBaseHash: hash.flipped, in: group))
  }

  /// A trustee's commitment names item, trustee, parts, and who takes part.
  // adversary: T-10, F-04
  @Test func aCommitmentDependsOnEveryPart() throws {
    let fixture = try ElectionFixture.toy(.session)
    let (group, context) = (fixture.group, try fixture.context())
    let items = try fixture.recomputed().items
    let parts = try fixture.parts(of: 1)
    let other = group.generator.element
    func commitment(
      _ part: PartialDecryption, item: Int = 0, of trustee: Int = 1, available: [Int] = [1, 2],
      hash: Digest? = nil
    ) -> Digest {
      items[item].commitment(
        of: trustee, part, available: available,
        extendedBaseHash: hash ?? context.extendedBaseHash, in: group)
    }
    var all = [
      commitment(parts[0]), commitment(parts[0], of: 2), commitment(parts[0], available: [1, 3]),
      commitment(parts[0], available: [1, 2, 3]), commitment(parts[0], item: 1),
      commitment(parts[0], hash: context.electionBaseHash),
    ]
    for change: (inout PartialDecryption) -> Void in [
      { $0.a = other }, { $0.b = other }, { $0.factor = other },
    ] {
      var changed = parts[0]
      change(&changed)
      all.append(commitment(changed))
    }
    #expect(Set(all).count == all.count)
    #expect(commitment(parts[0]) == all[0])
  }

  /// H_P, H_B, H_E, H_I and H_DI each depend on all that goes into them.
  // adversary: F-03, F-06
  @Test func theHashesOfAnElectionDependOnEveryPart() throws {
    let group = ElectionSetup().group
    let parameters = [(3, 2), (3, 3), (2, 2), (2, 3), (23, 2)].map {
      BaseHashes.parameters(group, trustees: $0.0, threshold: $0.1)
    }
    #expect(Set(parameters).count == parameters.count)
    let manifests = [[], [0], [0, 0], [1], [1, 0]].map {
      BaseHashes.election(parameters: parameters[0], manifest: $0, in: group)
    }
    #expect(Set(manifests).count == manifests.count)
    let (x, y) = (group.generator.element, group.vartimePower(group.generator, group.scalar(2)))
    let extended = [(x, y), (y, x), (x, x)].map {
      BaseHashes.extended(election: manifests[0], voteKey: $0.0, dataKey: $0.1, in: group)
    }
    #expect(Set(extended).count == extended.count)
    let devices = ["", "a", "ab", "a\u{0}"].map {
      BaseHashes.device(extended: extended[0], $0, in: group)
    }
    #expect(Set(devices).count == devices.count)
  }
}
