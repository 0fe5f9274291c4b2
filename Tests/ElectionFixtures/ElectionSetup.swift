// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import Election
package import Groups
package import Ledger
internal import StrictJSON
internal import TestSupport

/// Somebody with an Ed25519 key that follows from a name, so that fixtures can be values.
package struct Identity: Sendable {
  package let seed: [UInt8]
  package let publicKey: Ed25519.PublicKey

  package init(_ name: String) throws {
    try self.init(seed: SHA256.hash(Array("urna/test/\(name)".utf8)).bytes)
  }

  package init(seed: [UInt8]) throws {
    self.seed = seed
    publicKey = try Ed25519.PrivateKey(seed: SecretBytes(copying: seed)).publicKey
  }

  package func key() throws -> Ed25519.PrivateKey {
    try Ed25519.PrivateKey(seed: SecretBytes(copying: seed))
  }
}

/// A voter of a fixture: 1 is the style of the north, 2 that of the south.
package struct VoterSetup: Sendable {
  package var style: Int
  package var weight: Int

  package init(style: Int, weight: Int = 1) {
    self.style = style
    self.weight = weight
  }

  package var district: String { style == 1 ? "north" : "south" }
}

/// What an election of a fixture is like.
package struct ElectionSetup: Sendable {
  package var group: Group
  package var trustees = 3
  package var threshold = 2
  package var revoting = true
  package var opensContestData = true
  package var voters: [VoterSetup] = [
    .init(style: 1), .init(style: 1), .init(style: 2, weight: 4), .init(style: 2),
    .init(style: 1), .init(style: 1), .init(style: 1), .init(style: 2),
  ]
  /// When ballots are admitted. Batches of a fixture are seconds from 1,000 on.
  package var votingWindow = ElectionConfiguration.anyTime
  package var witnessPolicy = WitnessPolicy.none
  /// How voters get credentials; nil where the configuration lists them.
  package var credentials: CredentialSetup?
  /// Names the election, so that two elections with equal settings differ.
  package var name = "Fixture"
  /// Changes one letter of the manifest.
  package var manifestName = "City"

  /// An election in a toy group, where a full cycle takes milliseconds. Its q has 24 bits, so a wrong
  /// proof passes once in 16 million.
  package init(group: Group = ToyGroups.q24p64) { self.group = group }

  package static let logName = "example.org/election"
  package static let device = "urna test"

  /// Contest 1: mayor, one of three (north). 2: points, R = 3, L = 5 (both). 3: council with a
  /// write-in line and contest data (north). 4: yes or no (south). 5: of a ballot style nobody has.
  package func manifest() throws -> Manifest {
    func text(_ text: String) -> LocalizedText {
      LocalizedText([.init(language: "en", text: text)])
    }
    func option(_ label: String, isWriteIn: Bool = false) -> ContestOption {
      ContestOption(label: label, name: text(label), isWriteIn: isWriteIn)
    }
    func contest(
      _ label: String, _ district: String, _ variation: VoteVariation, limit: Int, option: Int,
      blocks: Int = 0, _ options: [ContestOption]
    ) -> Contest {
      Contest(
        label: label, name: text(label), district: district, variation: variation,
        selectionLimit: limit, optionLimit: option, contestDataBlocks: blocks, options: options)
    }
    return try Manifest(
      label: "fixture", name: text(manifestName), languages: ["en"], parties: [],
      districts: [
        District(label: "north", name: text("North")),
        District(label: "south", name: text("South")),
        District(label: "island", name: text("Island")),
      ],
      contests: [
        contest(
          "mayor", "north", .plurality, limit: 1, option: 1,
          [option("ann"), option("bob"), option("eve")]),
        contest(
          "points", "north", .score, limit: 5, option: 3, [option("x"), option("y"), option("z")]),
        contest(
          "council", "north", .plurality, limit: 1, option: 1, blocks: 2,
          [option("kim"), option("write-in", isWriteIn: true)]),
        contest("bridge", "south", .yesNo, limit: 1, option: 1, [option("yes"), option("no")]),
        contest("harbour", "island", .yesNo, limit: 1, option: 1, [option("yes"), option("no")]),
      ],
      ballotStyles: [
        BallotStyle(label: "n", name: text("N"), districts: ["north"], contests: [1, 2, 3]),
        BallotStyle(label: "s", name: text("S"), districts: ["south"], contests: [2, 4]),
        BallotStyle(label: "i", name: text("I"), districts: ["island"], contests: [5]),
      ])
  }
}
