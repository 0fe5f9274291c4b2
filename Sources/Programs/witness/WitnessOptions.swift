// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Foundation
import Service
import WitnessService

/// What `init`, `serve` and `status` are told.
struct WitnessOptions: ParsableArguments {
  @Option(help: "The configuration file, JSON.") var config: String?
  @Option(help: "The witness's secret key file.") var secret: String?
  @Option(help: "The database.") var database: String?
  @Option(help: "The memory beside it; the database's name with .memory behind it unless given.")
  var memory: String?

  /// Reads the configuration: these flags, more of them, the environment, the file.
  func read(_ more: Settings.Flags = [:]) throws(ProgramError) -> WitnessConfiguration {
    var flags = more
    flags["secret"] = .some(secret)
    flags["database"] = .some(database)
    flags["memory"] = .some(memory)
    do throws(ServiceError) {
      let file = try config.map { path throws(ServiceError) in
        try ConfigurationFile(path: path, keys: WitnessConfiguration.keys)
      }
      return try WitnessConfiguration(
        try Settings(
          keys: WitnessConfiguration.keys, flags: flags,
          environment: ProcessInfo.processInfo.environment, file: file))
    } catch { throw ProgramError(.usage, "\(error)") }
  }
}
