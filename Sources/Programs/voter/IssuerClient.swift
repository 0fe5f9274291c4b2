// SPDX-License-Identifier: Apache-2.0

import CommandLineSupport
import Cryptography
import Election
import Issuance
import StrictJSON
import WebClient

/// Asks an issuer, and believes nothing that it answers: keys come from the record alone.
struct IssuerClient {
  let url: String
  private let client: WebClient
  /// j, as the issuer says; the keys of that number decide whether it is.
  let number: Int

  /// Asks who is behind a URL.
  ///
  /// - Parameter making: makes the client, straight or through a proxy.
  static func connect(
    _ url: String, election: Digest, making: @Sendable (WebAddress) -> WebClient
  ) async throws(ProgramError) -> IssuerClient {
    let client: WebClient
    do { client = making(try WebAddress(url)) } catch {
      throw ProgramError(.usage, "--issuer: \(error)")
    }
    let response: WebResponse
    do { response = try await client.get("v1/directory", limit: 4 << 20) } catch {
      throw ProgramError(.inputOutput, "\(url): \(error)")
    }
    guard response.status == 200 else {
      throw ProgramError(.inputOutput, "\(url): the issuer answers \(response.status)")
    }
    do {
      let fields = try JSONReader(
        JSONValue(parsing: response.body, limits: JSONLimits(maxBytes: 4 << 20))
      ).openFields()
      guard try fields["election"].hex(bytes: Digest.byteCount) == election.bytes else {
        throw ProgramError(.refused, "\(url): an issuer of another election")
      }
      return IssuerClient(
        url: url, client: client,
        number: try fields["issuer"].integer(1...CredentialTerms.maximumIssuers))
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.wrong, "\(url): \(error)")
    }
  }

  /// The entry of the roll that the keys belong to, or the citizen.
  ///
  /// - Parameter question: a ``RollQuestion``, or an ``IdentifiedQuestion``.
  func entry(_ question: [UInt8]) async throws(ProgramError) -> RollAnswer {
    let response = try await post(
      "v1/entry", question, limit: RollAnswer.maximumByteCount,
      refused: "the roll has no such entry with these keys, or no such citizen")
    guard response.status == 200 else { throw unexpected(response) }
    return try ProgramError.naming(url) { try RollAnswer(bytes: response.body) }
  }

  /// A blind signature; nil if the issuer says that another request of the entry came before, which the record
  /// shows or does not.
  func issue(_ message: [UInt8]) async throws(ProgramError) -> IssueAnswer? {
    let response = try await post(
      "v1/issue", message, limit: IssueAnswer.maximumByteCount,
      refused: "the request does not belong to an entry of the roll, or does not show that it does")
    switch response.status {
    case 200: return try ProgramError.naming(url) { try IssueAnswer(bytes: response.body) }
    case 409: return nil
    default: throw unexpected(response)
    }
  }

  private func unexpected(_ response: WebResponse) -> ProgramError {
    ProgramError(.wrong, "\(url): \(BoxProblem(response).title)")
  }

  private func post(
    _ path: String, _ body: [UInt8], limit: Int, refused: String
  ) async throws(ProgramError) -> WebResponse {
    let response: WebResponse
    do {
      response = try await client.post(
        path, body: body, contentType: "application/json",
        limit: max(limit, WebClient.problemByteCount), isRepeatable: true)
    } catch {
      throw ProgramError(
        .inputOutput, "\(url): \(error)", hint: "run the command again; asking again does no harm")
    }
    switch response.status {
    case 403: throw ProgramError(.refused, "\(url): \(refused)")
    case 410: throw ProgramError(.refused, "\(url): no credentials are issued now")
    case 429, 500...:
      throw ProgramError(
        .inputOutput, "\(url): the issuer has too much to do, or waits for the witnesses",
        hint: "run the command again; asking again does no harm")
    default: return response
    }
  }
}
