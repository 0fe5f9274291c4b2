// SPDX-License-Identifier: Apache-2.0

import Foundation
import Service
import StrictJSON
import Testing

/// What clients get: problems instead of errors, cacheable bytes, health.
@Suite struct ResponseTests {
  @Test func problemsHaveTheirMembers() async throws {
    try await TestServer.run { server in
      let answer = try await server.fetch("/problem/abc", method: "POST", body: [1])
      #expect(answer.status == 422)
      #expect(answer.headers["content-type"] == "application/problem+json")
      #expect(answer.headers["cache-control"] == "no-store")
      let value = try JSONValue(parsing: answer.body)
      #expect(
        value.canonicalBytes()
          == Array(
            #"{"detail":"because","rule":"R-1","status":422,"title":"Refused","type":"urn:test"}"#
              .utf8))
    }
  }

  /// A path that nobody serves, and a method that a path does not have.
  @Test func missingRoutesAndMethodsAreProblems() async throws {
    try await TestServer.run { server in
      let missing = try await server.fetch("/nothing/here")
      #expect(missing.status == 404)
      #expect(missing.headers["content-type"] == "application/problem+json")
      let method = try await server.fetch("/hello", method: "DELETE")
      #expect(method.status == 405)
      #expect(method.headers["allow"] == "GET, HEAD")
      let echo = try await server.fetch("/echo", method: "GET")
      #expect(echo.headers["allow"] == "POST")
    }
  }

  @Test func headAnswersWithoutABody() async throws {
    try await TestServer.run { server in
      for (path, status) in [("/tile/5", 200), ("/nothing", 404), ("/fault/x", 500)] {
        let connection = try await RawConnection(port: server.port)
        try await connection.send(
          "HEAD \(path) HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n"
            + "Connection: close\r\n\r\n")
        let text = try await connection.readToEnd()
        let parts = text.components(separatedBy: "\r\n\r\n")
        // A body behind HEAD would be read as the next answer.
        #expect(parts.count == 3, "\(text)")
        #expect(parts[0].hasPrefix("HTTP/1.1 \(status) "), "\(text)")
        #expect(parts[1].hasPrefix("HTTP/1.1 200 OK"), "\(text)")
      }
      let tile = try await server.fetch("/tile/5", method: "HEAD")
      #expect(tile.headers["content-length"] == "8192")
    }
  }

  @Test func tilesMayBeKept() async throws {
    try await TestServer.run { server in
      let tile = try await server.fetch("/tile/5")
      #expect(tile.body.count == 8192)
      #expect(tile.headers["cache-control"] == "public, max-age=31536000, immutable")
      #expect(tile.headers["content-type"] == "application/octet-stream")
      let text = try await server.fetch("/hello")
      #expect(text.headers["cache-control"] == "public, max-age=2")
      #expect(text.headers["content-type"] == "text/plain; charset=utf-8")
    }
  }

  @Test func readinessSaysWhy() async throws {
    let notReady = Readiness { .notReady("behind a witness") }
    try await TestServer.run(readiness: notReady) { server in
      let health = try await server.fetch("/healthz")
      #expect(health.status == 200)
      let answer = try await server.fetch("/readyz")
      #expect(answer.status == 503)
      #expect(answer.headers["retry-after"] == "5")
      let problem = try JSONReader(JSONValue(parsing: answer.body)).openFields()
      let detail = try problem["detail"].string()
      #expect(detail == "behind a witness")
    }
    try await TestServer.run { server in
      let answer = try await server.fetch("/readyz")
      #expect(answer.status == 200)
    }
  }
}
