// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import Foundation
import Issuance
import IssuerService
import IssuerStore
import Ledger
import Logging
import Service
import WebClient

/// The issuer's database, with errors in words.
enum IssuerDatabase {
  static func create(_ path: String) throws(ProgramError) {
    do throws(StoreError) { try SQLiteIssuanceStore.createNew(path: path).close() } catch {
      throw self.error(error, path)
    }
  }

  static func open(_ path: String) throws(ProgramError) -> SQLiteIssuanceStore {
    do throws(StoreError) { return try SQLiteIssuanceStore.openExisting(path: path) } catch {
      throw self.error(error, path)
    }
  }

  /// How many credentials of the scope were signed, by district.
  static func counts(
    _ path: String, _ scope: CredentialScope
  ) async throws(ProgramError) -> [Int: Int] {
    let bound: CredentialScope
    let counts: [Int: Int]
    do throws(StoreError) {
      let store = try SQLiteIssuanceStore.openExisting(path: path)
      bound = try await store.bind(to: scope)
      counts = try await store.counts()
      try store.close()
    } catch { throw self.error(error, path) }
    guard bound == scope else { throw otherScope(bound, scope, path) }
    return counts
  }

  static func otherScope(
    _ bound: CredentialScope, _ wanted: CredentialScope, _ path: String
  ) -> ProgramError {
    ProgramError(
      .refused, "\(path): the database is of the scope \(bound), not of \(wanted)",
      hint: "make a database for this scope: issuer init")
  }

  static func error(_ error: StoreError, _ path: String) -> ProgramError {
    ProgramError(.inputOutput, "\(path): \(error)")
  }
}

/// `issuer init`
struct Begin: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Makes the database of an issuer for one election or petition.",
    discussion: """
      Once: it remembers what was signed. An issuer that forgets it could be made to sign twice; the count on \
      the record would show it. It remembers the scope that it signed for first, and serves no other.
      """)

  @Option(help: "The database to make.") var database: String

  mutating func run() async throws {
    try IssuerDatabase.create(database)
    Console.print("made \(database)")
  }
}

/// `issuer serve`
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answers citizens over HTTP.",
    discussion: """
      Settings come from flags, then from variables URNA_…, then from the file, then from defaults; \
      Specs/service.md lists them. The server follows the ballot box's record and signs only what is recorded \
      under a checkpoint that the witnesses cosigned.
      """)

  @Option(help: "The configuration file, JSON.") var config: String?
  @Option(help: "The URL of the ballot box.") var box: String?
  @Option(help: "The election's identifier (64 digits).") var election: String?
  @Option(help: "The issuer's number in the configuration.") var number: String?
  @Option(help: "The secret file of the identity key.") var secret: String?
  @Option(help: "The secret file of the credential keys.") var keys: String?
  @Option(help: "The electoral roll.") var roll: String?
  @Option(help: "The issuer's database.") var database: String?
  @Option(help: "The address to listen on; 127.0.0.1 unless given.") var host: String?
  @Option(help: "The port to listen on; 8080 unless given, 0 lets the system choose.")
  var port: String?
  @Option(help: "A file that gets the port once the server listens.") var portFile: String?
  @Option(help: "The least serious level that is logged.") var logLevel: String?
  @OptionGroup var passphrase: PassphraseOptions

  private static let keys: [ConfigurationKey] =
    ServiceConfiguration.keys + [
      .string("box"), .string("election"), .integer("number", 1...CredentialTerms.maximumIssuers),
      .string("secret"), .string("keys"), .string("roll"), .string("database"),
      .string("pinFile"),
    ] + CertificateSettings.keys + ProviderSettings.keys

  private struct Place {
    let service: ServiceConfiguration
    let box: String
    let election: String
    let number: Int
    let secret: String
    let keys: String
    let roll: String
    let database: String
    let pinFile: String?
    let certificates: CertificateSettings?
    let provider: ProviderSettings?
  }

  private func place() throws(ProgramError) -> Place {
    do throws(ServiceError) {
      let file = try config.map { path throws(ServiceError) in
        try ConfigurationFile(path: path, keys: Self.keys)
      }
      let settings = try Settings(
        keys: Self.keys,
        flags: [
          "box": box, "election": election, "number": number, "secret": secret, "keys": keys,
          "roll": roll, "database": database, "host": host, "port": port, "portFile": portFile,
          "log.level": logLevel,
        ], environment: ProcessInfo.processInfo.environment, file: file)
      guard let number = try settings.integer("number") else {
        throw settings.failure("number", "the issuer's number is required")
      }
      let service = try ServiceConfiguration(settings)
      return Place(
        service: service, box: try settings.requiredString("box"),
        election: try settings.requiredString("election"), number: number,
        secret: try settings.requiredString("secret"), keys: try settings.requiredString("keys"),
        roll: try settings.requiredString("roll"),
        database: try settings.requiredString("database"),
        pinFile: try settings.string("pinFile"),
        certificates: try CertificateSettings(settings, service),
        provider: try ProviderSettings(settings))
    } catch { throw ProgramError(.usage, "\(error)") }
  }

  mutating func run() async throws {
    let place = try place()
    guard let electionID = Digest(hex: place.election) else {
      throw ProgramError(.usage, "election: 64 upper-case hexadecimal digits")
    }
    let address: WebAddress
    do { address = try WebAddress(place.box) } catch { throw ProgramError(.usage, "box: \(error)") }
    let words = try passphrase.passphrase()
    var file = try CredentialKeyFile(path: place.keys, passphrase: words)
    guard !file.needsPIN || place.pinFile != nil else {
      throw ProgramError(
        .usage, "pinFile: the keys are in a hardware module, which asks for its PIN")
    }
    let identity = IssuerIdentity(
      number: place.number,
      key: try IdentityFile.open(
        place.secret, context: CredentialKeyFile.identityContext, passphrase: words),
      signers: try file.signers(pin: try TokenPIN.read(place.pinFile)))
    let logger = JSONLogHandler.logger("issuer", level: place.service.logLevel)
    let metrics = MetricsRegistry()
    metrics.setBuildInfo(version: Program.version, digest: Program.digest)
    let follower: LedgerFollower
    do throws(IssuanceRefusal) {
      follower = try await LedgerFollower.start(
        WebClient(address), electionID: electionID, logger: logger)
    } catch .unavailable(let reason) { throw ProgramError(.inputOutput, reason) } catch {
      throw ProgramError(.inputOutput, "\(error)")
    }
    guard let terms = follower.state.terms, let scope = follower.state.scope else {
      throw ProgramError(.wrong, "\(place.box): the election has no credentials")
    }
    guard identity.isNamed(in: terms) else {
      throw ProgramError(
        .wrong, "\(place.keys): not the keys of issuer \(place.number) of the configuration")
    }
    try file.bind(to: scope, path: place.keys, passphrase: words)
    let roll = try await RollFile.load(place.roll, terms)
    let certificates = try place.certificates?.open(metrics: metrics, logger: logger)
    let tokens = try await place.provider?.verifier()
    let store = try IssuerDatabase.open(place.database)
    let desk = IssuerDesk(
      identity: identity, ledger: follower, roll: roll, store: store,
      sealing: AuditorSealing(store: store))
    do throws(IssuanceRefusal) { try await desk.bind() } catch {
      guard case .otherScope(let bound) = error else {
        throw ProgramError(.inputOutput, "\(place.database): \(error)")
      }
      throw IssuerDatabase.otherScope(bound, scope, place.database)
    }
    do {
      try await IssuerServer(
        desk: desk, follower: follower,
        door: CitizenDoor(certificates: certificates?.door, tokens: tokens),
        configuration: place.service, metrics: metrics, logger: logger,
        services: [certificates?.renewal].compactMap { $0 },
        onListening: { port in Console.print("listening on port \(port)") }
      ).run()
      try store.close()
    } catch let error as StoreError {
      throw IssuerDatabase.error(error, place.database)
    } catch { throw ProgramError(.inputOutput, "\(error)") }
  }
}
