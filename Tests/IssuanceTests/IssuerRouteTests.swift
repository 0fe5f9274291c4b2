// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Foundation
import Hummingbird
import Issuance
import IssuerService
import Ledger
import Logging
import Service
import StrictJSON
import TestSupport
import Testing
import WebClient

/// The issuer over HTTP.
@Suite struct IssuerRouteTests {
  private func run<Value: Sendable>(
    _ desk: TestDesk, attempts: AttemptLimit = AttemptLimit(),
    _ body: @escaping @Sendable (WebClient) async throws -> Value
  ) async throws -> Value {
    try await desk.serve(attempts: attempts) { port in
      let address = try WebAddress("http://127.0.0.1:\(port)")
      // Other tests compute meanwhile.
      let patient = WebTimes(
        connecting: Patience.time, silence: Patience.time, total: Patience.time)
      return try await body(WebClient(address, times: patient, retry: .never))
    }
  }

  private func issue(_ client: WebClient, _ message: IssueMessage) async throws -> WebResponse {
    let group = try ElectionFixture.credentialed(.registering).group
    return try await client.post(
      "v1/issue", body: message.bytes(in: group), contentType: "application/json", limit: 65_536)
  }

  @Test func answersAreTheDesks() async throws {
    let desk = try TestDesk()
    try await run(desk) { client in
      let response = try await issue(client, desk.message(1))
      #expect(response.status == 200)
      let answer = try IssueAnswer(bytes: response.body)
      let again = try await client.get("v1/issue/\(answer.request.hex)", limit: 65_536)
      #expect(again.status == 200 && again.body == response.body)
      let nothing = try await client.get("v1/issue/\(SHA256.hash([]).hex)", limit: 65_536)
      #expect(nothing.status == 404)
      let other = try await issue(client, desk.otherMessage(1))
      #expect(other.status == 409)
      let text = String(decoding: other.body, as: UTF8.self)
      #expect(text.contains(answer.request.hex))
      let directory = try await client.get("v1/directory", limit: 65_536)
      #expect(String(decoding: directory.body, as: UTF8.self).contains("\"issuer\":1"))
      let malformed = try await client.post(
        "v1/issue", body: Array("{}".utf8), contentType: "application/json", limit: 65_536)
      #expect(malformed.status == 400)
      let large = try await client.post(
        "v1/issue", body: [UInt8](repeating: 0x20, count: IssueMessage.maximumByteCount + 1),
        contentType: "application/json", limit: 65_536)
      #expect(large.status == 413)
      let cancel = try await client.post(
        "v1/cancel", body: desk.fixture.manifestEntry().bytes,
        contentType: "application/octet-stream", limit: 65_536)
      #expect(cancel.status == 400)
      let own = try await client.post(
        "v1/cancel",
        body: desk.fixture.entry(desk.fixture.cancellation(1), by: .voter(1)).bytes,
        contentType: "application/octet-stream", limit: 65_536)
      #expect(own.status == 202)
    }
  }

  /// Nobody learns who is on the roll: equal bodies, and times that the refusal's own time hides.
  // adversary: E-08, E-10
  @Test(.hangs) func refusalsAreEqualInBodyAndTime() async throws {
    let desk = try TestDesk()
    let good = try desk.message(1)
    var records = [good.record, good.record, good.record, good.record]
    records[0].signatures[0][5] ^= 1
    records[1].index = 99
    records[2].evidence = .sealed(SHA256.hash([]))
    records[3].district = 9
    let changed = records
    try await run(desk) { client in
      var bodies = Set<[UInt8]>()
      var times: [Duration] = []
      for record in changed {
        let start = ContinuousClock.now
        let response = try await issue(
          client, IssueMessage(record: record, blinded: good.blinded))
        times.append(.now - start)
        #expect(response.status == 403)
        bodies.insert(response.body)
      }
      for (voter, index) in [(1, 2), (1, 99), (6, 4)] {
        let start = ContinuousClock.now
        let keys = CredentialSetup.rollIdentities[voter - 1]
        let statement = IssueRequest.question(
          scope: CredentialScope(election: try desk.fixture.electionID()), district: 1,
          index: index)
        let question = RollQuestion(
          district: 1, index: index, keys: keys.map(\.publicKey),
          signatures: try keys.map { try $0.key().signature(for: statement) })
        let response = try await client.post(
          "v1/entry", body: question.bytes, contentType: "application/json", limit: 65_536)
        times.append(.now - start)
        #expect(response.status == 403)
        bodies.insert(response.body)
      }
      #expect(bodies.count == 1)
      let least = IssuerDesk.catchingUp + .seconds(1)
      // No answer before its time. How late they come says how busy the machine is.
      #expect(times.allSatisfy { $0 >= least }, "\(times)")
    }
  }

  /// Guessing from many places counts together, and comes to an end.
  // adversary: E-10
  @Test(.hangs) func guessingComesToAnEnd() async throws {
    let desk = try TestDesk()
    var record = try desk.message(1).record
    record.signatures[0][5] ^= 1
    let message = IssueMessage(record: record, blinded: try desk.message(1).blinded)
    try await run(desk, attempts: AttemptLimit(maximum: 5)) { client in
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<20 { group.addTask { try await issue(client, message).status } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(Set(statuses).isSubset(of: [403, 429]))
      let late = try await issue(client, message)
      #expect(late.status == 429)
      // The right one waits with them; another entry does not.
      let right = try await issue(client, desk.message(1))
      #expect(right.status == 429)
      let other = try await issue(client, desk.message(3))
      #expect(other.status == 200)
    }
  }

  @Test func theRoutesAreTheDocuments() throws {
    let desk = try TestDesk()
    let router = Router(context: ServiceContext.self)
    IssuerRoutes(
      desk: desk.desk, ledger: desk.ledger, limits: ServiceLimits(), attempts: AttemptLimit(),
      metrics: IssuerMetrics(registry: MetricsRegistry()), asking: ConcurrencyLimit(1)
    ).add(to: router)
    let routes = Set(
      router.routes.map { route in
        "\(route.method.rawValue) "
          + route.path.description.replacingOccurrences(of: ":request", with: "{request}")
      })
    let run = try ToolRun.python("Tests/Scripts/openapi.py", ["Specs/openapi/issuer.yaml"])
    #expect(run.status == 0, "\(run.text)")
    let documented = try JSONReader(JSONValue(parsing: Array(run.text.utf8))).openFields().names
    let operational: Set = ["GET /healthz", "GET /readyz", "GET /metrics"]
    #expect(routes.union(operational) == Set(documented))
  }
}
