// SPDX-License-Identifier: Apache-2.0

internal import Ledger

/// Asks witnesses what they cosigned last (c2sp.org/tlog-witness, "Monitor Retrieval Mechanism").
public struct WitnessMonitor: Sendable {
  private let client: WebClient

  /// The witness behind a prefix. The address in a policy is the one for requests; a witness whose monitoring
  /// prefix is another one is not found there, and is passed over by the caller.
  ///
  /// - Throws: ``WebError`` for an address that is no URL of http or https.
  public init(url: String) throws(WebError) {
    client = WebClient(
      try WebAddress(url),
      times: WebTimes(connecting: .seconds(5), silence: .seconds(5), total: .seconds(10)),
      retry: .never)
  }

  /// The latest checkpoint of a log that the witness shows; nil when it shows none. Nothing of it is checked.
  ///
  /// - Throws: ``WebError``.
  public func checkpoint(origin: String) async throws(WebError) -> [UInt8]? {
    let path = Checkpoint.monitoringPath(origin: origin)
    let response = try await client.get(path, limit: SignedNote.maximumByteCount)
    switch response.status {
    case 200: return response.body
    case 404: return nil
    default: throw .status(path, response.status)
    }
  }
}
