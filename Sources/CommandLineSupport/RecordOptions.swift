// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import Election
public import LedgerFiles
public import Verification
internal import WebClient

/// The record that a program acts on, and what is expected of it.
public struct RecordOptions: ParsableArguments {
  @Option(
    help: """
      The record: a folder with checkpoint, log.vkey and tile/, or the URL of a ballot box or of another \
      server that has it.
      """)
  var record: String

  @Option(
    help: """
      A SOCKS5 proxy for a record behind a URL, such as socks5://127.0.0.1:9050 of Tor; every run gets a way of \
      its own.
      """)
  var proxy: String?

  @Option(help: "The election's identifier (64 digits); a record of another election is refused.")
  var election: String?

  /// For the argument parser.
  public init() {}

  /// The folder or the URL.
  public var path: String { record }

  /// Where the record lies.
  /// - Throws: `ProgramError`, status 2.
  public func location() throws(ProgramError) -> RecordLocation {
    guard let proxy else { return try RecordLocation(record) }
    do {
      let parsed = try SOCKSProxy(proxy)
      return try RecordLocation(
        record, proxy: parsed.hasCredentials ? parsed : try parsed.isolated())
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.usage, "--proxy: \(error)")
    }
  }

  /// Opens the record and folds the rulebook over it, see ``RecordLocation/fold(_:verified:election:needsQuorum:)``.
  /// - Throws: `ProgramError`.
  public func fold(
    _ depth: RecordFold.Depth, verified: VerifiedHead? = nil, needsQuorum: Bool = true
  ) async throws(ProgramError) -> (record: RecordDirectory, state: ElectionState) {
    try await location().fold(
      depth, verified: verified, election: election, needsQuorum: needsQuorum)
  }
}
