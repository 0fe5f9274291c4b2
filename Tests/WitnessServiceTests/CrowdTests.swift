// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Ledger
import StrictJSON
import TestSupport
import Testing

/// Ten thousand open connections at one program, all of which it keeps, and a log that wants a
/// cosignature.
@Suite(.serialized) struct CrowdTests {
  private static let many = 10_000

  private static let isPossible: Bool = {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard unsafe getrlimit(resource, &limit) == 0 else { return false }
    limit.rlim_cur = max(limit.rlim_cur, rlim_t(many + 1000))
    limit.rlim_max = max(limit.rlim_max, limit.rlim_cur)
    if unsafe setrlimit(resource, &limit) == 0 { return true }
    print("SKIPPED: the hard limit of open files is below \(many + 1000)")
    return false
  }()

  @Test(.enabled(if: isPossible)) func tenThousandAreHeld() async throws {
    let log = TestLog(20)
    let folder = try WitnessFolder(
      logs: [log.key],
      limits: ["connections": 12_000, "headerSeconds": 300, "idleSeconds": 300])
    let server = try await folder.serve()
    let crowd = try await Task.detached { try Crowd(Self.many, port: server.http.port) }.value
    var size = 0
    for next in [3, 9, 20] {
      let answer = try await server.http.add(log.request(size, next))
      #expect(answer.status == 200, "\(answer.text)")
      size = next
    }
    let metrics = try await server.http.send("GET", "/metrics", nil)
    let gauge = metrics.text.split(separator: "\n").first { $0.hasPrefix("http_connections ") }
    let open = gauge.flatMap { Int($0.dropFirst("http_connections ".count)) } ?? 0
    #expect(open > Self.many, "the server has closed some: \(open)")
    let memory = try String(
      contentsOfFile: "/proc/\(server.identifier)/status", encoding: .utf8
    ).split(separator: "\n").first { $0.hasPrefix("VmRSS") }
    print("\(open) connections: \(memory ?? "")")
    crowd.close()
    #expect(try await server.end(SIGTERM) == 0)
  }

  /// Fewer open files than connections would need: the server takes fewer connections, says so, and
  /// goes on. With none left, accepting would fail, and Hummingbird would stop for it.
  @Test func fewOpenFilesAreEnough() async throws {
    let log = TestLog(20)
    let folder = try WitnessFolder(
      logs: [log.key],
      limits: ["connections": 4000, "requests": 16, "headerSeconds": 300, "idleSeconds": 300])
    let server = try await folder.serve(["prlimit", "--nofile=400:400"])
    var crowds: [Crowd] = []
    var size = 0
    for next in [3, 9, 20] {
      let crowd = try await Task.detached { try Crowd(300, port: server.http.port) }.value
      crowds.append(crowd)
      let answer = try await server.http.add(log.request(size, next))
      #expect(answer.status == 200, "\(answer.text)")
      size = next
    }
    let text = String(decoding: try folder.folder.bytes("log"), as: UTF8.self)
    #expect(text.contains("fewer open files"), "\(text)")
    #expect(!text.contains("reports an error"), "\(text)")
    for crowd in crowds { crowd.close() }
    #expect(try await server.end(SIGTERM) == 0)
  }

  /// Connections that have sent half a head.
  private final class Crowd: Sendable {
    private let descriptors: [Int32]

    init(_ count: Int, port: Int) throws {
      var descriptors: [Int32] = []
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = in_port_t(port).bigEndian
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      let half = [UInt8]("GET /healthz HTTP/1.1\r\nHost: a\r\n".utf8)
      for _ in 0..<count {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        descriptors.append(descriptor)
        let result = unsafe withUnsafePointer(to: &address) { pointer in
          unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
          }
        }
        try #require(result == 0)
        let sent = unsafe half.withUnsafeBytes {
          unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        try #require(sent == half.count)
      }
      self.descriptors = descriptors
    }

    func close() { for descriptor in descriptors { _ = Glibc.close(descriptor) } }
  }
}
