// SPDX-License-Identifier: Apache-2.0

import Foundation
import Ledger
import TestSupport

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Requests to a witness.
struct HTTP: Sendable {
  struct Answer: Sendable {
    let status: Int
    let type: String
    let body: [UInt8]
    /// By their names in lower case.
    let headers: [String: String]
    var text: String { String(decoding: body, as: UTF8.self) }
  }

  let port: Int

  func add(_ body: [UInt8]) async throws -> Answer {
    try await send("POST", "/add-checkpoint", body)
  }

  func latest(_ origin: String) async throws -> Answer {
    try await send("GET", "/\(Checkpoint.monitoringPath(origin: origin))", nil)
  }

  func send(_ method: String, _ path: String, _ body: [UInt8]?) async throws -> Answer {
    guard let url = URL(string: "http://127.0.0.1:\(port)\(path)") else { throw URLError(.badURL) }
    var request = URLRequest(url: url)
    request.httpMethod = method
    request.timeoutInterval = Double(Patience.seconds)
    if let body { request.httpBody = Data(body) }
    let session = URLSession(configuration: .ephemeral)
    defer { session.invalidateAndCancel() }
    let (data, response) = try await session.data(for: request)
    guard let response = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
    var headers: [String: String] = [:]
    for (name, value) in response.allHeaderFields { headers["\(name)".lowercased()] = "\(value)" }
    return Answer(
      status: response.statusCode, type: headers["content-type"] ?? "", body: [UInt8](data),
      headers: headers)
  }
}
