// SPDX-License-Identifier: Apache-2.0

public import Ledger

/// A file that is missing, unreadable or against a rule.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The file.
  public let file: String
  /// What had to hold, or what is wrong.
  public let rule: String
  /// Whether the trouble is that there is no such file.
  public let isMissing: Bool
  /// Whether a server did not give the file, or the disk cannot be written, so that nothing is known
  /// about the file.
  public let isUnavailable: Bool

  /// Names the file and the rule.
  public init(_ file: String, _ rule: String) {
    self.file = file
    self.rule = rule
    isMissing = false
    isUnavailable = false
  }

  /// A format's rule, broken in the file.
  public init(_ file: String, _ error: LedgerError) {
    self.init(file, error.place == file ? error.rule : error.description)
  }

  private init(_ file: String, _ rule: String, isMissing: Bool, isUnavailable: Bool) {
    self.file = file
    self.rule = rule
    self.isMissing = isMissing
    self.isUnavailable = isUnavailable
  }

  /// There is no such file.
  public static func missing(_ file: String) -> FileError {
    FileError(file, "no such file", isMissing: true, isUnavailable: false)
  }

  /// A server did not give the file, or the disk cannot be written.
  public static func unavailable(_ file: String, _ reason: String) -> FileError {
    FileError(file, reason, isMissing: false, isUnavailable: true)
  }

  /// File, colon, rule.
  public var description: String { "\(file): \(rule)" }
}
