// SPDX-License-Identifier: Apache-2.0

extension CitizenList {
  /// The columns of a file of changes, in their order.
  public static let changeColumns = [
    "action", "citizen", "district", "identifier", "name", "address", "reason",
  ]

  /// Applies a file of changes, line after line, before the election's configuration is made. The file is refused
  /// as a whole if a line breaks a rule.
  ///
  /// - Parameters:
  ///   - csv: the bytes of the file.
  ///   - districts: the labels that the election has.
  /// - Returns: a new list, in which citizens who were added stand last.
  /// - Throws: ``RollFileError``.
  public func applying(
    csv: [UInt8], districts: some Sequence<String>
  ) throws(RollFileError) -> ChangedList {
    var problems = RollProblems()
    var changes = ListChanges(self, CitizenParser(districts: districts))
    try CSVReader.readAll(csv, columns: Self.changeColumns, &problems) { reader, problems in
      changes.read(reader) { problems.add($0, line: reader.line) }
    }
    return ChangedList(list: CitizenList(checked: changes.citizens), summary: changes.summary)
  }
}

/// A list as lines change it.
private struct ListChanges {
  private let parser: CitizenParser
  /// Nil where a citizen was removed.
  private var slots: [Citizen?]
  private var positions: [String: Int]
  private var identifiers: Set<String>
  private var counts: [RollAction: [String: Int]] = [:]

  init(_ list: CitizenList, _ parser: CitizenParser) {
    self.parser = parser
    slots = list.citizens
    positions = Dictionary(list.citizens.enumerated().map { ($1.citizen, $0) }) { first, _ in first
    }
    identifiers = Set(list.citizens.compactMap(\.identifier))
  }

  var citizens: [Citizen] { slots.compactMap(\.self) }

  var summary: [RollChangeCount] {
    RollAction.allCases.flatMap { action in
      (counts[action] ?? [:]).sorted { $0.key < $1.key }
        .map { RollChangeCount(action: action, reason: $0.key, count: $0.value) }
    }
  }

  /// Reads and applies a line. A line that breaks a rule changes nothing.
  mutating func read(_ reader: CSVReader, _ report: (RollRule) -> Void) {
    guard let action = RollAction(rawValue: String(decoding: reader.field(0), as: UTF8.self))
    else {
      report(.action)
      return
    }
    let others = CitizenList.changeColumns.indices.filter {
      !action.takes(CitizenList.changeColumns[$0]) && !reader.isEmpty($0)
    }
    for index in others {
      report(.notTaken(column: CitizenList.changeColumns[index], action: action.rawValue))
    }
    let reason = CitizenParser.collect(report) { () throws(RollRule) in
      try TextRule.reason.required(reader.field(6))
    }
    let reference = CitizenParser.collect(report) { () throws(RollRule) in
      try TextRule.citizen.required(reader.field(1))
    }
    var district: String?
    if action.takes("district") {
      district = CitizenParser.collect(report) { () throws(RollRule) in
        try parser.district(reader.field(2))
      }
      if district == nil { return }
    }
    guard let reason, let reference, others.isEmpty else { return }
    let position = positions[reference]
    let before = position.flatMap { slots[$0] }
    if action == .add ? before != nil : before == nil {
      report(action == .add ? .citizenKnown : .citizenUnknown)
      return
    }
    let outcome = outcome(action, reference, district ?? before?.district, before, reader, report)
    let after: Citizen?
    switch outcome {
    case .refused: return
    case .removed: after = nil
    case .citizen(let citizen): after = citizen
    }
    if [before, after].contains(where: { $0?.isNamed(in: reason) == true }) {
      report(.reasonNamesCitizen)
      return
    }
    if before == after {
      report(.noChange)
      return
    }
    if let identifier = after?.identifier, identifier != before?.identifier,
      identifiers.contains(identifier)
    {
      report(.taken(column: "identifier"))
      return
    }
    replace(position, before, after)
    counts[action, default: [:]][reason, default: 0] += 1
  }

  /// What a line makes of a citizen.
  private enum Outcome {
    case citizen(Citizen)
    case removed
    /// A rule is broken, which was reported.
    case refused
  }

  private func outcome(
    _ action: RollAction, _ reference: String, _ district: String?, _ before: Citizen?,
    _ reader: CSVReader, _ report: (RollRule) -> Void
  ) -> Outcome {
    switch action {
    case .remove: return .removed
    case .move:
      guard let before, let district else { return .refused }
      return .citizen(
        Citizen(
          citizen: reference, district: district, identifier: before.identifier, name: before.name,
          address: before.address))
    case .add, .change:
      let read = parser.citizen(
        citizen: reference, district: district, identifier: reader.field(3), name: reader.field(4),
        address: reader.field(5), report)
      // What a letter lacks was reported.
      guard let read, !read.getsLetters || !(read.name.isEmpty || read.address.isEmpty) else {
        return .refused
      }
      return .citizen(read)
    }
  }

  private mutating func replace(_ position: Int?, _ before: Citizen?, _ after: Citizen?) {
    if let identifier = before?.identifier { identifiers.remove(identifier) }
    if let identifier = after?.identifier { identifiers.insert(identifier) }
    if let position {
      slots[position] = after
      if after == nil, let before { positions[before.citizen] = nil }
    } else if let after {
      positions[after.citizen] = slots.count
      slots.append(after)
    }
  }
}

extension RollAction {
  /// Whether a line of this action has something in the column.
  fileprivate func takes(_ column: String) -> Bool {
    switch column {
    case "district": self == .add || self == .move
    case "identifier", "name", "address": self == .add || self == .change
    default: true
    }
  }
}

extension Citizen {
  /// Whether a text has the citizen's reference, identifier or name in it. Values of fewer than four bytes say
  /// too little.
  fileprivate func isNamed(in text: String) -> Bool {
    let text = text.lowercased()
    return [citizen, identifier ?? "", name].contains {
      $0.utf8.count >= 4 && text.contains($0.lowercased())
    }
  }
}
