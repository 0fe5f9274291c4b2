// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Glibc
internal import Synchronization

/// Writes lines to a descriptor from one queue of bounded length. A reader that does not keep up costs
/// lines, never the server's time.
public final class LogSink: Sendable {
  private struct State {
    var pending = 0
    var dropped = 0
  }

  private let descriptor: Int32
  private let queue = DispatchQueue(label: "urna.log")
  private let state = Mutex(State())
  private static let capacity = 1024

  /// The process's standard error.
  public static let standardError = LogSink(descriptor: STDERR_FILENO)

  /// A sink on an open descriptor, which stays the caller's.
  public init(descriptor: Int32) { self.descriptor = descriptor }

  /// Takes a line, without its line break.
  func write(_ line: [UInt8]) {
    let lines: [[UInt8]]? = state.withLock { state in
      guard state.pending < Self.capacity else {
        state.dropped += 1
        return nil
      }
      state.pending += 1
      defer { state.dropped = 0 }
      return state.dropped > 0 ? [Self.notice(state.dropped), line] : [line]
    }
    guard let lines else { return }
    let descriptor = descriptor
    queue.async {
      for line in lines { Self.write(line + [0x0A], to: descriptor) }
      self.state.withLock { $0.pending -= 1 }
    }
  }

  /// Waits until what was taken is written, at most two seconds.
  public func flush() {
    let done = DispatchSemaphore(value: 0)
    queue.async { done.signal() }
    _ = done.wait(timeout: .now() + 2)
  }

  private static func notice(_ count: Int) -> [UInt8] {
    Array(#"{"level":"warning","message":"\#(count) log lines were dropped"}"#.utf8)
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
