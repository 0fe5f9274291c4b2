// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
public import StrictJSON

/// What `ballot-box load prepare` leaves in a folder, beside the record `record`, its database
/// `record.sqlite`, the box's keys `box.keys` and the bundles of ballots: `load.json`.
///
/// The file's seed gives the keys of everybody but the box.
public struct LoadManifest: Sendable {
  /// The election.
  public let election: LoadElection
  /// The ports of the witnesses that a run starts; empty if they are somebody else's.
  public let witnessPorts: [Int]

  /// The file's name.
  public static let fileName = "load.json"

  /// From its parts.
  public init(election: LoadElection, witnessPorts: [Int]) {
    self.election = election
    self.witnessPorts = witnessPorts
  }

  /// Reads the file.
  public init(_ reader: JSONReader) throws(JSONError) {
    let fields = try reader.fields(["options", "seed", "version", "voters", "witnessPorts"])
    _ = try fields["version"].integer(1...1)
    election = LoadElection(
      seed: try fields["seed"].hex(bytes: 32), voters: try fields["voters"].integer(1...1_000_000),
      options: try fields["options"].integer(2...64))
    var ports: [Int] = []
    for port in try fields["witnessPorts"].array(0...2) {
      ports.append(try port.integer(1...65535))
    }
    witnessPorts = ports
  }

  /// The file.
  public var bytes: [UInt8] {
    let value: JSONValue = [
      "options": .integer(Int64(election.options)), "seed": .string(Hex.encode(election.seed)),
      "version": 1, "voters": .integer(Int64(election.voters)),
      "witnessPorts": .array(witnessPorts.map { .integer(Int64($0)) }),
    ]
    return value.prettyBytes()
  }
}
