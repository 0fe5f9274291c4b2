// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Service
import TestSupport
import Testing

/// Ten thousand connections that do nothing, and one voter.
@Suite(.serialized) struct ManyConnectionsTests {
  private static let many = 10_000

  /// Raises the limit of open files to what client and server need in one process.
  private static func raiseFileLimit(to wanted: Int) -> Bool {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard unsafe getrlimit(resource, &limit) == 0 else { return false }
    if limit.rlim_cur >= rlim_t(wanted) { return true }
    limit.rlim_cur = rlim_t(wanted)
    limit.rlim_max = max(limit.rlim_max, limit.rlim_cur)
    if unsafe setrlimit(resource, &limit) == 0 { return true }
    print("SKIPPED: the hard limit of open files is below \(wanted)")
    return false
  }

  /// Opens connections that send `bytes` and then nothing.
  private static func open(_ count: Int, port: Int, saying bytes: String) async throws -> [Int32] {
    try await RawConnection.blocking {
      var descriptors: [Int32] = []
      for _ in 0..<count {
        let descriptor = try RawConnection.connect(port)
        if !bytes.isEmpty {
          var copy = Array(bytes.utf8)
          _ = unsafe Glibc.send(descriptor, &copy, copy.count, Int32(MSG_NOSIGNAL))
        }
        descriptors.append(descriptor)
      }
      return descriptors
    }
  }

  /// More connections than the server allows: those that were idle longest go, honest requests are
  /// answered all the while, and the number of connections stays below the limit.
  @Test(arguments: [
    "", "GET /hello HTTP/1.1\r\nHost: a\r\nX-",
    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\nabc",
  ])
  func idleOnesMakeRoom(_ bytes: String) async throws {
    guard Self.raiseFileLimit(to: Self.many + 4000) else { return }
    var limits = ServiceLimits.patient
    limits.connections = 2000
    limits.requests = 1000
    let served = try await TestServer.run(limits: limits) { server in
      var descriptors: [Int32] = []
      var served = 0
      for _ in 0..<10 {
        descriptors += try await Self.open(Self.many / 10, port: server.port, saying: bytes)
        for attempt in 0..<100 {
          let answer = try await server.fetch("/hello")
          if answer.status == 200 {
            served += 1
            break
          }
          // Stopped bodies hold all places until they give way.
          #expect(answer.status == 503 && bytes.hasPrefix("POST"), "attempt \(attempt)")
          try await Task.sleep(for: .milliseconds(100))
        }
      }
      let gauge = server.metrics.exposition().split(separator: "\n")
        .first { $0.hasPrefix("http_connections ") }
      let open = gauge.flatMap { Int($0.dropFirst("http_connections ".count)) }
      #expect((open ?? .max) <= 2000)
      for descriptor in descriptors { close(descriptor) }
      return served
    }
    #expect(served == 10)
  }
}
