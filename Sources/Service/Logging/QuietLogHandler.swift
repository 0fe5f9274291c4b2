// SPDX-License-Identifier: Apache-2.0

internal import Logging

/// What the HTTP library may log: that something went wrong, and nothing else.
///
/// Its own messages hold whole requests, errors with the other side's bytes, and a number that counts
/// requests. None of them is passed on, whatever level the operator asks for.
struct QuietLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .error
  var metadataProvider: Logger.MetadataProvider?
  let target: Logger

  static func logger(_ target: Logger) -> Logger {
    Logger(label: "http", factory: { _ in QuietLogHandler(target: target) })
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    guard event.level >= .error else { return }
    target.error("the HTTP server reports an error")
  }
}
