// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import Synchronization

/// Log lines about errors that are the server's own fault. So many a minute, no more: a fault that
/// anybody can cause must not fill a disk, nor show how many came when.
final class FaultLog: Sendable {
  private struct Window {
    var start: ContinuousClock.Instant
    var written = 0
    var dropped = 0
  }

  private let logger: Logger
  private let window = Mutex(Window(start: .now))
  private static let perMinute = 20

  init(_ logger: Logger) { self.logger = logger }

  /// Logs an error without the texts of the request that led to it.
  func report(_ error: any Error, handler: String, hiding texts: [String]) {
    let dropped: Int? = window.withLock { window in
      if ContinuousClock.now - window.start >= .seconds(60) {
        let dropped = window.dropped
        window = Window(start: .now, written: 1)
        return dropped
      }
      guard window.written < Self.perMinute else {
        window.dropped += 1
        return nil
      }
      window.written += 1
      return 0
    }
    guard let dropped else { return }
    var metadata: Logger.Metadata = [
      "handler": "\(handler)", "kind": "\(type(of: error))",
      "detail": "\(Self.hide(texts, in: "\(error)"))",
    ]
    if dropped > 0 { metadata["dropped"] = "\(dropped)" }
    logger.error("a request failed", metadata: metadata)
  }

  /// The text without any of `texts`. Short ones are words that could stand anywhere.
  static func hide(_ texts: [String], in text: String) -> String {
    var result = String(text.prefix(512))
    for hidden in texts.sorted(by: { $0.utf8.count > $1.utf8.count }) where hidden.count >= 4 {
      result = replace(hidden, in: result)
    }
    return result
  }

  private static func replace(_ hidden: String, in text: String) -> String {
    var result = ""
    var rest = text[...]
    while let range = rest.firstRange(of: hidden) {
      result += rest[..<range.lowerBound] + "…"
      rest = rest[range.upperBound...]
    }
    return result + rest
  }
}
