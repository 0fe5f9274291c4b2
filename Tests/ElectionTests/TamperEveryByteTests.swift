// SPDX-License-Identifier: Apache-2.0

import Cryptography
import ElGamal
import Election
import Foundation
import Groups
import TestSupport
import Testing

/// One ballot of the standard group, and every byte of it changed in turn: each of them is bound by a
/// proof or a hash, and the rule that notices is the one that should.
@Suite struct TamperEveryByteTests {
  /// A run of bytes of the ballot.
  struct Field: Sendable {
    let name: String
    let count: Int
    /// The rules that must fail, and no other.
    let rules: Set<RuleID>
    /// Changes the byte at a position by a mask. Throws when the bytes are no longer a value of the
    /// field: then the parser refuses the ballot.
    let change: @Sendable (inout EncryptedBallot, Int, UInt8) throws -> Void
  }

  static let group = Group.standard
  private static let seed: UInt64 = 0x5EED_0007

  /// An election with one contest, two options and one block of contest data.
  static func context(manifest bytes: String = "one contest") -> ElectionContext {
    func key(_ name: String) -> Element {
      group.vartimePower(
        group.generator, group.scalar(reducing: SHA256.hash(Array(name.utf8))))
    }
    let contest = ManifestOutline.Contest(
      label: "contest", options: ["first", "second"], selectionLimit: 1, optionLimit: 1,
      contestDataBlocks: 1)
    return ElectionContext(
      group: group,
      manifest: ManifestOutline(
        contests: [contest],
        ballotStyles: [ManifestOutline.BallotStyle(label: "style", contests: [1])]),
      manifestBytes: Array(bytes.utf8), trusteeCount: 3, threshold: 2, voteKey: key("K"),
      dataKey: key("K̂"))
  }

  static let device = "device"

  static func ballot(_ context: ElectionContext) throws -> EncryptedBallot {
    let deviceHash = BaseHashes.device(
      extended: context.extendedBaseHash, device, in: context.group)
    return try EncryptedBallot.encrypt(
      PlaintextBallot(
        ballotStyle: 1,
        contests: [
          PlaintextBallot.Contest(
            index: 1, votes: [0, 1],
            writeIns: [ContestData.WriteIn(option: 2, text: "Ada Lovelace")])
        ]),
      identifier: SHA256.hash(Array("id_B".utf8)),
      chainingField: .unchained(device: deviceHash), secrets: try .fresh(), context: context)
  }

  // MARK: - Fields

  private static func element(
    _ name: String, _ rules: Set<RuleID>,
    _ path: any WritableKeyPath<EncryptedBallot, Element> & Sendable
  ) -> Field {
    Field(name: name, count: 512, rules: rules) { ballot, position, mask in
      var bytes = group.bytes(ballot[keyPath: path])
      bytes[position] ^= mask
      ballot[keyPath: path] = try group.element(bytes: bytes)
    }
  }

  private static func proof(
    _ name: String, _ rules: Set<RuleID>,
    _ path: any WritableKeyPath<EncryptedBallot, CompactProof> & Sendable
  ) -> Field {
    Field(name: name, count: 64, rules: rules) { ballot, position, mask in
      let proof = ballot[keyPath: path]
      var bytes = proof.challenge.bytes + proof.response.bytes
      bytes[position] ^= mask
      ballot[keyPath: path] = CompactProof(
        challenge: try group.scalar(bytes: bytes[..<32]),
        response: try group.scalar(bytes: bytes[32...]))
    }
  }

  private static func digest(
    _ name: String, _ rules: Set<RuleID>,
    _ path: any WritableKeyPath<EncryptedBallot, Digest> & Sendable
  ) -> Field {
    Field(name: name, count: 32, rules: rules) { ballot, position, mask in
      var bytes = ballot[keyPath: path].bytes
      bytes[position] ^= mask
      ballot[keyPath: path] = try #require(Digest(bytes))
    }
  }

  /// What proofs protect: 3,648 bytes.
  static let provenFields: [Field] = {
    var fields: [Field] = []
    let selectionRules: Set<RuleID> = [.eg6A, .eg6D, .eg7A, .eg7D]
    for option in 0..<2 {
      let name = "option \(option + 1)"
      fields += [
        element("α of \(name)", selectionRules, \.contests[0].selections[option].alpha),
        element("β of \(name)", selectionRules, \.contests[0].selections[option].beta),
      ]
      for branch in 0..<2 {
        fields.append(
          proof(
            "proof \(branch) of \(name)", [.eg6D],
            \.contests[0].selections[option].proof.variableBranches[branch]))
      }
    }
    for branch in 0..<2 {
      fields.append(
        proof(
          "proof \(branch) of the limit", [.eg7D],
          \.contests[0].limitProof.variableBranches[branch]))
    }
    fields += [
      element("C_0 of the contest data", [.bal7], \.contests[0].variableData.c0),
      Field(name: "C_1 of the contest data", count: 32, rules: [.bal7]) {
        ballot, position, mask in
        ballot.contests[0].variableData.c1[position] ^= mask
      },
      proof("C_2 of the contest data", [.bal7], \.contests[0].variableData.c2),
      element("C_0 of the ballot nonce", [.bal7], \.variableNonce.c0),
      digest("C_1 of the ballot nonce", [.bal7], \.variableNonce.c1),
      proof("C_2 of the ballot nonce", [.bal7], \.variableNonce.c2),
    ]
    return fields
  }()

  /// What hashes protect: 164 bytes.
  static let hashedFields: [Field] = [
    digest("id_B", [.eg5B, .eg8A, .eg8B], \.identifier),
    digest("H_I", [.eg5B], \.identifierHash),
    digest("χ", [.eg8A], \.contests[0].hash),
    digest("H_C", [.eg8B], \.confirmationCode),
    Field(name: "mode of B_C", count: 4, rules: [.eg8B, .eg8D]) { ballot, position, mask in
      ballot.chainingField = try changed(ballot.chainingField, position, mask)
    },
    Field(name: "hash of B_C", count: 32, rules: [.eg8B, .eg8C, .eg8D]) {
      ballot, position, mask in
      ballot.chainingField = try changed(ballot.chainingField, position + 4, mask)
    },
  ]

  private static func changed(
    _ field: ChainingField, _ position: Int, _ mask: UInt8
  ) throws -> ChainingField {
    var bytes = field.bytes
    bytes[position] ^= mask
    return try #require(ChainingField(bytes))
  }

  // MARK: - Tests

  private struct Outcome: Sendable {
    var tested = 0
    var refusedByParser = 0
    var problems: [String] = []
  }

  /// Changes every byte of the fields, on as many cores as there are, and applies `check`.
  private func tamper(
    _ ballot: EncryptedBallot, _ fields: [Field],
    check: @escaping @Sendable (EncryptedBallot) -> Findings
  ) async -> Outcome {
    var generator = SeededGenerator(seed: Self.seed)
    var work: [(field: Field, position: Int, mask: UInt8)] = []
    for field in fields {
      for position in 0..<field.count {
        // Neither nibble of the mask is 0, so both digits of the byte change.
        let low = UInt8.random(in: 1...15, using: &generator)
        let high = UInt8.random(in: 1...15, using: &generator)
        work.append((field, position, high << 4 | low))
      }
    }
    let cores = ProcessInfo.processInfo.activeProcessorCount
    return await withTaskGroup(of: Outcome.self) { [work] tasks in
      for core in 0..<cores {
        tasks.addTask {
          var outcome = Outcome()
          for index in stride(from: core, to: work.count, by: cores) {
            let (field, position, mask) = work[index]
            var tampered = ballot
            outcome.tested += 1
            do { try field.change(&tampered, position, mask) } catch is GroupError {
              outcome.refusedByParser += 1
              continue
            } catch {
              outcome.problems.append("\(field.name): \(error)")
              continue
            }
            let rules = Set(check(tampered).failures.map(\.rule))
            if rules != field.rules {
              outcome.problems.append(
                "\(field.name), byte \(position), mask \(mask): \(rules.map(\.rawValue))")
            }
          }
          return outcome
        }
      }
      var total = Outcome()
      for await part in tasks {
        total.tested += part.tested
        total.refusedByParser += part.refusedByParser
        total.problems += part.problems
      }
      return total
    }
  }

  // adversary: F-04, G-01
  @Test func everyByteOfEveryProofAndCiphertext() async throws {
    let context = Self.context()
    let ballot = try Self.ballot(context)
    #expect(ballot.checkProofs(context, at: "ballot").failures == [])
    let outcome = await tamper(ballot, Self.provenFields) {
      $0.checkProofs(context, at: "ballot")
    }
    // Two options with two elements and two branches, the limit's two branches, contest data and
    // ballot nonce with an element, 32 masked bytes and a proof each.
    #expect(
      outcome.tested
        == 2 * (2 * 512 + 2 * 64) + 2 * 64 + 2 * (512 + 32 + 64))
    #expect(outcome.problems == [], "seed \(Self.seed)")
    // Only a change of the leading bytes, which are all ones in p and q, can leave the range.
    #expect(outcome.refusedByParser < 100)
  }

  @Test func everyByteOfEveryHash() async throws {
    let context = Self.context()
    let ballot = try Self.ballot(context)
    #expect(
      ballot.checkStructure(context, device: Self.device, at: "ballot").failures == [])
    let outcome = await tamper(ballot, Self.hashedFields) {
      $0.checkStructure(context, device: Self.device, at: "ballot")
    }
    #expect(outcome.tested == 4 * 32 + 36)
    #expect(outcome.problems == [], "seed \(Self.seed)")
  }

  /// The confirmation code covers the ciphertexts and the contest data, and neither the proofs nor the
  /// ballot nonce (3.4.1).
  @Test func confirmationCodeCoversCiphertexts() async throws {
    let context = Self.context()
    let ballot = try Self.ballot(context)
    let covered = Self.provenFields.filter {
      $0.name.hasPrefix("α") || $0.name.hasPrefix("β") || $0.name.hasSuffix("contest data")
    }.map { Field(name: $0.name, count: $0.count, rules: [.eg8A, .eg8B], change: $0.change) }
    let outcome = await tamper(ballot, covered) {
      $0.checkStructure(context, device: Self.device, at: "ballot")
    }
    #expect(outcome.tested == 4 * 512 + 512 + 32 + 64)
    #expect(outcome.problems == [], "seed \(Self.seed)")
  }

  // adversary: F-03, B-05
  /// The same keys and another manifest, one letter changed: the ballot is worth nothing there.
  @Test func ballotOfAnotherElection() throws {
    let ballot = try Self.ballot(Self.context())
    let other = Self.context(manifest: "one Contest")
    let structure = ballot.checkStructure(other, device: Self.device, at: "ballot")
    #expect(
      Set(structure.failures.map(\.rule)) == [.eg5B, .eg8A, .eg8B, .eg8C, .eg8D])
    let proofs = ballot.checkProofs(other, at: "ballot")
    #expect(Set(proofs.failures.map(\.rule)) == [.eg6D, .eg7D, .bal7])
  }

  // adversary: F-04
  /// Two options exchanged together with their proofs: each proof names its option's position. The
  /// limit's proof still holds, as the sum is the same.
  @Test func exchangedOptions() throws {
    let context = Self.context()
    var ballot = try Self.ballot(context)
    ballot.contests[0].selections.swapAt(0, 1)
    let findings = ballot.checkProofs(context, at: "ballot")
    #expect(findings.failures.map(\.rule) == [.eg6D, .eg6D])
  }

  // adversary: G-08
  /// ξ = 0 leaves α = 1 and β = K^σ: the vote is there for everybody to read.
  @Test func trivialCiphertext() throws {
    let context = Self.context()
    var ballot = try Self.ballot(context)
    let group = context.group
    for vote in 0...1 {
      let ciphertext = group.encrypt(
        group.secretScalar(small: UInt64(vote)), nonce: group.secret(.zero), key: context.voteKey)
      #expect(ciphertext.alpha == group.identity)
      let statement = RangeStatement(
        identifierHash: context.identifierHash(of: ballot.identifier), contest: 1, option: 1,
        ciphertext: ciphertext, bound: 1)
      let proof = try RangeProof.prove(
        statement, vote: vote, nonce: group.secret(.zero), key: context.voteKey, in: group)
      #expect(proof.isValid(statement, key: context.voteKey, in: group))
      ballot.contests[0].selections[0] = EncryptedSelection(ciphertext: ciphertext, proof: proof)
      let rules = ballot.checkProofs(context, at: "ballot").failures.map(\.rule)
      // The limit's proof was made for the sum before.
      #expect(rules == [.eg6A, .eg7D], "σ = \(vote)")
    }
  }
}

// The parts are constants; these put one back that differs in one place.
extension EncryptedSelection {
  fileprivate var alpha: Element {
    get { ciphertext.alpha }
    set { ciphertext = Ciphertext(alpha: newValue, beta: ciphertext.beta) }
  }
  fileprivate var beta: Element {
    get { ciphertext.beta }
    set { ciphertext = Ciphertext(alpha: ciphertext.alpha, beta: newValue) }
  }
}

extension RangeProof {
  fileprivate var variableBranches: [CompactProof] {
    get { branches }
    set { self = RangeProof(branches: newValue) }
  }
}

/// C_0, C_1 and C_2, each of which can be changed.
private struct Masked<Bytes> {
  var c0: Element
  var c1: Bytes
  var c2: CompactProof
}

extension EncryptedContest {
  fileprivate var variableData: Masked<[UInt8]> {
    get {
      data.map { Masked(c0: $0.c0, c1: $0.c1, c2: $0.c2) }
        ?? Masked(
          c0: Group.standard.identity, c1: [],
          c2: CompactProof(challenge: .zero, response: .zero))
    }
    set { data = ContestDataEncryption(c0: newValue.c0, c1: newValue.c1, c2: newValue.c2) }
  }
}

extension EncryptedBallot {
  fileprivate var variableNonce: Masked<Digest> {
    get { Masked(c0: nonce.c0, c1: nonce.c1, c2: nonce.c2) }
    set { nonce = BallotNonceEncryption(c0: newValue.c0, c1: newValue.c1, c2: newValue.c2) }
  }
}
