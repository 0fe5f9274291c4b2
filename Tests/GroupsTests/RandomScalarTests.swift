// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Cryptography
import Foundation
import Groups
import TestSupport
import Testing

/// Where random scalars come from.
@Suite struct RandomScalarTests {
  static let groups = [Group.standard, Group.reduced] + ToyGroups.all

  private func bytes(_ number: Schoolbook, _ group: Group) -> [UInt8] {
    number.bytes(count: (group.parameters.q.bitWidth + 7) / 8)
  }

  // adversary: F-08, G-06
  /// Candidates of q and more are thrown away and drawn again, not reduced: that would make small
  /// numbers likelier.
  @Test(arguments: groups) func candidatesAboveTheOrderAreDrawnAgain(_ group: Group) throws {
    let q = Schoolbook(bytes: group.parameters.q.bigEndianBytes())
    let width = (group.parameters.q.bitWidth + 7) / 8
    let largest = q - Schoolbook(1)
    var candidates = [
      q, q + Schoolbook(1), .power(ofTwo: 8 * width) - Schoolbook(1), largest, Schoolbook(0),
    ].map { bytes($0, group) }
    var widths: [Int] = []
    func draw(_ count: Int) throws(CryptographyError) -> SecretBytes {
      widths.append(count)
      guard !candidates.isEmpty else { throw .randomnessUnavailable }
      return SecretBytes(copying: candidates.removeFirst())
    }
    let first = try group.randomSecretScalar(drawing: draw)
    #expect(group.revealed(first).bytes == largest.bytes(count: 32))
    #expect(widths == [width, width, width, width], "three candidates refused, the fourth taken")
    let second = try group.randomSecretScalar(drawing: draw)
    #expect(group.revealed(second) == .zero)
    #expect(widths.count == 5)
    #expect(throws: GroupError.randomnessUnavailable) {
      _ = try group.randomSecretScalar(drawing: draw).copy()
    }
  }

  // adversary: G-06
  /// Without randomness there is no scalar, not even after some refused candidates.
  @Test(arguments: groups) func withoutRandomnessThereIsNoScalar(_ group: Group) {
    var draws = 0
    func draw(_ count: Int) throws(CryptographyError) -> SecretBytes {
      draws += 1
      guard draws < 3 else { throw .randomnessUnavailable }
      return SecretBytes(copying: [UInt8](repeating: 0xFF, count: count))
    }
    #expect(throws: GroupError.randomnessUnavailable) {
      _ = try group.randomSecretScalar(drawing: draw).copy()
    }
    #expect(draws == 3)
  }

  /// Every scalar of a small group once: uniform bytes below q become themselves.
  @Test func scalarsAreTheirCandidates() throws {
    let group = ToyGroups.q16p48
    var taken = 0
    for candidate in 0..<65_536 as Range<UInt32> {
      var candidates = [bytes(Schoolbook(candidate), group), [0, 0]]
      let scalar = try group.randomSecretScalar { _ throws(CryptographyError) in
        SecretBytes(copying: candidates.removeFirst())
      }
      if candidates.count == 1 {
        taken += 1
        #expect(group.revealed(scalar) == group.scalar(UInt64(candidate)))
      }
    }
    #expect(taken == 65_521)
  }

  @Test(arguments: groups) func operatingSystemsScalarsAreInRangeAndDiffer(_ group: Group) throws {
    var seen = Set<Scalar>()
    for _ in 0..<1_000 {
      let scalar = try group.randomScalar()
      #expect(try group.scalar(bytes: scalar.bytes) == scalar)
      seen.insert(scalar)
    }
    // In the smallest group of 65,521 a thousand draws give about eight pairs.
    #expect(seen.count > 950)
    let list = try SecretScalars.random(count: 5, in: group)
    #expect(list.count == 5)
  }
}

/// Rules on the sources that the compiler does not check: they keep test doubles and other groups out
/// of the programs.
@Suite struct RandomnessSourceTests {
  private func sources() throws -> [(path: String, text: String)] {
    let root = Shared.repository.appendingPathComponent("Sources")
    let files = try #require(FileManager.default.enumerator(atPath: root.path))
    var found: [(String, String)] = []
    for case let path as String in files where path.hasSuffix(".swift") || path.hasSuffix(".h") {
      let text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
      found.append((path, text))
    }
    return found
  }

  private func files(with words: [String]) throws -> Set<String> {
    Set(
      try sources().filter { file in words.contains { file.text.contains($0) } }.map(\.path))
  }

  // adversary: G-06
  @Test func randomnessComesFromTheOperatingSystemOnly() throws {
    #expect(try sources().count > 100)
    #expect(try files(with: ["unsafe getrandom("]) == ["Cryptography/SecureRandom.swift"])
    let others = [
      "RAND_", "keygen", "arc4random", "/dev/random", "/dev/urandom", "rand48", "srand(",
      "SystemRandomNumberGenerator", "gmp_randinit", "mpz_urandom", "mt19937",
    ]
    // RSA keys are made by libcrypto, whose generator the operating system seeds.
    #expect(try files(with: others) == ["Cryptography/RSAPrivateKey.swift"])
    // Ordinary generators fill in random ballots of the demonstration and play the voters of a load. They
    // choose among entries of a full pool, and how long a client waits before it asks again: no secret
    // hangs on those.
    let ordinary = [
      "RandomNumberGenerator", ".random(in:", ".shuffled(", ".randomElement(", "UUID(",
    ]
    let users = try files(with: ordinary).filter {
      !$0.hasPrefix("Programs/demo/") && !$0.hasPrefix("BallotBoxLoad/")
        && !$0.hasPrefix("Programs/ballot-box/Load")
    }
    #expect(users == ["BallotBoxService/Intake.swift", "WebClient/RetryPolicy.swift"])
  }

  // adversary: G-06, F-12
  /// Functions that take randomness exist for known answers; only their own library calls them.
  @Test func programsDoNotGiveRandomness() throws {
    #expect(try files(with: ["drawing"]) == ["Groups/Group+Secrets.swift"])
    let given = ["randomness:", "nonces:", "commitment: try"]
    // The roll takes given salts in its own tests.
    let users = try files(with: given).filter {
      !$0.hasPrefix("ElGamal/") && $0 != "ElectoralRoll/RollDraft.swift"
    }
    #expect(users == [])
  }

  // adversary: G-03
  /// Groups are made in one place, from constants; the toy groups are in a target that no program
  /// links.
  @Test func groupsAreBuiltIn() throws {
    #expect(
      try files(with: ["GroupParameters("]) == ["Groups/GroupParameters+Standard.swift"])
    #expect(try files(with: [" Group(", "(Group("]) == ["Groups/Group.swift"])
    #expect(try files(with: ["TestSupport", "ToyGroups", "toy-"]) == [])
    let package = try String(
      contentsOf: Shared.repository.appendingPathComponent("Package.swift"), encoding: .utf8)
    for opening in ["\n    library(", "\n    program("] {
      let targets = package.components(separatedBy: opening).dropFirst().map { rest in
        rest.components(separatedBy: "])")[0]
      }
      #expect(targets.count >= 6)
      for target in targets {
        #expect(!target.contains("TestSupport") && !target.contains("Fixtures"), "\(target)")
      }
    }
  }
}
