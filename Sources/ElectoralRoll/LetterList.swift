// SPDX-License-Identifier: Apache-2.0

/// Where a letter goes: all that an authority that sends letters has to know of an entry. Private. The salt is not
/// in it, so that who sends letters cannot find the citizens' requests.
public struct LetterEntry: Hashable, Sendable {
  /// The number of the district, from 1.
  public let district: Int
  /// i, the number of the entry in its district, from 1.
  public let index: Int
  /// The name on the letter.
  public let name: String
  /// The lines of the address, separated by line feeds.
  public let address: String

  /// An entry from its parts.
  public init(district: Int, index: Int, name: String, address: String) {
    self.district = district
    self.index = index
    self.name = name
    self.address = address
  }
}

extension LetterEntry {
  /// Whether name and address probably need more than the six lines of 40 characters that fit into an envelope's
  /// window. A guess, since widths depend on the font: such letters want a look before they are sent.
  public var mayExceedWindow: Bool {
    ([name] + address.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
      .reduce(0) { $0 + max(1, ($1.count + 39) / 40) } > 6
  }
}

extension LetterEntry: CustomStringConvertible, CustomReflectable {
  /// Says nothing about the citizen, so that no log does.
  public var description: String { "entry \(index) of district \(district)" }
  /// Empty, so that a dump shows nothing.
  public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// What the issuers hand to an authority that sends letters: the entries with keys, and no others. Private.
///
/// Source: `Specs/roll.md`, section "Keys of letters".
public struct LetterList: Hashable, Sendable {
  /// The columns of the file, in their order.
  public static let columns = ["district", "index", "name", "address"]

  /// The districts of the roll.
  public let districts: [RollDistrict]
  /// The entries by district and index.
  public let entries: [LetterEntry]

  /// The letters of a roll.
  public init(_ draft: RollDraft) {
    districts = draft.districts
    entries = draft.rows.filter(\.hasKeys).map {
      LetterEntry(district: $0.district, index: $0.index, name: $0.name, address: $0.address)
    }
  }

  /// Reads a file: a row for every entry with keys, in any order, and no others.
  ///
  /// - Throws: ``RollFileError``.
  public init(csv: [UInt8], for districts: [RollDistrict]) throws(RollFileError) {
    var table = EntryTable<(name: String, address: String)>(districts)
    try CSVReader.readAll(csv, columns: Self.columns) { (reader) throws(RollRule) in
      try table.read(reader) { () throws(RollRule) in
        (
          name: try TextRule.name.required(reader.field(2)),
          address: try TextRule.address.required(reader.field(3))
        )
      }
    }
    let values = try table.complete()
    entries = zip(districts, values).flatMap { district, list in
      list.enumerated().map {
        LetterEntry(
          district: district.number, index: $0 + 1, name: $1.name, address: $1.address)
      }
    }
    self.districts = districts
  }

  /// The file that reads as this list. Private.
  public func csv() -> [UInt8] {
    var writer = CSVWriter(columns: Self.columns)
    for entry in entries {
      guard districts.indices.contains(entry.district - 1) else { continue }
      writer.append([
        districts[entry.district - 1].label, String(entry.index), entry.name, entry.address,
      ])
    }
    return writer.bytes
  }
}
