// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Ledger
import TestSupport
import Testing

/// The tree over what was issued for every entry of the roll, against a recomputation from the record's entries that
/// shares no code with it.
@Suite struct IssuanceStatusTests {
  // adversary: E-12
  @Test func rootsAreThoseOfThePage() throws {
    let seed = UInt64.random(in: .min ... .max)
    var generator = SeededGenerator(seed: seed)
    for round in 0..<4 {
      let fixture = try Self.played(&generator)
      let lists = fixture.state.frozenLists()
      for district in 1...2 {
        let leaves = try Self.leaves(district, of: fixture)
        let root = Self.root(leaves[...])
        #expect(lists[district - 1].issuanceRoot == root, "seed \(seed), round \(round)")
        for index in 1...leaves.count {
          let status = try #require(
            fixture.state.issuanceStatus(district: district, index: index))
          let path = try #require(fixture.state.issuancePath(district: district, index: index))
          #expect(status.bytes == leaves[index - 1], "seed \(seed), round \(round)")
          #expect(
            status.isIncluded(path: path, size: leaves.count, root: root),
            "seed \(seed), round \(round)")
          var moved = status
          moved.index = index % leaves.count + 1
          #expect(!moved.isIncluded(path: path, size: leaves.count, root: root))
        }
        #expect(fixture.state.issuanceStatus(district: district, index: 0) == nil)
        #expect(
          fixture.state.issuanceStatus(district: district, index: leaves.count + 1) == nil)
      }
    }
    let listed = try ElectionFixture.toy(.voting)
    #expect(listed.state.frozenLists().isEmpty)
    #expect(listed.state.issuanceStatus(district: 1, index: 1) == nil)
  }

  /// Some ask, some give up, some of these ask again.
  private static func played(
    _ generator: inout SeededGenerator
  ) throws -> ElectionFixture {
    var fixture = try ElectionFixture.credentialed(.registering)
    for voter in 1...8 {
      guard Int.random(in: 0..<4, using: &generator) > 0 else { continue }
      try fixture.admit(fixture.entry(fixture.issuance(voter), by: .issuer(1)))
      guard Bool.random(using: &generator) else { continue }
      try fixture.admit(fixture.entry(fixture.cancellation(voter), by: .voter(voter)))
      guard Bool.random(using: &generator) else { continue }
      try fixture.admit(fixture.entry(fixture.issuance(voter, attempt: 1), by: .issuer(2)))
    }
    return fixture
  }

  /// The leaves by `Specs/credentials.md`, from the record's entries alone.
  private static func leaves(
    _ district: Int, of fixture: ElectionFixture
  ) throws -> [[UInt8]] {
    func big(_ number: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * (count - 1 - $0))) }
    }
    var requests: [Int: [(entry: Int, time: Int, hash: [UInt8], isCancelled: Bool)]] = [:]
    var time = 0
    for (index, file) in fixture.entries.enumerated() {
      switch EntryType(rawValue: file.entry.type) {
      case .batch: time = try BatchOpened(bytes: file.payload, in: fixture.group).time
      case .credentialIssuance:
        let issuance = try CredentialIssuance(bytes: file.payload, in: fixture.group)
        guard issuance.district == district else { continue }
        let name = Array("urna/request/v1".utf8) + [0] + big(8, 2) + Array("election".utf8)
        var bytes = name + (try fixture.electionID()).bytes + big(district, 4)
        bytes += big(issuance.index, 4) + big(issuance.attempt, 4) + big(issuance.blinded.count, 1)
        for digest in issuance.blinded { bytes += digest.bytes }
        requests[issuance.index, default: []].append(
          (index, time, SHA256.hash(bytes).bytes, false))
      case .credentialCancelled:
        let cancelled = try CredentialCancelled(bytes: file.payload, in: fixture.group)
        guard cancelled.district == district else { continue }
        requests[cancelled.index]?[cancelled.attempt].isCancelled = true
      default: continue
      }
    }
    let count = district == 1 ? 5 : 3
    return try (1...count).map { index in
      let own = requests[index] ?? []
      var leaf = Array("urna/issuance-status/v1".utf8) + [0] + big(8, 2) + Array("election".utf8)
      leaf += try fixture.electionID().bytes
      leaf += big(district, 4) + big(index, 4) + big(own.count, 1)
      for request in own {
        leaf += big(request.entry, 8) + big(request.time, 8) + request.hash
        leaf += [request.isCancelled ? 1 : 0]
      }
      return leaf
    }
  }

  /// MTH of RFC 6962, section 2.1, word by word.
  private static func root(_ leaves: ArraySlice<[UInt8]>) -> Digest {
    guard leaves.count > 1 else { return SHA256.hash([0] + (leaves.first ?? [])) }
    var half = 1
    while 2 * half < leaves.count { half *= 2 }
    let middle = leaves.startIndex + half
    return SHA256.hash([1] + root(leaves[..<middle]).bytes + root(leaves[middle...]).bytes)
  }
}
