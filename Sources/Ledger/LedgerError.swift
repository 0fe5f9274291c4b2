// SPDX-License-Identifier: Apache-2.0

/// A rule of the ledger's formats that an input breaks.
public struct LedgerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where: the format or the file, for example `checkpoint, line 2` or `tile/0/x001/000`.
  public let place: String
  /// What had to hold.
  public let rule: String

  /// Names the place and the rule.
  public init(_ place: String, _ rule: String) {
    self.place = place
    self.rule = rule
  }

  /// Place, colon, rule.
  public var description: String { "\(place): \(rule)" }
}
