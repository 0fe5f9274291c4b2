// SPDX-License-Identifier: Apache-2.0

/// A broken rule and its place. Holds nothing personal.
public struct RollProblem: Hashable, Sendable {
  /// The line, from 1, as an editor counts: where the row begins, or the field if it is quoted over several
  /// lines. Nil if the file as a whole is meant.
  public let line: Int?
  /// What is wrong there.
  public let rule: RollRule

  /// A problem from its parts.
  public init(line: Int?, rule: RollRule) {
    self.line = line
    self.rule = rule
  }
}

extension RollProblem: CustomStringConvertible {
  /// Such as `line 17: the district 'west' is not in the election`.
  public var description: String {
    if let line { return "line \(line): \(rule)" }
    return rule.description
  }
}

/// Why a file is refused, as a whole: every problem that was found, or the first of them.
public struct RollFileError: Error, Equatable, Sendable {
  /// Most problems that are kept.
  public static let maximumProblems = 100

  /// The problems in the order of the file, at most 100.
  public let problems: [RollProblem]
  /// How many more there are.
  public let others: Int
}

extension RollFileError: CustomStringConvertible {
  /// A line for each problem, then how many more there are.
  public var description: String {
    let more = others == 0 ? [] : ["and \(others) more"]
    return (problems.map(\.description) + more).joined(separator: "\n")
  }
}

/// Problems as they are found.
struct RollProblems {
  private var problems: [RollProblem] = []
  private var others = 0

  mutating func add(_ rule: RollRule, line: Int?) { add(RollProblem(line: line, rule: rule)) }

  mutating func add(_ problem: RollProblem) {
    if problems.count < RollFileError.maximumProblems {
      problems.append(problem)
    } else {
      others += 1
    }
  }

  /// Refuses the file if anything was found.
  func check() throws(RollFileError) {
    guard problems.isEmpty else { throw RollFileError(problems: problems, others: others) }
  }
}

extension CSVReader {
  /// Reads a whole file, and refuses it as a whole if any row breaks a rule.
  static func readAll(
    _ csv: [UInt8], columns: [String], _ row: (CSVReader) throws(RollRule) -> Void
  ) throws(RollFileError) {
    var problems = RollProblems()
    try readAll(csv, columns: columns, &problems) { reader, problems in
      do throws(RollRule) {
        try row(reader)
      } catch {
        problems.add(error, line: reader.line)
      }
    }
  }

  /// The same for rows that may break several rules, which `row` reports.
  static func readAll(
    _ csv: [UInt8], columns: [String], _ problems: inout RollProblems,
    _ row: (CSVReader, inout RollProblems) -> Void
  ) throws(RollFileError) {
    var reader = CSVReader(csv, columns: columns)
    if let problem = reader.header() {
      problems.add(problem)
      try problems.check()
    }
    var isAtEnd = false
    while !isAtEnd {
      switch reader.next() {
      case .row: row(reader, &problems)
      case .problem(let problem): problems.add(problem)
      case .stop(let problem):
        problems.add(problem)
        isAtEnd = true
      case .end: isAtEnd = true
      }
    }
    try problems.check()
  }
}
