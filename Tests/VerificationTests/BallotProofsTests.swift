// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Cryptography
import ElGamal
import Election
import ElectionFixtures
import Groups
import Ledger
import TestSupport
import Testing
import Verification

/// Many ballots checked in one pass, with and without claimed commitments, get the findings that each
/// gets alone.
@Suite struct BallotProofsTests {
  /// Ballots of the standard record, and its context on an engine.
  private func scene(
    _ engine: ArithmeticEngine
  ) throws -> (context: ElectionContext, ballots: [EncryptedBallot]) {
    let fixture = try Records.standardFixture.get()
    let known = try #require(fixture.state.context)
    let group = try Group(.electionGuard4096, engine: engine)
    let context = ElectionContext(
      group: group, manifest: known.manifest, manifestBytes: fixture.manifest.bytes,
      trusteeCount: known.trusteeCount, threshold: known.threshold,
      voteKey: known.voteKey.element, dataKey: known.dataKey.element)
    #expect(context.extendedBaseHash == known.extendedBaseHash)
    var ballots: [EncryptedBallot] = []
    for file in fixture.entries where file.entry.type == EntryType.ballotSubmitted.rawValue {
      ballots.append(try BallotSubmitted(bytes: file.payload, in: group).ballot)
    }
    return (context, ballots)
  }

  private func minusOne(_ group: Group) -> Element {
    group.vartimePower(
      Element(group.field.vartimeSubtract(Natural(), Natural(1))), .one)
  }

  /// Ballots with one thing changed each, of every kind that a proof speaks about.
  private func tampered(_ ballot: EncryptedBallot, _ group: Group) -> [EncryptedBallot] {
    func changed(_ change: (inout EncryptedBallot) -> Void) -> EncryptedBallot {
      var copy = ballot
      change(&copy)
      return copy
    }
    func scaled(_ ciphertext: Ciphertext, _ factor: Element, beta: Bool) -> Ciphertext {
      Ciphertext(
        alpha: beta ? ciphertext.alpha : group.vartimeMultiply(ciphertext.alpha, factor),
        beta: beta ? group.vartimeMultiply(ciphertext.beta, factor) : ciphertext.beta)
    }
    let sign = minusOne(group)
    let g = group.generator.element
    func scaled(_ proof: RangeProof) -> RangeProof {
      var branches = proof.branches
      branches[0] = CompactProof(
        challenge: group.vartimeAdd(branches[0].challenge, .one), response: branches[0].response)
      return RangeProof(branches: branches)
    }
    return [
      changed {
        $0.contests[0].selections[0].ciphertext = scaled(
          $0.contests[0].selections[0].ciphertext, sign, beta: false)
      },
      changed {
        $0.contests[0].selections[1].ciphertext = scaled(
          $0.contests[0].selections[1].ciphertext, sign, beta: true)
      },
      changed {
        $0.contests[0].selections[0].ciphertext = scaled(
          $0.contests[0].selections[0].ciphertext, g, beta: true)
      },
      changed { $0.contests[0].selections[0].proof = scaled($0.contests[0].selections[0].proof) },
      changed { $0.contests[0].limitProof = scaled($0.contests[0].limitProof) },
      changed { $0.contests[0].selections[0].proof = RangeProof(branches: []) },
      changed { $0.contests[0].selections.swapAt(0, 1) },
      changed { $0.identifier = SHA256.hash([1]) },
      changed {
        $0.nonce = BallotNonceEncryption(
          c0: group.vartimeMultiply($0.nonce.c0, sign), c1: $0.nonce.c1, c2: $0.nonce.c2)
      },
    ]
  }

  // adversary: G-01
  @Test(arguments: ArithmeticEngine.available)
  func aPassGivesTheFindingsOfEveryBallotAlone(_ engine: ArithmeticEngine) throws {
    let (context, ballots) = try scene(engine)
    let group = context.group
    var all = ballots + tampered(ballots[0], group) + ballots
    var generator = SeededGenerator(seed: 0x5EED_0010)
    all.shuffle(using: &generator)
    let proofs = all.enumerated().map { BallotProofs(of: $1, at: "ballot \($0)") }
    let together = BallotProofs.check(proofs, context)
    #expect(together.statistics.recomputed == all.count)
    var failing = 0
    for (proof, findings) in zip(proofs, together.findings) {
      let alone = BallotProofs.check([proof], context).findings[0]
      #expect(findings == alone, "\(proof.place), seed \(generator.seed)")
      #expect(!findings.counts.isEmpty)
      failing += findings.hasFailures ? 1 : 0
    }
    #expect(failing == tampered(ballots[0], group).count)
  }

  @Test(arguments: ArithmeticEngine.available)
  func claimsChangeNoFinding(_ engine: ArithmeticEngine) throws {
    let (context, ballots) = try scene(engine)
    let group = context.group
    let all = ballots + tampered(ballots[0], group)
    let claims = BallotProofs.commitments(all, context)
    for (ballot, claim) in zip(all, claims) {
      #expect(BallotProofs(of: ballot, at: "").commitmentCount(context) == claim.count)
    }
    func outcome(_ claims: [[Element]?]) -> BallotProofs.Results {
      BallotProofs.check(
        zip(all, claims).enumerated().map {
          BallotProofs(of: $1.0, at: "ballot \($0)", claimed: $1.1)
        }, context)
    }
    let plain = outcome(all.map { _ in nil })
    // Right claims: good ballots by them, bad ones recomputed.
    let right = outcome(claims)
    #expect(right.findings == plain.findings)
    // A non-member may pass its own hashes; then the batch as a whole is recomputed.
    #expect(right.statistics.fromSidecar + right.statistics.recomputed == all.count)
    let good = BallotProofs.check(
      zip(ballots, claims).map { BallotProofs(of: $0, at: "", claimed: $1) }, context)
    #expect(good.statistics == statistics(recomputed: 0, fromSidecar: ballots.count, wrong: 0))
    #expect(good.findings.allSatisfy { !$0.hasFailures })
    // Wrong claims of good ballots: too few, a sign, another element, those of another ballot.
    let sign = minusOne(group)
    let wrongs: [([Element]) -> [Element]] = [
      { Array($0.dropLast()) },
      { [group.vartimeMultiply($0[0], sign)] + $0.dropFirst() },
      { $0.map { group.vartimeMultiply($0, sign) } },
      { _ in claims[1] },
      { _ in [] },
    ]
    for (index, wrong) in wrongs.enumerated() {
      var changed: [[Element]?] = claims
      changed[0] = wrong(claims[0])
      let result = outcome(changed)
      #expect(result.findings == plain.findings, "change \(index)")
      #expect(result.statistics.disagreeing > 0, "change \(index)")
    }
  }

  /// A prover who grinds until a commitment with a wrong sign has the right hash cannot be stopped by
  /// hashes: the claims are compared with the equations.
  @Test(arguments: ArithmeticEngine.available)
  func aClaimThatPassesTheHashAndNotTheEquationIsRecomputed(_ engine: ArithmeticEngine) throws {
    let (context, ballots) = try scene(engine)
    let group = context.group
    let claims = BallotProofs.commitments(ballots, context)
    // The proof is made for the claimed commitments: its challenges sum to their hash, its equations
    // are wrong by a sign.
    var forged = ballots[0]
    var claim = claims[0]
    claim[0] = group.vartimeMultiply(claim[0], minusOne(group))
    let selection = forged.contests[0].selections[0]
    let statement = RangeStatement(
      identifierHash: context.identifierHash(of: forged.identifier),
      contest: forged.contests[0].index, option: 1, ciphertext: selection.ciphertext,
      bound: context.manifest.contests[forged.contests[0].index - 1].optionLimit)
    let count = selection.proof.branches.count
    var input = statement.input(in: group)
    for branch in 0..<count {
      input.append(claim[branch])
      input.append(claim[count + branch])
    }
    let sum = input.scalar(key: statement.identifierHash)
    let others = selection.proof.branches.dropFirst().reduce(Scalar.zero) {
      group.vartimeAdd($0, $1.challenge)
    }
    var branches = selection.proof.branches
    branches[0] = CompactProof(
      challenge: group.vartimeSubtract(sum, others), response: branches[0].response)
    forged.contests[0].selections[0].proof = RangeProof(branches: branches)
    for _ in 0..<8 {
      let results = BallotProofs.check(
        [
          BallotProofs(of: forged, at: "forged", claimed: claim),
          BallotProofs(of: ballots[1], at: "good", claimed: claims[1]),
        ], context)
      #expect(results.statistics == statistics(recomputed: 2, fromSidecar: 0, wrong: 2))
      #expect(results.findings[0].failures.map(\.rule) == [.eg6D])
      #expect(!results.findings[1].hasFailures)
    }
  }

  private func statistics(recomputed: Int, fromSidecar: Int, wrong: Int) -> ProofStatistics {
    var statistics = ProofStatistics()
    statistics.recomputed = recomputed
    statistics.fromSidecar = fromSidecar
    statistics.disagreeing = wrong
    return statistics
  }
}
