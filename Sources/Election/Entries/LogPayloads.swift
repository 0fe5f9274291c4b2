// SPDX-License-Identifier: Apache-2.0

public import Groups
public import StrictJSON

/// The ballot box opens a batch. Entries of a batch carry only its time, so that the order of arrival
/// cannot link voters to ballots (`Specs/entries.md`).
public struct BatchOpened: EntryPayload, Equatable {
  /// `log.batch`
  public static let type = EntryType.batch
  /// Counts batches from 1.
  public var number: Int
  /// Seconds since 1970-01-01T00:00:00Z.
  public var time: Int

  /// The last second of the year 9999.
  public static let maximumTime = 253_402_300_799

  /// A batch from its parts.
  public init(number: Int, time: Int) {
    self.number = number
    self.time = time
  }

  /// Reads the payload.
  /// - Throws: `JSONError`.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields(["number", "time"])
    number = try fields["number"].index()
    time = try fields["time"].integer(0...Self.maximumTime)
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    [JSONMember(name: "number", value: number.json), JSONMember(name: "time", value: time.json)]
  }
}
