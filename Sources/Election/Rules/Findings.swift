// SPDX-License-Identifier: Apache-2.0

/// A rule that did not hold, and where.
public struct Failure: Hashable, Sendable {
  /// The rule.
  public let rule: RuleID
  /// Where: an entry of the log, a ballot, a contest, an option.
  public let place: String
  /// What was found, in one line without secrets.
  public let detail: String

  /// A failure from its parts.
  public init(rule: RuleID, place: String, detail: String) {
    self.rule = rule
    self.place = place
    self.detail = detail
  }
}

/// What checking found: how often every rule was applied, and every failure.
///
/// Verification is data, not exceptions: all failures are kept, and a rule that was never applied
/// has count 0 and is not reported as passed.
public struct Findings: Sendable, Equatable {
  /// How often each rule was applied.
  public private(set) var counts: [RuleID: Int] = [:]
  /// All failures, in the order in which they were found.
  public private(set) var failures: [Failure] = []

  /// Nothing checked yet.
  public init() {}

  /// Whether a rule failed.
  public var hasFailures: Bool { !failures.isEmpty }

  /// Applies a rule once and keeps the outcome. Returns it, for checks that make sense only then.
  @discardableResult
  public mutating func check(
    _ rule: RuleID, _ holds: Bool, at place: @autoclosure () -> String,
    _ detail: @autoclosure () -> String
  ) -> Bool {
    counts[rule, default: 0] += 1
    if !holds { failures.append(Failure(rule: rule, place: place(), detail: detail())) }
    return holds
  }

  /// Adds what another part of the work found, behind what is here.
  public mutating func merge(_ other: Findings) {
    counts.merge(other.counts, uniquingKeysWith: +)
    failures += other.failures
  }
}
