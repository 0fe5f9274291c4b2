// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import StrictJSON
import TestSupport
import Testing
import WebClient

/// What a ballot box answers, read by a client that does not trust it.
@Suite struct BoxClientTests {
  static let leaf = SHA256.hash([1, 2, 3])

  private func entry() throws -> EntryFile {
    let payload = Array("{}".utf8)
    return try EntryFile(
      entry: LedgerEntry.signed(
        type: "test.entry", by: .commission, payload: payload, electionID: Self.leaf,
        key: Ed25519.PrivateKey.generate()), payload: payload)
  }

  @Test("An entry goes to the address of its kind, as it is")
  func places() async throws {
    let seen = Notes<RawServer.Request>()
    let server = try RawServer(answering: { _, request, connection in
      seen.note(request)
      return connection.answer(202, body: [7])
    })
    let box = BoxClient(try WebClient.of(server, prefix: "/e"))
    let entry = try entry()
    for place in [
      BoxClient.Place.ballots, .cast(Self.leaf), .challenge(Self.leaf), .entries,
    ] {
      #expect(try await box.submit(entry, to: place) == .promise([7]))
    }
    #expect(
      seen.all.map(\.path) == [
        "e/ballots", "e/ballots/\(Self.leaf.hex)/cast", "e/ballots/\(Self.leaf.hex)/challenge",
        "e/entries",
      ])
    #expect(seen.all.allSatisfy { $0.body == entry.bytes })
  }

  @Test("A question lets the box wait, and gives up behind that time")
  func longPoll() async throws {
    let server = try RawServer(answering: { _, request, connection in
      #expect(request.path.hasSuffix("?wait=1"))
      connection.waitForClient()
      return false
    })
    let box = BoxClient(try WebClient.of(server, silence: .milliseconds(100)))
    let error = await failure { () throws(WebError) in
      try await box.fate(ofLeaf: Self.leaf, wait: 1)
    }
    guard case .timedOut = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  /// A body, and what it means: nil when it is refused.
  static let fates: [(String, BoxClient.Fate?)] = [
    (#"{"entry":7,"leaf":"LEAF","version":1}"#, .pending(entry: 7)),
    (
      #"{"entry":7,"leaf":"LEAF","receipt":"x\n","version":1}"#,
      .witnessed(entry: 7, receipt: Array("x\n".utf8))
    ),
    (#"{"entry":7,"leaf":"OTHER","version":1}"#, nil),
    (#"{"entry":-1,"leaf":"LEAF","version":1}"#, nil),
    (#"{"entry":1e3,"leaf":"LEAF","version":1}"#, nil),
    (#"{"entry":9007199254740992,"leaf":"LEAF","version":1}"#, nil),
    (#"{"entry":"7","leaf":"LEAF","version":1}"#, nil),
    (#"{"entry":7,"leaf":"LEAF","version":2}"#, nil),
    (#"{"entry":7,"leaf":"LEAF"}"#, nil),
    (#"{"entry":7,"leaf":"LEAF","receipt":null,"version":1}"#, nil),
    (#"{"entry":7,"leaf":"LEAF","extra":1,"version":1}"#, nil),
    (#"{"entry":7,"entry":8,"leaf":"LEAF","version":1}"#, nil), ("", nil), ("[]", nil), ("{", nil),
  ]

  @Test("Answers about an entry have one form", arguments: fates)
  func fate(_ text: String, _ expected: BoxClient.Fate?) async throws {
    let body = Array(
      text.replacing("LEAF", with: Self.leaf.hex).replacing("OTHER", with: SHA256.hash([9]).hex)
        .utf8)
    for status in [200, 202] {
      let server = try RawServer(answering: { _, _, connection in
        connection.answer(status, body: body)
      })
      let box = BoxClient(try WebClient.of(server))
      do throws(WebError) {
        #expect(try await box.fate(ofLeaf: Self.leaf, wait: 0) == expected)
      } catch {
        #expect(expected == nil)
        guard case .malformed = error else {
          Issue.record("\(error)")
          continue
        }
      }
    }
  }

  @Test("Other statuses are what they are")
  func statuses() async throws {
    for status in [404, 403, 500, 302] {
      let server = try RawServer(answering: { _, _, connection in connection.answer(status) })
      let box = BoxClient(try WebClient.of(server))
      if status == 404 {
        #expect(try await box.fate(ofLeaf: Self.leaf, wait: 0) == .unknown)
      } else {
        let error = await failure { () throws(WebError) in
          try await box.fate(ofLeaf: Self.leaf, wait: 0)
        }
        #expect(error == .status("entries/\(Self.leaf.hex)", status))
      }
    }
  }

  @Test("A problem is read as far as it is in the form, and no character of it is obeyed")
  func problems() throws {
    func problem(_ text: String, type: String = BoxProblem.mediaType) -> BoxProblem {
      BoxProblem(
        WebResponse(status: 422, contentType: type, retryAfter: nil, body: Array(text.utf8)))
    }
    let good = problem(
      #"{"title":"T","detail":"D","rule":"X","rules":[{"id":"A","sentence":"s"},{"id":"B"}]}"#)
    #expect(good.title == "T" && good.detail == "D" && good.rules == ["A", "B"])
    #expect(problem(#"{"title":"T","rule":"X"}"#).rules == ["X"])
    #expect(problem(#"{"title":"a\u001b[2J\u202eb\n"}"#).title == "a\u{FFFD}[2J\u{FFFD}b\u{FFFD}")
    // Accents and other scripts stay readable.
    #expect(problem(#"{"title":"règle Правило 規則"}"#).title == "règle Правило 規則")
    let plain = "the ballot box answers 422"
    for text in ["", "{", "[]", #"{"title":7}"#, #"{"title":"a","title":"b"}"#] {
      #expect(problem(text).title == plain, "\(text)")
    }
    #expect(problem(#"{"title":"T"}"#, type: "text/html").title == plain)
    let long = problem("{\"title\":\"\(String(repeating: "x", count: 5000))\"}")
    #expect(long.title == plain)
    let many = (0..<100).map { "{\"id\":\"R\($0)\"}" }.joined(separator: ",")
    #expect(problem("{\"title\":\"T\",\"rules\":[\(many)]}").rules.isEmpty)
  }

  @Test("A witness is asked at the address of the log's origin")
  func monitor() async throws {
    let seen = Notes<String>()
    let server = try RawServer(answering: { number, request, connection in
      seen.note(request.path)
      return number == 1 ? connection.answer(200, body: [1]) : connection.answer(404)
    })
    let monitor = try WitnessMonitor(url: server.address + "/w")
    #expect(try await monitor.checkpoint(origin: "example.org/log") == [1])
    #expect(try await monitor.checkpoint(origin: "example.org/log") == nil)
    let hash = SHA256.hash(Array("example.org/log".utf8)).hex.lowercased()
    #expect(seen.all == ["w/\(hash)/checkpoint", "w/\(hash)/checkpoint"])
    #expect(throws: WebError.self) { try WitnessMonitor(url: "ftp://a") }
  }
}
