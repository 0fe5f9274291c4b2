// SPDX-License-Identifier: Apache-2.0

import Cryptography
import ElGamal
import Election
import Groups
import StrictJSON
import TestSupport
import Testing
import Verification

/// Attacks that take whole parts of a good record and put them elsewhere.
@Suite(.needsShared) struct ElectionGuardAttackTests {
  private static let contest = "/ballots/0/contests/0"

  private func swapped(_ record: JSONValue, _ a: String, _ b: String) throws -> JSONValue {
    try record.replacing(a, with: record.value(at: b)).replacing(b, with: record.value(at: a))
  }

  // The digest's own example: option 1 takes option 2's ciphertext and proof. 7 still holds, because
  // the sum is the same.
  // adversary: F-04
  @Test func optionsSwappedWithTheirProofs() async throws {
    let known = try KnownRecord()
    var record = known.record
    for member in ["alpha", "beta", "proof"] {
      record = try swapped(
        record, "\(Self.contest)/selections/0/\(member)", "\(Self.contest)/selections/1/\(member)")
    }
    #expect(try await known.broken(record) == ["6.D", "8.A", "8.B", "8.E", "9.A", "9.B"])
  }

  // adversary: F-04, B-05
  @Test func contestsSwappedBetweenBallots() async throws {
    let known = try KnownRecord()
    let record = try swapped(known.record, "/ballots/0/contests/0", "/ballots/1/contests/0")
    // The totals are the same, and everything that is bound to a ballot notices.
    #expect(
      try await known.broken(record)
        == ["12.B", "12.C", "6.D", "7.D", "8.A", "8.B", "8.E", "BAL-7"])
  }

  // adversary: F-03
  @Test func anotherManifestIsAnotherElection() async throws {
    let known = try KnownRecord()
    let name = Array("Alice".utf8)
    var manifest = known.manifest
    let place = try #require(
      manifest.indices.first { manifest[$0...].starts(with: name) })
    manifest[place + 4] = UInt8(ascii: "f")
    let report = try await ElectionGuardRecord.verify(
      record: known.record.canonicalBytes(), manifest: manifest)
    let failed = Set(report.lines.filter { $0.result == .failed }.map(\.rule))
    #expect(
      failed == [
        .eg1F, .eg4A, .eg5B, .eg6D, .eg7D, .eg8A, .eg8B, .eg8C, .eg8E, .eg8F, .eg8G, .eg10B,
        .eg12B, .eg12C, .eg13A, .eg13B, .bal7,
      ])
  }

  // adversary: F-07
  @Test func proofOfAnotherStatementIsNone() async throws {
    let known = try KnownRecord()
    let limit = try known.record.value(at: "\(Self.contest)/limit_proof")
    let selection = try known.record.value(at: "\(Self.contest)/selections/0/proof")
    #expect(
      try await known.broken(
        known.record.replacing("\(Self.contest)/selections/0/proof", with: limit)) == ["6.D"])
    #expect(
      try await known.broken(
        known.record.replacing("\(Self.contest)/limit_proof", with: selection)) == ["7.D"])
    let keys = try known.record.value(at: "/guardians/0/proof_data")
    #expect(
      try await known.broken(known.record.replacing("/guardians/0/proof_vote", with: keys))
        == ["2.C"])
    let data = try known.record.value(at: "\(Self.contest)/contest_data/C2")
    #expect(
      try await known.broken(
        known.record.replacing("/ballots/0/encrypted_ballot_nonce/C2", with: data)) == ["BAL-7"])
    #expect(
      try await known.broken(
        known.record.replacing("/tally/0/proof", with: data)) == ["10.B"])
  }

  // adversary: F-10
  @Test(arguments: [
    ("\(contest)/selections/0/proof", "6.D"), ("\(contest)/limit_proof", "7.D"),
    ("/guardians/0/proof_vote/v", "2.C"), ("/guardians/0/proof_data/v", "2.C"),
  ]) func wrongNumberOfBranches(_ pointer: String, _ rule: String) async throws {
    let known = try KnownRecord()
    let more = try known.record.changing("\(pointer)/0") { [$0, $0] }
    #expect(try await known.broken(more) == [rule])
    let fewer = try known.record.removing("\(pointer)/0")
    #expect(try await known.broken(fewer) == [rule])
  }

  // adversary: B-01, B-02
  @Test func replayedBallot() async throws {
    let known = try KnownRecord()
    let twice = try known.record.changing("/ballots/0") { [$0, $0] }
    #expect(
      try await known.broken(twice).isSuperset(of: ["5.A", "8.E", "9.A", "9.B", "BAL-6"]))
    let renamed = try twice.replacing("/ballots/1/ballot_id", with: "b9")
      .changing("/devices/0/ballot_ids/3") { [$0, "b9"] }
    #expect(
      try await known.broken(renamed).isSuperset(of: ["5.A", "8.E", "8.G", "9.A", "9.B"]))
  }

  // adversary: L-01, L-02, B-08
  @Test(arguments: 0..<4) func droppedBallot(_ position: Int) async throws {
    let known = try KnownRecord()
    let silent = try known.record.removing("/ballots/\(position)")
    let listed = try silent.removing("/devices/0/ballot_ids/\(position)")
    let isLast = position == 3
    #expect(try await known.broken(silent).contains("8.E"))
    #expect(try await known.broken(listed).contains(isLast ? "8.G" : "8.E"))
    let isCast = position != 2
    #expect(try await known.broken(listed).contains("9.A") == isCast)
    #expect(try await known.broken(listed).contains("13.B") == !isCast)
  }

  // adversary: T-10
  @Test func decryptionsSwapped() async throws {
    let known = try KnownRecord()
    var record = known.record
    for member in ["T", "t", "proof"] {
      record = try swapped(record, "/tally/0/\(member)", "/tally/1/\(member)")
    }
    #expect(try await known.broken(record) == ["10.B"])
    record = try swapped(record, "/tally/0/A", "/tally/1/A")
    record = try swapped(record, "/tally/0/B", "/tally/1/B")
    #expect(try await known.broken(record) == ["10.B", "9.A", "9.B"])
  }

  // adversary: T-01, T-02, T-07
  @Test func trusteesKeys() async throws {
    let known = try KnownRecord()
    let first = try known.record.value(at: "/guardians/0")
    #expect(
      try await known.broken(known.record.replacing("/guardians/1", with: first))
        == ["3.A", "3.B", "4.A", "CER-1", "CER-2"])
    #expect(
      try await known.broken(known.record.removing("/guardians/2"))
        == ["3.A", "3.B", "4.A", "CER-1"])
    #expect(
      try await known.broken(known.record.removing("/guardians/0/K_vote/1"))
        == ["2.C", "4.A", "CER-1"])
    let one = HexNumber.small(1, digits: 1024)
    #expect(
      try await known.broken("/guardians/0/K_vote/0", one) == ["2.C", "3.A", "4.A", "CER-2"])
    #expect(try await known.broken("/K", one).isSuperset(of: ["3.A", "4.A", "CER-2"]))
  }

  // No ballot at all: (1, 1) for every option, T = 1, t = 0, with a normal proof (erratum 11).
  // adversary: C-07, V-01
  @Test func emptyElectionPasses() async throws {
    let known = try KnownRecord()
    let secrets = try JSONValue(
      parsing: try Shared.bytes("\(KnownRecord.folder)/secrets.json"))
    let group = Group.standard
    func text(_ value: JSONValue) throws -> String {
      try JSONReader(value).string(maxBytes: 2048)
    }
    let extended = try #require(Digest(hex: try known.text("/H_E")))
    let key = try group.element(hex: try known.text("/K"))
    var joint = Scalar.zero
    for position in 0..<3 {
      joint = group.vartimeAdd(
        joint, try group.scalar(hex: text(secrets.value(at: "/guardians/\(position)/a/0"))))
    }
    #expect(group.vartimePower(group.generator, joint) == key)
    var totals: [JSONValue] = []
    for (contest, options) in [(1, 3), (2, 4), (3, 2)] {
      for option in 1...options {
        let item = DecryptionItem.tally(
          contest: contest, option: option, group.emptyAggregate)
        let u = try group.randomScalar()
        let challenge = item.challenge(
          a: group.vartimePower(group.generator, u), b: group.identity, factor: group.identity,
          extendedBaseHash: extended, in: group)
        let response = group.vartimeSubtract(u, group.vartimeMultiply(challenge, joint))
        let one = JSONValue.string(group.hex(group.identity))
        totals.append([
          "contest": .integer(Int64(contest)), "option": .integer(Int64(option)), "A": one,
          "B": one, "T": one, "t": 0,
          "proof": ["c": .string(challenge.hex), "v": .string(response.hex)],
        ])
      }
    }
    var record = known.record
    for name in ["ballots", "devices", "challenged_ballot_openings", "contest_data_decryptions"] {
      record = try record.replacing("/\(name)", with: [])
    }
    record = try record.removing("/preencrypted_ballots").removing("/preencrypted_device")
      .replacing("/tally", with: .array(totals))
    let report = try await known.report(record)
    #expect(report.verdict == .passed)
    let wrong = try record.replacing("/tally/0/t", with: 1)
    #expect(try await known.broken(wrong) == ["10.C"])
  }

  // A verdict that is lost once in a hundred times is lost.
  // adversary: V-01
  @Test func verdictIsNeverLost() async throws {
    let known = try KnownRecord()
    let bad = try known.record.replacing("/tally/0/t", with: 2)
    for cores in 1...50 {
      #expect(try await known.report(bad, cores: cores).verdict == .failed)
      #expect(try await known.report(known.record, cores: cores).verdict == .incomplete)
    }
  }
}
