// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Where one HTTP/1 connection stands, and until when that may last. Lives on the connection's event
/// loop and is shared by its two guards.
final class ConnectionState {
  /// What is waited for.
  enum Phase: Equatable {
    /// The first byte of the next request; nothing came yet.
    case idle(since: NIODeadline)
    /// The rest of a head, of which `bytes` came.
    case head(since: NIODeadline, bytes: Int)
    /// A request is worked on, or its body is coming.
    case request
    /// The answer is written but the request is not complete: what comes is thrown away.
    case draining(since: NIODeadline, bytes: Int)
  }

  /// What happens at a deadline.
  enum Verdict: Equatable {
    case wait(until: NIODeadline)
    case forever
    /// A head did not come in time: say so, then close.
    case answerTimeout
    case close(ClosingReason)
  }

  let limits: ServiceLimits
  private(set) var phase: Phase
  /// Requests whose head was read and whose answer is not completely written.
  var openRequests = 0
  /// A head was read and its end was not.
  var isReadingBody = false
  /// The head of the answer that is due was written.
  var answerBegun = false
  /// No further request is read: the connection ends with the answers that are due.
  var isLast = false
  /// Whether any request came on this connection.
  private var isUsed = false
  /// Bytes of answers that the other side did not take yet, and since when none was taken.
  private var pendingBytes = 0
  private var pendingSince: NIODeadline?

  init(limits: ServiceLimits, now: NIODeadline) {
    self.limits = limits
    phase = .idle(since: now)
  }

  var activity: ConnectionRecord.Activity {
    switch phase {
    case .idle, .head, .draining: .waiting
    case .request: isReadingBody || pendingBytes > 0 ? .moving : .working
    }
  }

  /// Bytes came from the socket.
  func received(_ count: Int, now: NIODeadline) {
    switch phase {
    case .idle: phase = .head(since: now, bytes: 0)
    case .draining(let since, let bytes): phase = .draining(since: since, bytes: bytes + count)
    case .head, .request: break
    }
  }

  /// Bytes went through the parser and no head was complete behind them. False: too many.
  func headGrew(by count: Int) -> Bool {
    guard case .head(let since, let bytes) = phase else { return true }
    let total = bytes + count
    phase = .head(since: since, bytes: total)
    return total <= limits.headBytes
  }

  func requestBegan() {
    isUsed = true
    openRequests += 1
    isReadingBody = true
    phase = .request
  }

  func requestEnded() { isReadingBody = false }

  /// Whether the connection ends with the answer that is due.
  var endsWithAnswer: Bool { openRequests <= 1 && (isLast || isReadingBody) }

  /// The answer is written. True: it was the last one.
  func answerEnded(now: NIODeadline) -> Bool {
    let isEnd = endsWithAnswer
    openRequests = max(0, openRequests - 1)
    answerBegun = false
    if isEnd {
      drain(now: now)
    } else if openRequests == 0 {
      phase = .idle(since: now)
    }
    return isEnd
  }

  func drain(now: NIODeadline) { phase = .draining(since: now, bytes: 0) }

  func writing(_ count: Int, now: NIODeadline) {
    if pendingBytes == 0 { pendingSince = now }
    pendingBytes += count
  }

  func wrote(_ count: Int, now: NIODeadline) {
    pendingBytes = max(0, pendingBytes - count)
    pendingSince = pendingBytes > 0 ? now : nil
  }

  /// What is due now.
  func verdict(now: NIODeadline) -> Verdict {
    var due: [(NIODeadline, Verdict)] = []
    switch phase {
    case .idle(let since):
      let seconds = isUsed ? limits.idleSeconds : limits.headerSeconds
      due.append((since + .seconds(Int64(seconds)), .close(isUsed ? .idle : .header)))
    case .head(let since, _):
      due.append((since + .seconds(Int64(limits.headerSeconds)), .answerTimeout))
    case .request: break
    case .draining(let since, let bytes):
      // What is thrown away is no more than what might have been taken in.
      if bytes > limits.bodyBytes { return .close(.size) }
      // A peer that reads the answer needs no longer than this to hang up.
      due.append((since + .seconds(Int64(min(limits.headerSeconds, 5))), .close(.idle)))
    }
    if let pendingSince {
      let earned = min(pendingBytes, Self.pieceBytes) / max(1, limits.bytesPerSecond)
      due.append((pendingSince + .seconds(Int64(limits.writeSeconds + earned)), .close(.write)))
    }
    guard let first = due.min(by: { $0.0 < $1.0 }) else { return .forever }
    return first.0 <= now ? first.1 : .wait(until: first.0)
  }

  /// Answers go out in pieces of so many bytes; each may take its time.
  static let pieceBytes = 65536
}
