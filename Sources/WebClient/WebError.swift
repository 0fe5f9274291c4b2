// SPDX-License-Identifier: Apache-2.0

/// Why a request to a server failed. Names the path of the URL and the rule, never a host's credentials or
/// a body.
public enum WebError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The address of a server, or a path, is not in the form that is accepted.
  case address(String, String)
  /// The server cannot be reached: no such name, no route, no trusted certificate.
  case unreachable(String, String)
  /// Nobody listens at the address.
  case refused(String)
  /// The proxy cannot be reached, refuses, or does not keep to SOCKS5. Nothing was sent to the server.
  case proxy(String, String)
  /// The connection ended before the answer was complete.
  case interrupted(String, String)
  /// Connecting, silence, or the whole exchange took too long.
  case timedOut(String, String)
  /// The answer is not HTTP/1.1, or not in the part of it that is accepted.
  case malformed(String, String)
  /// The answer is longer than what was asked for can be, in bytes.
  case tooLarge(String, Int)
  /// The server answered with another status than those that were asked for.
  case status(String, Int)
  /// The caller gave up.
  case cancelled(String)

  /// The path that was asked for, or the address.
  public var path: String {
    switch self {
    case .address(let path, _), .unreachable(let path, _), .refused(let path),
      .interrupted(let path, _), .timedOut(let path, _), .malformed(let path, _),
      .tooLarge(let path, _), .status(let path, _), .cancelled(let path), .proxy(let path, _):
      path
    }
  }

  /// What had to hold, or what happened.
  public var rule: String {
    switch self {
    case .address(_, let rule), .unreachable(_, let rule), .interrupted(_, let rule),
      .timedOut(_, let rule), .malformed(_, let rule), .proxy(_, let rule):
      rule
    case .refused: "the connection was refused"
    case .tooLarge(_, let limit): "an answer of at most \(limit) bytes"
    case .status(_, let status):
      (300..<400).contains(status)
        ? "the server answers \(status); no redirection is followed"
        : "the server answers \(status)"
    case .cancelled: "given up"
    }
  }

  /// Path, colon, rule.
  public var description: String { "\(path): \(rule)" }
}
