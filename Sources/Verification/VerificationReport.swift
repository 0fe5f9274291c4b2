// SPDX-License-Identifier: Apache-2.0

public import BigIntegers
public import Election
public import StrictJSON

/// What a verification comes to.
public enum Verdict: String, Sendable, CaseIterable {
  /// Every rule that applies to the record was checked, and all hold.
  case passed
  /// A rule does not hold.
  case failed
  /// No rule fails, but some that may apply were not checked.
  case incomplete
}

/// What became of one rule.
public enum RuleResult: String, Sendable, CaseIterable {
  /// Applied at least once, and always held.
  case passed
  /// Did not hold at least once.
  case failed
  /// Never applied, and not known to be inapplicable.
  case notChecked = "not checked"
  /// Has nothing to say about this record.
  case notApplicable = "not applicable"
}

/// The report of a verification: every rule with its result, and the verdict that follows.
///
/// The verdict is computed from the results and from nothing else. A rule that was never applied is
/// "not checked" unless the verification says why it does not apply, so a check that does not run
/// cannot pass.
public struct VerificationReport: Sendable, Equatable {
  /// One rule.
  public struct Line: Sendable, Equatable {
    /// The rule.
    public let rule: RuleID
    /// What became of it.
    public let result: RuleResult
    /// How often it was applied.
    public let count: Int
    /// Where it does not hold.
    public let failures: [Failure]
    /// Why it does not apply.
    public let reason: String?
  }

  /// All rules, in order.
  public let lines: [Line]
  /// The verdict.
  public let verdict: Verdict
  /// How the verification worked.
  public let method: VerificationMethod

  /// Failures of one rule that a report spells out; the count says how many there are.
  public static let maximumFailures = 20

  /// The report of findings.
  /// - Parameter notApplicable: rules that have nothing to say, and why. A rule that was applied is
  ///   reported by its outcome all the same.
  public init(
    _ findings: Findings, notApplicable: [RuleID: String],
    method: VerificationMethod = VerificationMethod(engine: .current, proofs: ProofStatistics())
  ) {
    self.method = method
    let failures = Dictionary(grouping: findings.failures, by: \.rule)
    lines = RuleID.allCases.map { rule in
      let count = findings.counts[rule] ?? 0
      let own = failures[rule] ?? []
      let result: RuleResult =
        if !own.isEmpty {
          .failed
        } else if count > 0 {
          .passed
        } else {
          notApplicable[rule] == nil ? .notChecked : .notApplicable
        }
      return Line(
        rule: rule, result: result, count: count, failures: own,
        reason: result == .notApplicable ? notApplicable[rule] : nil)
    }
    if lines.contains(where: { $0.result == .failed }) {
      verdict = .failed
    } else if lines.contains(where: { $0.result == .notChecked }) {
      verdict = .incomplete
    } else {
      verdict = .passed
    }
  }

  /// The report as JSON: `Specs/schemas/verification-report.schema.json`.
  public var json: JSONValue {
    [
      "verdict": .string(verdict.rawValue),
      "method": method.json,
      "rules": .array(
        lines.map { line in
          var members = [
            JSONMember(name: "id", value: .string(line.rule.rawValue)),
            JSONMember(name: "sentence", value: .string(line.rule.sentence)),
            JSONMember(name: "result", value: .string(line.result.rawValue)),
            JSONMember(name: "count", value: .integer(Int64(line.count))),
            JSONMember(
              name: "failures",
              value: .array(
                line.failures.prefix(Self.maximumFailures).map { failure in
                  ["place": .string(failure.place), "detail": .string(failure.detail)]
                })),
          ]
          if let reason = line.reason {
            members.append(JSONMember(name: "reason", value: .string(reason)))
          }
          return .object(members)
        }),
    ]
  }

  /// The report in words: a line for every rule that was applied or should have been, and the verdict
  /// last.
  public var text: [String] {
    var text: [String] = []
    for line in lines {
      let id = line.rule.rawValue
      let mark =
        switch line.result {
        case .passed: "ok      "
        case .failed: "FAILED  "
        case .notChecked: "UNCHECKED"
        case .notApplicable: "-       "
        }
      let padded = id + String(repeating: " ", count: max(1, 13 - id.utf8.count))
      var row = "\(mark) \(padded)\(line.rule.sentence)"
      if line.count > 0 { row += " (\(line.count))" }
      if let reason = line.reason { row += " — \(reason)" }
      text.append(row)
      for failure in line.failures.prefix(Self.maximumFailures) {
        text.append("           \(failure.place): \(failure.detail)")
      }
      if line.failures.count > Self.maximumFailures {
        text.append("           and \(line.failures.count - Self.maximumFailures) more")
      }
    }
    text += method.text
    text.append("verdict: \(verdict.rawValue)")
    return text
  }
}
