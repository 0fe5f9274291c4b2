// SPDX-License-Identifier: Apache-2.0

import BallotBoxService
import Cryptography
import Election
import ElectionFixtures
import Foundation
import HTTPTypes
import Hummingbird
import Ledger
import Service
import StrictJSON
import TestSupport
import Testing

/// The document of the box's addresses says what the box does. All other suites hold the statuses that
/// they see against it (``TestBox/send(_:)``).
@Suite struct OpenAPITests {
  /// The routes of the router are those of the document, in both directions.
  @Test func theRoutesAreTheDocuments() async throws {
    let documented = Set(try OpenAPIDocument.ballotBox.get().statuses.keys)
    let fixture = try ElectionFixture.voting()
    let box = try await BoxPlan(fixture).open()
    let router = Router(context: ServiceContext.self)
    BoxServer.routes(box, pool: Intake(), board: WitnessedBoard(), limits: ServiceLimits())
      .forEach { $0(router) }
    var routes: Set<String> = []
    for route in router.routes {
      var path = route.path.description
      if path == "/tile/**" { path = "/tile/{path}" }
      for name in ["code", "leaf"] {
        path = path.replacingOccurrences(of: ":\(name)", with: "{\(name)}")
      }
      routes.insert("\(route.method.rawValue) \(path)")
    }
    // These belong to every server, and are asked for below.
    let operational: Set = ["GET /healthz", "GET /readyz", "GET /metrics"]
    #expect(routes.isDisjoint(with: operational))
    #expect(routes.union(operational) == documented)
  }

  /// Answers of a box, held against the document's media types, fields and schemas.
  @Test(.hangs) func answersAreAsTheDocumentSays() async throws {
    let witness = try TestWitness("first")
    let fixture = try ElectionFixture.voting(policy: TestWitness.policy([witness], quorum: 1))
    let (ballot, file) = try fixture.blank(1)
    let (challenged, challengedFile) = try fixture.blank(2)
    let (undecided, undecidedFile) = try fixture.blank(3)
    var plan = try await BoxPlan(fixture)
    plan.limits.bodyBytes = 100_000
    let lines = AnswerLines()
    try await plan.run { box in
      func note(_ call: Call) async throws { lines.note(call, try await box.send(call)) }
      let own = "/ballots/\(ballot.code.hex)"
      for path in ["/healthz", "/readyz", "/metrics", "/checkpoint", "/log.vkey"] {
        try await note(.get(path))
      }
      let size = fixture.entries.count
      try await note(.get("/tile/0/000.p/\(size)"))
      try await note(.get("/tile/0/001"))
      try await note(.get(own))
      try await note(.get(own + "?wait=x"))
      try await note(.get("/entries/x"))
      try await note(.get("/entries/\(file.entry.leafHash.hex)?wait=100"))
      for path in ["/ballots", "/entries", own + "/cast", own + "/challenge"] {
        try await note(.post(path, [1]))
        try await note(.post(path, Array(repeating: 1, count: 100_001)))
        try await note(.post(path, file.bytes.dropLast() + [0]))
      }
      try await note(.post(own + "/cast", file.bytes))
      try await note(.post("/ballots/x/cast", fixture.cast(ballot).bytes))
      try await note(.post("/ballots", file.bytes))
      // Another ballot of the same number.
      try await note(.post("/ballots", fixture.blank(1).file.bytes))
      try await note(.get(own + "?wait=60"))
      witness.behave(.hangsUp)
      for file in [challengedFile, undecidedFile] { try await note(.post("/ballots", file.bytes)) }
      try await note(.get("/ballots/\(undecided.code.hex)"))
      try await note(.get("/entries/\(undecidedFile.entry.leafHash.hex)"))
      try await note(.post(own + "/cast", fixture.cast(ballot).bytes))
      try await note(.get(own))
      try await note(
        .post(
          "/ballots/\(challenged.code.hex)/challenge", fixture.challenge(challenged).bytes))
      witness.behave(.honest)
      for path in [own, "/ballots/\(challenged.code.hex)"] {
        try await note(.get(path + "?wait=60"))
      }
      try await note(.get("/entries/\(file.entry.leafHash.hex)?wait=60"))
      try await note(.post(own + "/challenge", fixture.challenge(ballot).bytes))
      var copy = fixture
      try copy.follow(box.plan.record)
      try await note(.post("/entries", copy.entry(copy.closing(), by: .commission).bytes))
    }
    let seen = lines.statuses
    for expected in [
      "POST /ballots 202", "POST /ballots 400", "POST /ballots 413", "POST /ballots 422",
      "POST /entries 202", "GET /ballots/{code} 200", "GET /ballots/{code} 202",
      "GET /ballots/{code} 400", "GET /ballots/{code} 404", "GET /entries/{leaf} 200",
      "GET /entries/{leaf} 202", "POST /ballots/{code}/cast 202",
      "POST /ballots/{code}/challenge 202", "POST /ballots/{code}/cast 404",
    ] {
      #expect(seen.contains(expected), "\(expected)")
    }
    let folder = try TemporaryFolder()
    try folder.write(lines.bytes, "answers")
    let (status, text) = try OpenAPIDocument.run(["--answers", folder.path + "/answers"])
    #expect(status == 0, "\(text)")
    // The check can fail.
    let wrong = String(decoding: lines.bytes, as: UTF8.self)
      .replacingOccurrences(of: #"\"deadline\""#, with: #"\"deadlines\""#)
    #expect(wrong.utf8.count != lines.bytes.count)
    try folder.write(Array(wrong.utf8), "wrong")
    #expect(try OpenAPIDocument.run(["--answers", folder.path + "/wrong"]).0 == 1)
  }
}

/// Recorded answers, as the script reads them.
private final class AnswerLines: Sendable {
  private struct Line: Sendable {
    let route: String
    let call: Call
    let answer: Call.Answer
  }

  private let lines = Locked<[Line]>([])

  func note(_ call: Call, _ answer: Call.Answer) {
    let route = OpenAPIDocument.route(call.path) ?? call.path
    lines.change { $0.append(Line(route: route, call: call, answer: answer)) }
  }

  var statuses: Set<String> {
    Set(lines.value.map { "\($0.call.method) \($0.route) \($0.answer.status)" })
  }

  var bytes: [UInt8] {
    lines.value.flatMap { line in
      let value: JSONValue = [
        "method": .string(line.call.method), "route": .string(line.route),
        "status": .integer(Int64(line.answer.status)),
        "type": .string(line.answer.headers["content-type"] ?? ""),
        "headers": .object(
          line.answer.headers.sorted { $0.key < $1.key }
            .map { JSONMember(name: $0.key, value: .string($0.value)) }),
        "body": .string(
          line.answer.headers["content-type"] == "application/octet-stream"
            ? "" : line.answer.text),
      ]
      return value.canonicalBytes() + [0x0A]
    }
  }
}
