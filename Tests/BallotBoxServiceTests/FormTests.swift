// SPDX-License-Identifier: Apache-2.0

import BallotBoxService
import Cryptography
import Election
import ElectionFixtures
import Ledger
import Service
import TestSupport
import Testing

/// Bodies that are no entries.
@Suite struct FormTests {
  // adversary: B-06
  @Test(.hangs) func everyTruncationIsRefused() async throws {
    let fixture = try ElectionFixture.voting()
    let (ballot, file) = try fixture.blank(1)
    let cast = try fixture.cast(ballot)
    try await BoxPlan(fixture).run { box in
      // Every length of the small file; of the large one, all of the leaf and some of the payload.
      let bytes = file.bytes
      let cuts = Set(0..<file.entry.bytes.count + 20).union(
        stride(from: file.entry.bytes.count, to: bytes.count, by: bytes.count / 50))
      for (bytes, cuts) in [(bytes, cuts.sorted()), (cast.bytes, Array(0..<cast.bytes.count))] {
        let answers = try await Concurrent.run(cuts.count) {
          try await box.send(.post("/ballots", Array(bytes.prefix(cuts[$0]))))
        }
        #expect(Set(answers.map(\.status)) == [400])
        #expect(
          Set(try answers.map { try $0.string("type") }) == ["urn:urna:problem:form"])
      }
      #expect(try box.entries() == fixture.entries)
    }
  }

  @Test func everyBitOfASmallEntryCounts() async throws {
    let fixture = try ElectionFixture.voting()
    let (ballot, file) = try fixture.blank(1)
    let cast = try fixture.cast(ballot).bytes
    let seed = UInt64.random(in: 0...UInt64.max)
    try await BoxPlan(fixture).run { box in
      _ = try await box.post(file)
      let answers = try await Concurrent.run(300) { number in
        var generator = SeededGenerator(seed: seed &+ UInt64(number))
        var bytes = cast
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^=
          1 << UInt8.random(in: 0..<8, using: &generator)
        return try await box.send(.post("/ballots/\(ballot.code.hex)/cast", bytes))
      }
      // Another type, another author, another signature, another form.
      #expect(Set(answers.map(\.status)).isSubset(of: [400, 422]), "seed \(seed)")
      #expect(try box.entries().last == file, "seed \(seed)")
    }
  }

  @Test func randomBytesAreRefused() async throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    let fixture = try ElectionFixture.voting()
    let leaf = try fixture.blank(1).file.entry.bytes
    try await BoxPlan(fixture).run { box in
      let answers = try await Concurrent.run(300) { number in
        var generator = SeededGenerator(seed: seed &+ UInt64(number))
        let count = Int.random(in: 0...3000, using: &generator)
        var bytes = generator.bytes(count)
        switch number % 3 {
        case 0: break
        case 1: bytes = leaf + [0x0A] + bytes
        default: bytes = Array("{\"by\":\"commission\",".utf8) + bytes
        }
        let paths = ["/ballots", "/entries", "/ballots/\(String(repeating: "0", count: 64))/cast"]
        return try await box.send(.post(paths[number % paths.count], bytes))
      }
      #expect(Set(answers.map(\.status)) == [400], "seed \(seed)")
    }
  }

  @Test func bodiesHaveALimit() async throws {
    let fixture = try ElectionFixture.voting()
    let (_, file) = try fixture.blank(1)
    var plan = try await BoxPlan(fixture)
    plan.limits.bodyBytes = file.bytes.count
    try await plan.run { box in
      let large = try await box.send(.post("/ballots", file.bytes + [0x0A]))
      #expect(large.status == 413)
      // In pieces, without a length.
      let size = String(file.bytes.count + 1, radix: 16)
      let chunked = Call(
        method: "POST", path: "/ballots", headers: [("Transfer-Encoding", "chunked")], body: nil)
      var call = chunked
      call.rawBody =
        Array("\(size)\r\n".utf8) + file.bytes + [0x0A] + Array("\r\n0\r\n\r\n".utf8)
      #expect(try await box.send(call).status == 413)
      #expect(try await box.post(file).status == 202)
    }
  }

  @Test func otherMethodsAreRefused() async throws {
    let fixture = try ElectionFixture.voting()
    try await BoxPlan(fixture).run { box in
      for path in ["/ballots", "/entries", "/ballots/x/cast", "/ballots/x/challenge"] {
        let answer = try await box.get(path)
        #expect(answer.status == 405, "\(path)")
        #expect(answer.headers["allow"] == "POST")
      }
      for path in ["/checkpoint", "/log.vkey", "/tile/0/000", "/ballots/x", "/entries/x"] {
        for method in ["POST", "PUT", "DELETE", "PATCH"] {
          let answer = try await box.send(Call(method: method, path: path, body: []))
          #expect(answer.status == 405, "\(method) \(path)")
          #expect(answer.headers["allow"] == "GET, HEAD")
        }
      }
    }
  }
}
