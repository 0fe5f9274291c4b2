// SPDX-License-Identifier: Apache-2.0

/// What a server grants the unknown other side: bytes, time, and how many at once.
public struct ServiceLimits: Hashable, Sendable {
  /// The largest body of any request, in bytes. Routes may allow less.
  public var bodyBytes = 4 << 20
  /// The largest head of a request: request line and fields together, in bytes.
  public var headBytes = 16 << 10
  /// Number of fields in a request's head.
  public var headFields = 64
  /// A head must be complete after so many seconds.
  public var headerSeconds = 10
  /// A body may take so many seconds, and more if it keeps to `bytesPerSecond`.
  public var bodySeconds = 20
  /// Whoever sends a body or takes an answer more slowly is cut off, in bytes per second.
  public var bytesPerSecond = 2048
  /// A connection without a request is closed after so many seconds.
  public var idleSeconds = 75
  /// A taken answer must make progress within so many seconds.
  public var writeSeconds = 30
  /// Open connections. When it comes near, those that were idle longest are closed.
  public var connections = 4096
  /// Requests that are worked on at once. Beyond it the answer is 503.
  public var requests = 1024
  /// Requests that are worked on get so many seconds to end when the server stops.
  public var shutdownSeconds = 20

  /// The defaults.
  public init() {}

  static let keys: [ConfigurationKey] = [
    .integer("limits.bodyBytes", 0...(256 << 20)),
    .integer("limits.headBytes", 1024...(256 << 10)),
    .integer("limits.headFields", 8...1000),
    .integer("limits.headerSeconds", 1...300),
    .integer("limits.bodySeconds", 1...3600),
    .integer("limits.bytesPerSecond", 1...(1 << 30)),
    .integer("limits.idleSeconds", 1...3600),
    .integer("limits.writeSeconds", 1...3600),
    .integer("limits.connections", 16...1_000_000),
    .integer("limits.requests", 1...100_000),
    .integer("limits.shutdownSeconds", 1...600),
  ]

  init(_ settings: Settings) throws(ServiceError) {
    func read(_ name: String, _ value: inout Int) throws(ServiceError) {
      if let found = try settings.integer("limits.\(name)") { value = found }
    }
    try read("bodyBytes", &bodyBytes)
    try read("headBytes", &headBytes)
    try read("headFields", &headFields)
    try read("headerSeconds", &headerSeconds)
    try read("bodySeconds", &bodySeconds)
    try read("bytesPerSecond", &bytesPerSecond)
    try read("idleSeconds", &idleSeconds)
    try read("writeSeconds", &writeSeconds)
    try read("connections", &connections)
    try read("requests", &requests)
    try read("shutdownSeconds", &shutdownSeconds)
  }
}
