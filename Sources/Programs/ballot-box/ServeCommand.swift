// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BallotBoxService
import CommandLineSupport
import Foundation
import Logging
import Metrics
import Service

/// `ballot-box serve`
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serves the record, and takes in entries over HTTP.",
    discussion: """
      The log must have begun (ballot-box accept). Settings come from flags, then from variables \
      URNA_…, then from the file, then from defaults; Specs/service.md lists them. The server stops in \
      order at SIGTERM or SIGINT. It does not start when a witness has seen more than its record holds.
      """)

  @Option(help: "The configuration file, JSON.") var config: String?
  @Option(help: "The box's secret key file.") var keys: String?
  @Option(help: "The record's folder.") var record: String?
  @Option(help: "The box's database; the record's name with .sqlite behind it unless given.")
  var database: String?
  @Option(help: "The address to listen on; 127.0.0.1 unless given.") var host: String?
  @Option(help: "The port to listen on; 8080 unless given, 0 lets the system choose.")
  var port: String?
  @Option(help: "A file that gets the port once the server listens.") var portFile: String?
  @Option(help: "The least serious level that is logged.") var logLevel: String?

  private static let keys: [ConfigurationKey] =
    ServiceConfiguration.keys + [
      .string("record"), .string("database"), .string("keys"),
      .integer("batch.entries", 1...4096), .integer("batch.milliseconds", 1...10_000),
      .integer("pool.entries", 1...1_000_000), .integer("pool.mebibytes", 1...65_536),
    ]

  mutating func run() async throws {
    let settings: Settings
    let service: ServiceConfiguration
    let place: BoxPlace
    let keysPath: String
    var pool = Intake.Limits()
    do throws(ServiceError) {
      let file = try config.map { path throws(ServiceError) in
        try ConfigurationFile(path: path, keys: Self.keys)
      }
      settings = try Settings(
        keys: Self.keys,
        flags: [
          "keys": keys, "record": record, "database": database, "host": host, "port": port,
          "portFile": portFile, "log.level": logLevel,
        ], environment: ProcessInfo.processInfo.environment, file: file)
      service = try ServiceConfiguration(settings)
      place = BoxPlace(
        record: try settings.requiredString("record"), database: try settings.string("database"))
      keysPath = try settings.requiredString("keys")
      if let entries = try settings.integer("batch.entries") { pool.batchEntries = entries }
      if let time = try settings.integer("batch.milliseconds") {
        pool.batchInterval = .milliseconds(time)
      }
      if let entries = try settings.integer("pool.entries") { pool.entries = entries }
      if let size = try settings.integer("pool.mebibytes") { pool.bytes = size << 20 }
    } catch { throw ProgramError(.usage, "\(error)") }
    let registry = MetricsRegistry()
    MetricsSystem.bootstrap(registry)
    registry.setBuildInfo(version: Program.version, digest: Program.digest)
    let metrics = BoxMetrics()
    metrics.describe(in: registry)
    let logger = JSONLogHandler.logger("ballot-box", level: service.logLevel)
    let box = try await place.open(try BoxKeys.read(keysPath))
    let limits = pool
    try await Self.naming(place.record) {
      let witnesses = try await BoxWitnesses(box, metrics: metrics, logger: logger)
      try await BoxServer(
        box: box, witnesses: witnesses, pool: limits, configuration: service, registry: registry,
        metrics: metrics, logger: logger
      ).run { port in Console.print("listening on port \(port)") }
    }
  }

  private static func naming(
    _ record: String, _ body: () async throws -> Void
  ) async throws(ProgramError) {
    do { try await body() } catch let error as BoxError {
      throw BoxPlace.error(error, record)
    } catch { throw ProgramError(.inputOutput, "\(error)") }
  }
}
