// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
internal import Glibc

/// What programs write for people and for other programs.
public enum Console {
  /// A line on standard output.
  public static func print(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }

  /// A line on standard error.
  public static func error(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

  /// Bytes on standard output, as they are.
  public static func print(bytes: [UInt8]) { write(bytes, to: STDOUT_FILENO) }

  static func write(_ text: String, to descriptor: Int32) {
    write(Array(text.utf8), to: descriptor)
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes { buffer in
        unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
      }
      if written > 0 {
        rest = rest.dropFirst(written)
      } else if errno != EINTR {
        return
      }
    }
  }
}

/// How progress is shown.
public enum ProgressStyle: String, ExpressibleByArgument, CaseIterable, Sendable {
  /// A line that is rewritten on a terminal, nothing elsewhere.
  case auto
  /// One line a step.
  case plain
  /// Nothing.
  case none
}

/// A counter on standard error.
public struct ProgressLine: Sendable {
  private let style: ProgressStyle
  private let label: String

  /// A counter with a label.
  public init(_ label: String, style: ProgressStyle) {
    self.label = label
    self.style = style == .auto && isatty(STDERR_FILENO) == 0 ? .none : style
  }

  /// Shows that `done` of `total` are done.
  public func show(_ done: Int, of total: Int) {
    switch style {
    case .none: return
    case .plain: Console.error("\(label): \(done) of \(total)")
    case .auto:
      Console.write(
        "\r\(label): \(done) of \(total)" + (done >= total ? "\n" : ""), to: STDERR_FILENO)
    }
  }
}
