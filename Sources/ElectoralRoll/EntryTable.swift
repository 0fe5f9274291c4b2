// SPDX-License-Identifier: Apache-2.0

/// What a file says about the entries with keys, as it is read: columns `district` and `index` first, then a value
/// for the entry.
struct EntryTable<Value> {
  private struct Place {
    let value: Value
    let line: Int
  }

  private let districts: [RollDistrict]
  private let numbers: [String: Int]
  private var places: [[Place?]]

  init(_ districts: [RollDistrict]) {
    self.districts = districts
    numbers = Dictionary(districts.enumerated().map { ($1.label, $0) }) { first, _ in first }
    places = districts.map { Array(repeating: nil, count: $0.keyEntries) }
  }

  /// Takes a row.
  ///
  /// - Parameters:
  ///   - value: reads what stands behind the first two columns.
  ///   - check: what else must hold, once the entry is known to be new.
  mutating func read(
    _ reader: CSVReader, _ value: () throws(RollRule) -> Value,
    check: (Value) throws(RollRule) -> Void = { (_) throws(RollRule) in }
  ) throws(RollRule) {
    let label = try TextRule.district.required(reader.field(0))
    guard let district = numbers[label] else {
      throw .unknownDistrict(DistrictLabel.isValid(label) ? label : nil)
    }
    guard let index = StrictNumber.positive(reader.field(1)) else {
      throw .number(column: "index")
    }
    guard index <= places[district].count else { throw .unknownEntry }
    let value = try value()
    if let earlier = places[district][index - 1] { throw .duplicateEntry(line: earlier.line) }
    try check(value)
    places[district][index - 1] = Place(value: value, line: reader.line)
  }

  /// The values of each district from index 1 on.
  ///
  /// - Throws: ``RollFileError`` if entries are missing.
  func complete() throws(RollFileError) -> [[Value]] {
    var missing = 0
    var first: (district: String, index: Int)?
    var values: [[Value]] = []
    for (district, list) in zip(districts, places) {
      for (offset, place) in list.enumerated() where place == nil {
        missing += 1
        if first == nil { first = (district.label, offset + 1) }
      }
      values.append(list.compactMap { $0?.value })
    }
    guard let first else { return values }
    let rule = RollRule.missingEntries(
      count: missing, district: first.district, index: first.index)
    throw RollFileError(problems: [RollProblem(line: nil, rule: rule)], others: 0)
  }
}

/// Numbers in decimal digits, written in the one way.
enum StrictNumber {
  /// A number from 1 to 999,999,999 without a leading zero; nil for anything else.
  static func positive(_ bytes: some Collection<UInt8>) -> Int? {
    guard (1...9).contains(bytes.count), bytes.first != UInt8(ascii: "0") else { return nil }
    var number = 0
    for byte in bytes {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      number = 10 * number + Int(byte - UInt8(ascii: "0"))
    }
    return number
  }
}
