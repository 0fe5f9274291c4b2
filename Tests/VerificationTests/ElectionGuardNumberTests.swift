// SPDX-License-Identifier: Apache-2.0

import StrictJSON
import TestSupport
import Testing
import Verification

/// Numbers outside their range or outside the group, in every kind of place.
@Suite(.needsShared) struct ElectionGuardNumberTests {
  private static let selection = "/ballots/0/contests/0/selections/0"

  /// Every kind of place where a scalar stands, and the rule of its range.
  static let scalars = [
    ("\(selection)/proof/0/c", "6.B"), ("\(selection)/proof/1/c", "6.B"),
    ("\(selection)/proof/0/v", "6.C"), ("\(selection)/proof/1/v", "6.C"),
    ("/ballots/0/contests/2/selections/0/proof/3/v", "6.C"),
    ("/ballots/0/contests/0/limit_proof/1/c", "7.B"),
    ("/ballots/0/contests/0/limit_proof/1/v", "7.C"),
    ("/preencrypted_ballots/0/contests/0/selections/0/proof/0/c", "6.B"),
    ("/preencrypted_ballots/0/contests/0/limit_proof/0/v", "7.C"),
    ("/guardians/0/proof_vote/c", "2.C"), ("/guardians/0/proof_vote/v/0", "2.B"),
    ("/guardians/2/proof_data/c", "2.C"), ("/guardians/2/proof_data/v/2", "2.B"),
    ("/tally/0/proof/c", "10.B"), ("/tally/0/proof/v", "10.A"),
    ("/contest_data_decryptions/0/proof/c", "12.B"),
    ("/contest_data_decryptions/0/proof/v", "12.A"),
    ("/challenged_ballot_openings/0/contests/0/xi/0", "13.B"),
    ("/challenged_ballot_openings/0/contests/0/contest_data_xi", "13.A"),
    ("/ballots/0/encrypted_ballot_nonce/C2/c", "BAL-7"),
    ("/ballots/0/encrypted_ballot_nonce/C2/v", "BAL-7"),
    ("/ballots/0/contests/0/contest_data/C2/v", "BAL-7"),
  ]

  // The equations hold modulo q, so that nothing but the range tells x + q from x.
  // adversary: F-11
  @Test(arguments: scalars) func scalarPlusOrderFailsTheRangeAlone(
    _ pointer: String, _ rule: String
  ) async throws {
    let known = try KnownRecord()
    let sum = HexNumber.add(try known.text(pointer), HexNumber.q)
    #expect(try await known.broken(pointer, sum) == [rule])
  }

  // adversary: F-11
  @Test(arguments: scalars) func scalarOfAnotherShapeIsRefused(
    _ pointer: String, _ rule: String
  ) async throws {
    let known = try KnownRecord()
    let good = try known.text(pointer)
    for bad in [
      "-" + good.dropFirst(), "", "0" + good, String(good.dropFirst()), good + good,
      good.lowercased() + "", "0x" + good.dropFirst(2), " " + good.dropFirst(),
      "1" + String(repeating: "0", count: 1024),
    ] where bad != good {
      await #expect(throws: ElectionGuardRecordError.self, "\(bad)") {
        try await known.broken(pointer, bad)
      }
    }
  }

  /// Every kind of place where an element stands, the rule of its range, and the rule of membership.
  static let elements = [
    ("\(selection)/alpha", "6.A", "6.A"), ("\(selection)/beta", "6.A", "6.A"),
    ("/ballots/2/contests/2/selections/1/beta", "6.A", "6.A"),
    ("/preencrypted_ballots/0/contests/0/selections/0/alpha", "6.A", "6.A"),
    ("/guardians/0/K_vote/0", "2.A", "2.A"), ("/guardians/0/K_vote/1", "2.A", "2.A"),
    ("/guardians/1/K_data/0", "2.A", "2.A"), ("/guardians/2/kappa", "2.A", "2.A"),
    ("/K", "3.A", "3.A"), ("/K_hat", "3.B", "3.B"),
    ("/tally/0/A", "9.A", "9.A"), ("/tally/0/B", "9.B", "9.B"), ("/tally/0/T", "10.C", "10.B"),
    ("/contest_data_decryptions/0/beta", "12.B", "12.B"),
    ("/ballots/0/encrypted_ballot_nonce/C0", "BAL-7", "BAL-7"),
    ("/ballots/0/contests/0/contest_data/C0", "BAL-7", "BAL-7"),
  ]

  // adversary: G-01, G-02
  @Test(arguments: elements) func elementPlusModulusFailsTheRangeAlone(
    _ pointer: String, _ range: String, _ membership: String
  ) async throws {
    let known = try KnownRecord()
    let sum = HexNumber.add(try known.text(pointer), HexNumber.p)
    #expect(try await known.broken(pointer, sum) == [range])
  }

  // adversary: G-01, G-08
  @Test(arguments: elements) func elementOutsideTheGroupIsFound(
    _ pointer: String, _ range: String, _ membership: String
  ) async throws {
    let known = try KnownRecord()
    let one = HexNumber.small(1, digits: 1024)
    let good = try known.text(pointer)
    for (name, bad, rule) in [
      ("0", HexNumber.small(0, digits: 1024), range),
      ("p", HexNumber.p, range),
      ("p + g", HexNumber.add(HexNumber.p, HexNumber.g), range),
      ("p − 1", HexNumber.subtract(HexNumber.p, one), membership),
      ("g·(p − 1)", HexNumber.subtract(HexNumber.p, HexNumber.g), membership),
      ("−x", HexNumber.subtract(HexNumber.p, good), membership),
      ("2, of order r", HexNumber.small(2, digits: 1024), membership),
    ] {
      let broken = try await known.broken(pointer, bad)
      #expect(broken.contains(rule), "\(name): \(broken.sorted())")
    }
    // 1 is in the group, and still wrong everywhere.
    #expect(try await known.broken(pointer, one) != [], "1")
  }

  // adversary: G-08
  @Test func trivialCiphertextIsNotWellFormed() async throws {
    let known = try KnownRecord()
    let one = HexNumber.small(1, digits: 1024)
    #expect(try await known.broken("\(Self.selection)/alpha", one).contains("6.A"))
  }

  // adversary: G-02, G-09
  @Test(arguments: elements) func elementOfAnotherShapeIsRefused(
    _ pointer: String, _ range: String, _ membership: String
  ) async throws {
    let known = try KnownRecord()
    let good = try known.text(pointer)
    for bad in [
      "0" + good, "00" + good, String(good.dropLast()), good + "00", good.lowercased(), "",
      "+" + good.dropFirst(), "0x" + good.dropFirst(2), String(repeating: "F", count: 60_000),
    ] where bad != good {
      await #expect(throws: ElectionGuardRecordError.self, "\(bad.prefix(8))") {
        try await known.broken(pointer, bad)
      }
    }
  }
}
