// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Service
import ServiceLifecycle
import StrictJSON
import Synchronization
import TestSupport

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A server on a port of its own, for the length of one test.
final class TestServer: Sendable {
  let port: Int
  let metrics: MetricsRegistry

  private init(port: Int, metrics: MetricsRegistry) {
    self.port = port
    self.metrics = metrics
  }

  /// Limits short enough for tests. Nothing measures them: a test waits until what must come has come.
  static var quickLimits: ServiceLimits {
    ServiceLimits(header: 4, body: 1, idle: 2, write: 1, shutdown: 5)
  }

  /// Runs a server while `body` runs, then stops it in the orderly way and waits for its end.
  static func run<Result: Sendable>(
    limits: ServiceLimits = .patient, logger: Logger? = nil,
    readiness: Readiness = .always, before: [any Service] = [], after: [any Service] = [],
    routes: @escaping @Sendable (Router<ServiceContext>) -> Void = { testRoutes($0) },
    _ body: @Sendable (TestServer) async throws -> Result
  ) async throws -> Result {
    // A log that nobody reads any more must not end the tests; programs ignore the signal as well.
    signal(SIGPIPE, SIG_IGN)
    let configuration = {
      var configuration = ServiceConfiguration(port: 0)
      configuration.limits = limits
      return configuration
    }()
    let metrics = MetricsRegistry()
    return try await withServer { onListening in
      try await ServiceRunner(
        configuration: configuration,
        logger: logger ?? Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        metrics: metrics, readiness: readiness, before: before, after: after,
        onListening: onListening, routes: routes
      ).run(signals: [])
    } _: { port in
      try await body(TestServer(port: port, metrics: metrics))
    }
  }

  private static let piece = ByteBuffer(repeating: 1, count: 65536)

  /// Routes that do what tests need.
  static func testRoutes(_ router: Router<ServiceContext>) {
    router.get("hello") { _, _ in
      Response.shortLived(Array("hello\n".utf8), seconds: 2)
    }
    router.get("tile/{name}") { _, _ in Response.immutable(Array(repeating: 7, count: 8192)) }
    // In pieces that take their time, as those of a file do: one that writes faster than the event loop can
    // say that nobody reads has written all before it is told. More than the system's buffers take: they
    // grow to 32 MiB.
    router.get("large") { _, _ in
      Response(
        status: .ok,
        body: ResponseBody(contentLength: 2048 * piece.readableBytes) { writer in
          for _ in 0..<2048 {
            try await writer.write(piece)
            try await Task.sleep(for: .microseconds(50))
          }
          try await writer.finish(nil)
        })
    }
    router.post("echo") { request, _ in
      let body = try await request.boundedBody(1000, limits: .patient)
      return Response.uncached(.ok, body, contentType: "application/octet-stream")
    }
    router.post("hasty") { request, _ in
      let body = try await request.boundedBody(1_000_000, limits: quickLimits)
      return Response.uncached(.ok, body, contentType: "application/octet-stream")
    }
    router.post("problem/{code}") { _, _ -> Response in
      throw Problem(
        .unprocessableContent, type: "urn:test", title: "Refused", detail: "because",
        extensions: [.init(name: "rule", value: "R-1")])
    }
    router.get("fault/{code}") { _, context -> Response in
      let code = try context.parameters.require("code")
      throw TestFault(text: "secret place of \(code)")
    }
    router.get("wait/{milliseconds}") { _, context -> Response in
      let time = try context.parameters.require("milliseconds", as: Int.self)
      try await Task.sleep(for: .milliseconds(time))
      return Response.uncached(.ok, Array("waited\n".utf8), contentType: "text/plain")
    }
  }

  /// A request by URLSession.
  func fetch(
    _ path: String, method: String = "GET", body: [UInt8]? = nil, headers: [String: String] = [:]
  ) async throws -> (status: Int, body: [UInt8], headers: [String: String]) {
    guard let url = URL(string: "http://127.0.0.1:\(port)\(path)") else {
      throw ServiceError.operatingSystem("not a URL")
    }
    var request = URLRequest(url: url)
    request.httpMethod = method
    request.timeoutInterval = Double(Patience.seconds)
    if let body { request.httpBody = Data(body) }
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    let session = URLSession(configuration: .ephemeral)
    defer { session.invalidateAndCancel() }
    let (data, answer) = try await session.data(for: request)
    guard let answer = answer as? HTTPURLResponse else {
      throw ServiceError.operatingSystem("no HTTP answer")
    }
    var fields: [String: String] = [:]
    for (name, value) in answer.allHeaderFields {
      fields["\(name)".lowercased()] = "\(value)"
    }
    return (answer.statusCode, Array(data), fields)
  }
}

struct TestFault: Error, CustomStringConvertible {
  let text: String
  var description: String { text }
}

/// Ends a server's group in the orderly way.
final class StopService: Service {
  private let signal = AsyncStream<Void>.makeStream()

  func now() { signal.continuation.finish() }

  func run() async throws {
    await withGracefulShutdownHandler {
      for await _ in signal.stream {}
    } onGracefulShutdown: {
      self.signal.continuation.finish()
    }
  }
}
