// SPDX-License-Identifier: Apache-2.0

/// Why a measurement ends without a report.
public enum LoadError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was prepared is missing, or is not what it should be.
  case prepared(String)
  /// A server that the measurement needs does not start, or ended.
  case server(String)
  /// A file cannot be read or written.
  case file(String)
  /// The election could not be made.
  case election(String)
  /// What the command line asks for cannot be.
  case usage(String)

  /// What happened, in one line.
  public var description: String {
    switch self {
    case .prepared(let reason), .server(let reason), .file(let reason), .election(let reason),
      .usage(let reason):
      reason
    }
  }
}
