// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Ledger
import LedgerStore
import Logging
import Metrics
import Service
import WitnessService

/// `witness init`
struct Begin: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Makes the database of a new witness.",
    discussion: """
      Once, and never again for the same key: a witness that forgets what it cosigned can be made to \
      cosign a fork. The database is not restored from a backup either; see Specs/service.md.
      """)

  @OptionGroup var options: WitnessOptions

  mutating func run() async throws {
    let configuration = try options.read()
    _ = try WitnessKeys.read(configuration.secret)
    do throws(StoreError) {
      try SQLiteWitnessStore.createNew(
        path: configuration.database, memory: configuration.memory
      ).close()
    } catch { throw WitnessProgram.error(error, configuration) }
    Console.print("made \(configuration.database) and \(configuration.memory)")
  }
}

/// `witness serve`
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Cosigns checkpoints over HTTP (c2sp.org/tlog-witness).",
    discussion: """
      Settings come from flags, then from variables URNA_…, then from the file, then from defaults; \
      Specs/service.md lists them. The server stops in order at SIGTERM or SIGINT. It does not start \
      when its database is older than what it has answered.
      """)

  @OptionGroup var options: WitnessOptions
  @Option(help: "The address to listen on; 127.0.0.1 unless given.") var host: String?
  @Option(help: "The port to listen on; 8080 unless given, 0 lets the system choose.")
  var port: String?
  @Option(help: "A file that gets the port once the server listens.") var portFile: String?
  @Option(help: "The least serious level that is logged.") var logLevel: String?

  mutating func run() async throws {
    let configuration = try options.read([
      "host": host, "port": port, "portFile": portFile, "log.level": logLevel,
    ])
    let logger = JSONLogHandler.logger("witness", level: configuration.service.logLevel)
    let metrics = MetricsRegistry()
    metrics.setBuildInfo(version: Program.version, digest: Program.digest)
    let cosigner = try WitnessKeys.read(configuration.secret)
    let store: SQLiteWitnessStore
    do throws(StoreError) {
      store = try SQLiteWitnessStore.openExisting(
        path: configuration.database, memory: configuration.memory)
    } catch { throw WitnessProgram.error(error, configuration) }
    let witness = WitnessCosigner(
      rules: WitnessRules(logKeys: configuration.logs), store: store, cosigner: cosigner,
      rate: LogRate(perMinute: configuration.perMinute, burst: configuration.burst))
    do {
      try await witness.checkStore(origins: configuration.origins)
      try await WitnessServer(
        witness: witness, origins: configuration.origins, configuration: configuration.service,
        metrics: metrics, logger: logger,
        onListening: { port in Console.print("listening on port \(port)") }
      ).run()
      try store.close()
    } catch let error as StoreError {
      throw WitnessProgram.error(error, configuration)
    } catch { throw ProgramError(.inputOutput, "\(error)") }
  }
}

/// `witness status`
struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows what was cosigned last for each log.",
    discussion: "Also while the witness serves.")

  @OptionGroup var options: WitnessOptions

  mutating func run() async throws {
    let configuration = try options.read()
    let key = try WitnessKeys.read(configuration.secret).verifierKey
    Console.print("witness \(key.vkey)")
    do throws(StoreError) {
      let notes = try SQLiteWitnessStore.notes(path: configuration.database)
      for note in notes {
        do throws(LedgerError) {
          let checkpoint = try Checkpoint.verified(note, cosigner: key)
          let time = try SignedNote(note).cosignature(of: key)?.time ?? 0
          Console.print(
            "\(checkpoint.origin) size \(checkpoint.size) root \(checkpoint.root.hex) time \(time)")
        } catch { throw .failed("a note is not this witness's (\(error))") }
      }
      if notes.isEmpty { Console.print("nothing was cosigned yet") }
    } catch { throw WitnessProgram.error(error, configuration) }
  }
}

extension WitnessProgram {
  /// Status 5 for a database that must not be used, 4 for one that cannot.
  static func error(_ error: StoreError, _ configuration: WitnessConfiguration) -> ProgramError {
    ProgramError(
      error.isRefusal ? .refused : .inputOutput, "\(configuration.database): \(error)")
  }
}
