// SPDX-License-Identifier: Apache-2.0

/// The list of citizens that an administration hands over. Private.
///
/// Source: `Specs/roll.md`, section "The list of citizens".
public struct CitizenList: Hashable, Sendable {
  /// The columns of the file, in their order.
  public static let columns = ["citizen", "district", "identifier", "name", "address"]
  /// The citizens in the order of the file. References and identifiers are unique.
  public let citizens: [Citizen]

  /// A list that keeps the rules.
  init(checked citizens: [Citizen]) { self.citizens = citizens }

  /// Reads a file. Every row is read and the file is refused as a whole if a rule is broken anywhere. Where
  /// quotation marks are wrong, reading ends, since the next row's beginning is unknown.
  ///
  /// - Parameters:
  ///   - csv: the bytes of the file, at most 1 GiB.
  ///   - districts: the labels that the election has.
  /// - Throws: ``RollFileError``, with lines and rules and nothing personal.
  public init(csv: [UInt8], districts: some Sequence<String>) throws(RollFileError) {
    var problems = RollProblems()
    var rows = CitizenRows(CitizenParser(districts: districts))
    try CSVReader.readAll(csv, columns: Self.columns, &problems) { reader, problems in
      rows.read(reader, &problems)
    }
    citizens = rows.citizens
  }

  /// The file that reads as this list. Private.
  public func csv() -> [UInt8] {
    var writer = CSVWriter(columns: Self.columns)
    for citizen in citizens {
      writer.append([
        citizen.citizen, citizen.district, citizen.identifier ?? "", citizen.name, citizen.address,
      ])
    }
    return writer.bytes
  }
}

/// The rows of a list as they are read.
private struct CitizenRows {
  private(set) var citizens: [Citizen] = []
  private let parser: CitizenParser
  private var citizenLines: [String: Int32] = [:]
  private var identifierLines: [String: Int32] = [:]

  init(_ parser: CitizenParser) { self.parser = parser }

  mutating func read(_ reader: CSVReader, _ problems: inout RollProblems) {
    var rules: [RollRule] = []
    let report = { (rule: RollRule) in rules.append(rule) }
    let reference = CitizenParser.collect(report) { () throws(RollRule) in
      try TextRule.citizen.required(reader.field(0))
    }
    let district = CitizenParser.collect(report) { () throws(RollRule) in
      try parser.district(reader.field(1))
    }
    let citizen = parser.citizen(
      citizen: reference, district: district, identifier: reader.field(2), name: reader.field(3),
      address: reader.field(4), report)
    let line = Int32(clamping: reader.line)
    if let reference, let first = Self.first(&citizenLines, reference, line) {
      report(.duplicate(column: "citizen", line: first))
    }
    if let identifier = citizen?.identifier,
      let first = Self.first(&identifierLines, identifier, line)
    {
      report(.duplicate(column: "identifier", line: first))
    }
    for rule in rules { problems.add(rule, line: reader.line) }
    if rules.isEmpty, let citizen { citizens.append(citizen) }
  }

  /// The line on which the value was first; nil if that is this one.
  private static func first(_ lines: inout [String: Int32], _ value: String, _ line: Int32) -> Int?
  {
    if let first = lines[value] { return Int(first) }
    lines[value] = line
    return nil
  }
}
