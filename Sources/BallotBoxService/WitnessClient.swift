// SPDX-License-Identifier: Apache-2.0

public import Ledger
public import Sequencing
public import WebClient

/// A witness that is asked over HTTP (c2sp.org/tlog-witness, `add-checkpoint`).
public struct WitnessClient: WitnessConnection {
  private let client: WebClient

  /// How long a witness has.
  public static let time = Duration.seconds(5)

  /// The witness behind a submission prefix.
  ///
  /// - Throws: `WebError` for an address that is no URL of http or https.
  public init(url: String) throws(WebError) {
    client = WebClient(
      try WebAddress(url), times: WebTimes(connecting: Self.time, total: Self.time),
      retry: .never)
  }

  /// Sends a request and reads the answer.
  public func add(
    _ request: AddCheckpointRequest
  ) async throws(WitnessUnreachable) -> WitnessAnswer {
    let response: WebResponse
    do {
      response = try await client.post(
        AddCheckpointRequest.path, body: request.bytes,
        contentType: "text/plain; charset=utf-8", limit: WitnessAnswer.maximumByteCount)
    } catch { throw WitnessUnreachable("\(error)") }
    do {
      return try WitnessAnswer(
        status: response.status, contentType: response.contentType, body: response.body)
    } catch { throw WitnessUnreachable("\(error)") }
  }
}
