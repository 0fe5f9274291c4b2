// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import Election
public import LedgerFiles
public import Verification
public import WebClient

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
      A SOCKS5 proxy for the record behind a URL and for every other server, such as socks5://127.0.0.1:9050 of \
      Tor; every run gets ways of its own.
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
    try RecordLocation(record, proxy: way())
  }

  /// What makes clients of other servers than the record's; they go through the proxy as well, over a way of
  /// their own.
  /// - Parameter identity: what the servers get that ask for a certificate.
  /// - Throws: `ProgramError`, status 2.
  public func clients(
    showing identity: ClientIdentity? = nil
  ) throws(ProgramError) -> @Sendable (WebAddress) -> WebClient {
    let proxy = try way()
    return { RecordLocation.client(of: $0, proxy: proxy, identity: identity) }
  }

  /// A new way through the proxy; nil for the straight one.
  private func way() throws(ProgramError) -> SOCKSProxy? {
    guard let proxy else { return nil }
    do {
      let parsed = try SOCKSProxy(proxy)
      return parsed.hasCredentials ? parsed : try parsed.isolated()
    } catch { throw ProgramError(.usage, "--proxy: \(error)") }
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
