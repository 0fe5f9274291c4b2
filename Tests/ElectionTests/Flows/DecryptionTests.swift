// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import ElGamal
import Groups
import Ledger
import Testing

/// Commit, reveal, answer; and who is named when it goes wrong.
@Suite struct DecryptionTests {
  /// All subsets of `size` of 1 … n, ascending.
  static func subsets(of n: Int, size: Int) -> [[Int]] {
    guard size > 0 else { return [[]] }
    guard n >= size else { return [] }
    return subsets(of: n - 1, size: size)
      + subsets(of: n - 1, size: size - 1).map { $0 + [n] }
  }

  /// Five trustees of whom three decrypt, with all ballots aggregated.
  static let five: Result<ElectionFixture, any Error> = Result {
    var setup = ElectionSetup()
    (setup.trustees, setup.threshold) = (5, 3)
    var fixture = try ElectionFixture(setup)
    try fixture.advance(from: .empty, to: .aggregated)
    return fixture
  }

  static let sets = (3...5).flatMap { subsets(of: 5, size: $0) }

  // adversary: T-08
  @Test(arguments: sets)
  func everySetOfKOrMoreTrusteesFindsTheSameTotals(_ trustees: [Int]) throws {
    #expect(Self.sets.count == 16)
    var fixture = try Self.five.get()
    try fixture.advance(from: .aggregated, to: .certified, decrypting: trustees)
    #expect(
      fixture.state.result?.contests.map { $0.options.map(\.total) }
        == ElectionFixture.playedTotals)
    let texts = try #require(fixture.state.decrypted).contestData.map(\.bytes)
    #expect(texts.count == 3)
    let data = try ContestData(decoding: texts[2], options: 2)
    #expect(data.writeIns == [.init(option: 2, text: "María Núñez")])
  }

  @Test(arguments: [(1, 1, [1]), (3, 2, [1, 3]), (3, 3, [1, 2, 3]), (2, 1, [2])])
  func otherNumbersOfTrustees(_ numbers: (n: Int, k: Int, available: [Int])) throws {
    var setup = ElectionSetup()
    (setup.trustees, setup.threshold) = (numbers.n, numbers.k)
    var fixture = try ElectionFixture(setup)
    try fixture.advance(from: .empty, to: .certified, decrypting: numbers.available)
    #expect(
      fixture.state.result?.contests.map { $0.options.map(\.total) }
        == ElectionFixture.playedTotals)
  }

  // adversary: T-08
  @Test func fewerThanKFindNothing() throws {
    let fixture = try Self.five.get()
    let context = try fixture.context()
    let group = fixture.group
    let tally = try fixture.recomputed()
    let logarithm = DiscreteLogarithm(
      base: context.voteKey.element, bound: fixture.state.largestTotal, in: group)
    var found = 0
    for trustees in Self.subsets(of: 5, size: 2) {
      for item in tally.items.prefix(5) {
        guard case .tally(_, _, let ciphertext) = item else { continue }
        var parts: [Int: PartialDecryption] = [:]
        for trustee in trustees {
          parts[trustee] = try fixture.share(of: trustee).partial(
            item, nonce: group.secret(.one), in: group)
        }
        let combined = try #require(
          CombinedDecryption(
            item, parts: parts, extendedBaseHash: context.extendedBaseHash, in: group))
        let power = group.vartimeMultiply(
          ciphertext.beta, group.vartimeInverse(combined.factor))
        do {
          _ = try logarithm.vartimeLogarithm(of: power); found += 1
        } catch {
          #expect(error == .logarithmNotFound)
        }
      }
    }
    // A toy group has 2^24 elements; a chance hit in 50 searches of 40 values is one in 10,000.
    #expect(found == 0)
  }

  // adversary: T-08
  @Test func theSameTrusteeTwiceHasNoCoefficient() throws {
    let group = ElectionSetup().group
    #expect(Interpolation.coefficient(of: 1, among: [1, 2, 2], in: group) == nil)
    #expect(Interpolation.coefficient(of: 1, among: [1, 1], in: group) == nil)
    #expect(Interpolation.coefficient(of: 1, among: [1], in: group) == .one)
    // Σ w_i = 1, as for every polynomial of degree 0.
    for trustees in Self.sets {
      var sum = Scalar.zero
      for trustee in trustees {
        let weight = Interpolation.coefficient(of: trustee, among: trustees, in: group)
        sum = group.vartimeAdd(sum, try #require(weight))
      }
      #expect(sum == .one, "\(trustees)")
    }
  }

  /// A result beyond the bound is no result.
  // adversary: G-11
  @Test func aTotalBeyondTheBoundIsNoNumber() throws {
    let fixture = try ElectionFixture.toy(.responded)
    let largest = try #require(ElectionFixture.playedTotals.flatMap { $0 }.max())
    #expect(throws: GroupError.logarithmNotFound) {
      try fixture.decrypted(bound: UInt64(largest - 1))
    }
    #expect(throws: GroupError.logarithmNotFound) { try fixture.decrypted(bound: 0) }
    let exact = try fixture.decrypted(bound: UInt64(largest))
    #expect(exact.contests.map { $0.options.map(\.total) } == ElectionFixture.playedTotals)
    // 5 counted ballots, one of them of weight 4, three points an option at most.
    #expect(fixture.state.largestTotal == (1 + 1 + 4 + 1 + 1) * 3)
  }

  // MARK: Naming

  /// Trustee 2 does something else than it should; trustee 1 is honest.
  func session(
    parts change: (inout [PartialDecryption], ElectionFixture) throws -> Void = { _, _ in },
    responses answer: (inout [Scalar], ElectionFixture) throws -> Void = { _, _ in }
  ) throws -> ElectionFixture {
    var fixture = try ElectionFixture.toy(.session)
    var parts = try fixture.parts(of: 2)
    try change(&parts, fixture)
    try fixture.admit([
      fixture.entry(fixture.commitments(of: 1), by: .trustee(1)),
      fixture.entry(fixture.commitments(of: 2, to: parts), by: .trustee(2)),
    ])
    try fixture.admit([
      fixture.entry(fixture.factors(of: 1), by: .trustee(1)),
      fixture.entry(DecryptionFactorsRevealed(session: 1, parts: parts), by: .trustee(2)),
    ])
    var responded = try fixture.responses(of: 2)
    try answer(&responded.responses, fixture)
    try fixture.admit([
      fixture.entry(fixture.responses(of: 1), by: .trustee(1)),
      fixture.entry(responded, by: .trustee(2)),
    ])
    return fixture
  }

  /// The session names trustee 2 and no other; the next one works without it.
  func expectNamed(_ fixture: ElectionFixture) throws {
    var fixture = fixture
    #expect(fixture.state.decryption.named.map { [$0.session, $0.trustee] } == [[1, 2]])
    #expect(!fixture.state.decryption.isComplete)
    let next = DecryptionOpened(session: 2, trustees: [1, 2])
    #expect(try fixture.rules(fixture.entry(next, by: .commission)) == [.cer10])
    // What an honest trustee revealed is not a result by itself.
    if let wrong = try? fixture.decrypted(bound: 1 << 24) {
      #expect(try fixture.rules(fixture.entry(wrong, by: .commission)).contains(.cer10))
    }
    try fixture.advance(from: .aggregated, to: .certified, decrypting: [1, 3])
    #expect(
      fixture.state.result?.contests.map { $0.options.map(\.total) }
        == ElectionFixture.playedTotals)
    #expect(fixture.state.decryption.named.map { [$0.session, $0.trustee] } == [[1, 2]])
  }

  @Test func anHonestSessionNamesNobody() throws {
    let fixture = try session()
    #expect(fixture.state.decryption.named.isEmpty)
    #expect(fixture.state.decryption.isComplete)
  }

  // adversary: T-08
  @Test func aWrongShareIsNamed() throws {
    try expectNamed(
      session(parts: { parts, fixture in
        let items = try fixture.recomputed().items
        parts[0].factor = fixture.group.vartimeMultiply(parts[0].factor, items[0].base)
      }))
  }

  // adversary: T-08
  @Test func aWrongShareOfAllItemsIsNamed() throws {
    try expectNamed(
      session(parts: { parts, fixture in
        for (index, item) in try fixture.recomputed().items.enumerated() {
          parts[index].factor = fixture.group.vartimeMultiply(parts[index].factor, item.base)
        }
      }))
  }

  // adversary: T-10
  @Test func factorsExchangedBeforeCommittingAreNamed() throws {
    try expectNamed(session(parts: { parts, _ in parts.swapAt(0, 2) }))
  }

  // adversary: T-10
  @Test func factorsOfAnotherElectionAreNamed() throws {
    var other = try ElectionFixture(ElectionSetup())
    try other.advance(from: .empty, to: .session)
    let foreign = try other.parts(of: 2)
    try expectNamed(session(parts: { parts, _ in parts = foreign }))
  }

  // adversary: G-01
  @Test func aFactorOutsideTheGroupIsNamed() throws {
    try expectNamed(
      session(parts: { parts, fixture in
        parts[0].factor = fixture.group.vartimeMultiply(
          parts[0].factor, try fixture.group.minusOne)
      }))
  }

  @Test func aResponseThatDoesNotMatchIsNamed() throws {
    try expectNamed(
      session(responses: { responses, fixture in
        let last = responses.count - 1
        responses[last] = fixture.group.vartimeAdd(responses[last], .one)
      }))
  }

  @Test func aWrongCommitmentOfTheProofIsNamed() throws {
    try expectNamed(
      session(parts: { parts, fixture in
        parts[1].a = fixture.group.vartimeMultiply(
          parts[1].a, fixture.group.generator.element)
      }))
  }

  /// A trustee who stays silent is left out of the next session.
  @Test func aSilentTrusteeDoesNotStopTheElection() throws {
    var fixture = try ElectionFixture.toy(.committed)
    try fixture.openSession([1, 3])
    #expect(fixture.state.decryption.session == 2)
    #expect(fixture.state.decryption.commitments.isEmpty)
    // What was committed in the first session does not open the second.
    try fixture.advance(from: .session, to: .certified)
    #expect(fixture.state.phase == .certified)
  }

  // adversary: T-12
  @Test func noncesDependOnEverythingThatIsDecrypted() throws {
    let group = ElectionSetup().group
    func nonces(_ transcript: UInt8) throws -> [Scalar] {
      let nonces = DecryptionNonces(
        secret: SecretBytes(copying: [UInt8](repeating: 9, count: 32)),
        transcript: SHA256.hash([transcript]))
      return (0..<20).map { group.revealed(nonces.nonce($0, in: group)) }
    }
    let first = try nonces(1)
    #expect(try nonces(1) == first, "an interrupted step is repeated with the same values")
    #expect(Set(first).count == 20)
    #expect(Set(first).isDisjoint(with: try nonces(2)))
  }

  /// −β opens another text, and its proof holds with every even challenge; membership refuses it.
  // adversary: G-01
  @Test func minusBetaIsNoOpening() throws {
    let fixture = try ElectionFixture.toy(.responded)
    let (group, context) = (fixture.group, try fixture.context())
    let secret = fixture.secrets.reduce(Scalar.zero) { sum, box in
      group.vartimeAdd(sum, box.secrets.dataCoefficients.with(0) { group.revealed($0) })
    }
    var decrypted = try fixture.decrypted()
    let item = try #require(try fixture.recomputed().contestData.first)
    guard case .contestData(_, let hash, let contest, let encryption) = item else {
      Issue.record("no contest data")
      return
    }
    let shared = group.vartimeMultiply(decrypted.contestData[0].shared, try group.minusOne)
    for attempt in 1...64 {
      let nonce = group.scalar(UInt64(1000 + attempt))
      let challenge = item.challenge(
        a: group.vartimePower(group.generator, nonce),
        b: group.vartimePower(encryption.c0, nonce), factor: shared,
        extendedBaseHash: context.extendedBaseHash, in: group)
      guard let last = challenge.bytes.last, last % 2 == 0 else { continue }
      let proof = CompactProof(
        challenge: challenge,
        response: group.vartimeSubtract(nonce, group.vartimeMultiply(challenge, secret)))
      #expect(
        group.vartimeCommitment(proof, base: encryption.c0, image: shared)
          == group.vartimePower(encryption.c0, nonce), "the equation itself holds")
      decrypted.contestData[0].shared = shared
      decrypted.contestData[0].proof = proof
      decrypted.contestData[0].bytes = try encryption.decrypted(
        publicShared: shared, contest: contest, identifierHash: hash, in: group)
      #expect(try fixture.rules(fixture.entry(decrypted, by: .commission)) == [.eg12B])
      return
    }
    Issue.record("no even challenge in 64 attempts")
  }
}
