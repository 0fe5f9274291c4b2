// SPDX-License-Identifier: Apache-2.0

internal import Election
public import Ledger
public import LedgerFiles
public import WebClient

/// Where a record lies: in a folder, or behind the URL of a ballot box or of any server that has the files.
public struct RecordLocation: Sendable {
  /// The folder or the URL, as it is named in errors.
  public let name: String
  /// The server; nil for a folder.
  public let client: WebClient?
  private let files: RemoteFiles?

  /// How long connecting may take through a proxy.
  public static let proxyPatience = Duration.seconds(60)
  /// How long a program waits for the witnesses of a checkpoint that was just published.
  public static let patience = Duration.seconds(20)

  /// Reads what the command line says.
  /// - Throws: `ProgramError`, status 2, for a URL that is not in the accepted form.
  /// - Parameter proxy: a SOCKS5 proxy that all requests go through.
  public init(_ text: String, proxy: SOCKSProxy? = nil) throws(ProgramError) {
    guard WebAddress.isMeant(by: text) else {
      name = text
      client = nil
      files = nil
      return
    }
    let address: WebAddress
    do { address = try WebAddress(text) } catch {
      throw ProgramError(.usage, "\(error)", hint: "a URL like https://box.example/election")
    }
    name = address.description
    let client = Self.client(of: address, proxy: proxy)
    self.client = client
    files = RemoteFiles(client)
  }

  /// A client of any server. A way through many relays takes its time.
  static func client(
    of address: WebAddress, proxy: SOCKSProxy?, identity: ClientIdentity? = nil
  ) -> WebClient {
    WebClient(
      address, times: proxy == nil ? WebTimes() : WebTimes(connecting: proxyPatience),
      proxy: proxy, identity: identity)
  }

  /// Opens the record under its newest checkpoint.
  /// - Throws: `FileError`.
  public func open() throws(FileError) -> RecordDirectory {
    guard let files else { return try RecordDirectory(path: name) }
    return try RecordDirectory(files: files)
  }

  /// The same; a server is asked again for a while when the witnesses that the election demands have not
  /// cosigned yet. Nothing is decided here: whoever acts on the record checks the cosignatures.
  /// - Throws: `FileError`.
  public func openWitnessed() async throws(FileError) -> RecordDirectory {
    let record = try open()
    guard client != nil, let policy = Self.policy(of: record), !policy.isTrivial else {
      return record
    }
    let end = ContinuousClock.now + Self.patience
    var newest = record
    while ContinuousClock.now < end {
      do throws(LedgerError) {
        let witnessed = try policy.examine(newest.checkpointNote, logKey: newest.logKey)
        if witnessed.isQuorumMet { return newest }
      } catch { return newest }
      do { try await Task.sleep(for: .milliseconds(250)) } catch { return newest }
      newest = try open()
    }
    return newest
  }

  /// The policy of the configuration at the front; nil when it cannot be read, which a rule says.
  public static func policy(of record: RecordDirectory) -> WitnessPolicy? {
    guard record.size > 0 else { return nil }
    do {
      let payload = try record.payload(at: 0)
      return try ElectionConfiguration(bytes: payload, in: ElectionState().group).witnessPolicy
    } catch { return nil }
  }

  /// An error about a file of the record.
  public func error(_ error: FileError) -> ProgramError { ProgramError(error, in: name) }
}
