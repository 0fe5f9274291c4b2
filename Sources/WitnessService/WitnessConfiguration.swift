// SPDX-License-Identifier: Apache-2.0

public import Ledger
public import Service

/// What a witness is told: whose logs it cosigns, where its files are, and how often a log may ask.
public struct WitnessConfiguration: Sendable {
  /// How it listens.
  public let service: ServiceConfiguration
  /// Keys of the logs.
  public let logs: [NoteVerifierKey]
  /// The secret key file.
  public let secret: String
  /// The database.
  public let database: String
  /// The memory; the database's name with `.memory` behind it unless given.
  public let memory: String
  /// Cosignatures that a log gets in a minute, in the long run.
  public let perMinute: Int
  /// Cosignatures that a log gets at once.
  public let burst: Int

  /// All keys of a witness's configuration.
  public static let keys: [ConfigurationKey] =
    ServiceConfiguration.keys + [
      ConfigurationKey("logs", .strings(maxCount: 1000, maxBytes: 512)),
      .string("secret"), .string("database"), .string("memory"),
      .integer("rate.perMinute", 1...1_000_000), .integer("rate.burst", 1...1_000_000),
    ]

  /// Reads the keys.
  ///
  /// - Throws: `ServiceError` naming the key and the rule.
  public init(_ settings: Settings) throws(ServiceError) {
    service = try ServiceConfiguration(settings)
    var logs: [NoteVerifierKey] = []
    for (number, vkey) in (try settings.strings("logs") ?? []).enumerated() {
      do { logs.append(try NoteVerifierKey(vkey: vkey)) } catch {
        throw settings.failure("logs", "item \(number): \(error.rule)")
      }
    }
    guard !logs.isEmpty else { throw settings.failure("logs", "at least one log's vkey") }
    self.logs = logs
    secret = try settings.requiredString("secret")
    database = try settings.requiredString("database")
    memory = try settings.string("memory") ?? database + ".memory"
    perMinute = try settings.integer("rate.perMinute") ?? 600
    burst = try settings.integer("rate.burst") ?? 60
  }

  /// The origins of the logs, each once.
  public var origins: [String] {
    var origins: [String] = []
    for log in logs where !origins.contains(where: { $0.utf8.elementsEqual(log.name.utf8) }) {
      origins.append(log.name)
    }
    return origins
  }
}
