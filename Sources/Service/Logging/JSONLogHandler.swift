// SPDX-License-Identifier: Apache-2.0

internal import Glibc
public import Logging
internal import StrictJSON

/// Log lines as JSON objects, one a line: `{"level":…,"message":…,"metadata":{…},"time":…}`.
///
/// The time is UTC to the second. A message has at most 1,024 bytes, metadata at most 16 members of at
/// most 1,024 bytes each. There is no file, no line and no number that counts requests.
public struct JSONLogHandler: LogHandler {
  /// Metadata of every line of this logger.
  public var metadata: Logger.Metadata = [:]
  /// The least serious level that is written.
  public var logLevel: Logger.Level
  /// Metadata that a library adds.
  public var metadataProvider: Logger.MetadataProvider?
  private let sink: LogSink

  /// A handler.
  public init(level: Logger.Level, sink: LogSink = .standardError) {
    logLevel = level
    self.sink = sink
  }

  /// A logger on this handler.
  public static func logger(
    _ label: String, level: Logger.Level, sink: LogSink = .standardError
  ) -> Logger {
    Logger(label: label, factory: { _ in JSONLogHandler(level: level, sink: sink) })
  }

  /// One member of the metadata.
  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  /// Writes a line.
  public func log(event: LogEvent) {
    var all = metadata
    if let more = metadataProvider?.get() { all.merge(more) { _, new in new } }
    if let more = event.metadata { all.merge(more) { _, new in new } }
    var members = [
      JSONMember(name: "time", value: .string(Timestamp.now())),
      JSONMember(name: "level", value: .string(event.level.rawValue)),
      JSONMember(name: "message", value: .string(Self.cut("\(event.message)"))),
    ]
    if !all.isEmpty {
      let sorted = all.sorted { $0.key < $1.key }.prefix(16)
      members.append(
        JSONMember(
          name: "metadata",
          value: .object(
            sorted.map {
              JSONMember(name: Self.cut($0.key), value: .string(Self.cut("\($0.value)")))
            })))
    }
    sink.write(JSONValue.object(members).canonicalBytes())
  }

  /// The longest start of at most 1,024 bytes that ends with a whole character.
  private static func cut(_ text: String) -> String {
    guard text.utf8.count > 1024 else { return text }
    var bytes = Array(text.utf8.prefix(1024))
    while let last = bytes.last, last & 0xC0 == 0x80 { bytes.removeLast() }
    if let last = bytes.last, last >= 0x80 { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self) + "…"
  }
}

/// UTC times as RFC 3339 writes them, to the second.
enum Timestamp {
  static func now() -> String { text(unixSeconds: Int64(time(nil))) }

  static func text(unixSeconds: Int64) -> String {
    let days = Int(unixSeconds.quotientAndRemainder(dividingBy: 86_400).quotient)
    let seconds = Int(unixSeconds % 86_400)
    let date = date(days: days)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(date.year)-\(two(date.month))-\(two(date.day))T"
      + "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))Z"
  }

  /// Days since 1970-01-01 to a date of the Gregorian calendar, by eras of 400 years that begin in
  /// March (H. Hinnant, "chrono-compatible low-level date algorithms").
  private static func date(days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}
