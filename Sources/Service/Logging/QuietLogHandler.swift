// SPDX-License-Identifier: Apache-2.0

internal import Logging

/// What the HTTP library may log: that something went wrong, and nothing else.
///
/// Its own messages hold whole requests, errors with the other side's bytes, and a number that counts
/// requests. None of them is passed on, whatever level the operator asks for. While the server stops it
/// complains of connections that are closed twice; that is no error of an operator's.
struct QuietLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .error
  var metadataProvider: Logger.MetadataProvider?
  let target: Logger
  let shutdown: ShutdownFlag

  static func logger(_ target: Logger, shutdown: ShutdownFlag) -> Logger {
    Logger(label: "http", factory: { _ in QuietLogHandler(target: target, shutdown: shutdown) })
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    guard event.level >= .error else { return }
    target.log(
      level: shutdown.isSet ? .debug : .error, "the HTTP server reports an error")
  }
}
