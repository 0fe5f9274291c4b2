// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import Ledger
import TestSupport
import Testing
import WitnessService

/// The protocol over real HTTP (c2sp.org/tlog-witness).
@Suite struct ProtocolTests {
  private struct Sequence: Decodable {
    struct Case: Decodable {
      let request: String
      let statusBySpec: Int
      let sourceAssert: String
    }
    let logVkey: String
    let cases: [Case]
  }

  /// The sequence of another witness's test, with the statuses of the text.
  @Test(.enabled(if: Shared.isPresent || Shared.isContinuousIntegration))
  func sequenceOfAnotherWitness() async throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let sequence = try decoder.decode(
      Sequence.self,
      from: Data(Shared.bytes("vectors/tlog/extracted/witness-add-checkpoint-sequence.json")))
    #expect(sequence.cases.count == 9)
    let log = try NoteVerifierKey(vkey: sequence.logVkey)
    try await TestWitness.run(logs: [log]) { witness in
      var last: [UInt8] = []
      for (number, item) in sequence.cases.enumerated() {
        let body = [UInt8](item.request.utf8)
        let answer = try await witness.http.add(body)
        #expect(answer.status == item.statusBySpec, "case \(number): \(answer.text)")
        switch item.statusBySpec {
        case 200:
          last = try AddCheckpointRequest(body).note
          #expect(try witness.cosigned(answer, last).time == 1_800_000_000)
        case 409:
          #expect(answer.type == "text/x.tlog.size")
          #expect(item.sourceAssert == "body == \"\(answer.text.dropLast())\\n\"")
        default: break
        }
      }
      let latest = try await witness.http.latest(log.name)
      #expect(latest.status == 200)
      #expect(latest.type == "text/plain; charset=utf-8")
      let checkpoint = try Checkpoint.verified(latest.body, cosigner: witness.key)
      #expect(checkpoint.size == 5)
      // The log's own signature is served too.
      #expect(try Checkpoint.verified(latest.body, logKey: log) == checkpoint)
    }
  }

  // adversary: L-03
  /// A log that shows two trees gets a cosignature for one.
  @Test func forksAreNotCosigned() async throws {
    let log = TestLog(20)
    let fork = TestLog(20, fork: "other ")
    try await TestWitness.run { witness in
      let first = try await witness.http.add(log.request(0, 7))
      #expect(first.status == 200)
      _ = try witness.cosigned(first, log.note(7))
      // Equal size, other root: the witness has not changed its mind, so 422 and not 409.
      let same = try await witness.http.add(
        AddCheckpointRequest(oldSize: 7, proof: [], note: fork.note(7)).bytes)
      #expect(same.status == 422)
      for request in [
        try fork.request(7, 12),
        try AddCheckpointRequest(oldSize: 7, proof: log.proof(7, 12), note: fork.note(12)).bytes,
        try AddCheckpointRequest(oldSize: 7, proof: [], note: log.note(12)).bytes,
      ] {
        let answer = try await witness.http.add(request)
        #expect(answer.status == 422, "\(answer.text)")
      }
      let restart = try await witness.http.add(fork.request(0, 12))
      #expect(restart.status == 409)
      #expect(restart.text == "7\n")
      #expect(try await witness.storedSize() == 7)
      let next = try await witness.http.add(log.request(7, 12))
      #expect(next.status == 200)
      #expect(try await witness.storedSize() == 12)
    }
  }

  @Test func sizeZero() async throws {
    let log = TestLog(9)
    try await TestWitness.run { witness in
      let hollow = try log.note(
        text: "\(TestLog.origin)\n0\n\(Data(log.leaves[0].bytes).base64EncodedString())\n")
      let wrongRoot = try await witness.http.add([UInt8]("old 0\n\n".utf8) + hollow)
      #expect(wrongRoot.status == 422)
      let withProof = try await witness.http.add(
        AddCheckpointRequest(oldSize: 0, proof: [log.leaves[0]], note: log.note(3)).bytes)
      #expect(withProof.status == 422)
      #expect(try await witness.storedSize() == nil)
      // The empty tree is cosigned, and again, and continued from.
      for _ in 0..<2 {
        let empty = try await witness.http.add(log.request(0, 0))
        #expect(empty.status == 200)
        _ = try witness.cosigned(empty, log.note(0))
      }
      let ahead = try await witness.http.add(log.request(3, 9))
      #expect(ahead.status == 409)
      #expect(ahead.text == "0\n")
      let begun = try await witness.http.add(log.request(0, 3))
      #expect(begun.status == 200)
      // Asking from 0 is how a log learns the size.
      let asked = try await witness.http.add(log.request(0, 9))
      #expect(asked.status == 409)
      #expect(asked.text == "3\n")
      let below = try await witness.http.add(
        AddCheckpointRequest(oldSize: 3, proof: [], note: log.note(2)).bytes)
      #expect(below.status == 400)
    }
  }

  @Test func strangersAndBrokenBodies() async throws {
    let log = TestLog(9)
    try await TestWitness.run { witness in
      let unknown = try await witness.http.add(TestLog(9, origin: "unknown.example").request(0, 3))
      #expect(unknown.status == 404)
      let unsigned = try await witness.http.add(TestLog(9, seed: 2).request(0, 3))
      #expect(unsigned.status == 403)
      let good = try log.request(0, 3)
      var cut: [[UInt8]] = [[], [0], [UInt8]("old 0".utf8), Array(repeating: 0x0A, count: 5000)]
      for length in stride(from: 1, to: good.count, by: 7) {
        cut.append(Array(good.prefix(length)))
      }
      cut += [good + [0x0A], [0xFF] + good, [UInt8](good.map { $0 == 0x0A ? 0x0D : $0 })]
      for body in cut {
        let answer = try await witness.http.add(body)
        #expect(answer.status == 400 || answer.status == 403, "\(body.count): \(answer.status)")
      }
      let large = [UInt8](repeating: 0x61, count: AddCheckpointRequest.maximumByteCount + 1)
      let tooLarge = try await witness.http.add(large)
      #expect(tooLarge.status == 413)
      #expect(try await witness.storedSize() == nil)
      let method = try await witness.http.send("GET", "/add-checkpoint", nil)
      #expect(method.status == 405)
      for path in ["/x/checkpoint", "/\(String(repeating: "0", count: 64))/checkpoint"] {
        let missing = try await witness.http.send("GET", path, nil)
        #expect(missing.status == 404)
      }
      let upper = "/" + Checkpoint.monitoringPath(origin: TestLog.origin).uppercased()
      let other = try await witness.http.send("GET", upper, nil)
      #expect(other.status == 404)
      let after = try await witness.http.add(good)
      #expect(after.status == 200)
    }
  }

  /// The same checkpoint again, as after a lost answer: cosigned again.
  @Test func duplicatesAreCosignedAgain() async throws {
    let log = TestLog(9)
    try await TestWitness.run { witness in
      let first = try await witness.http.add(log.request(0, 9))
      let late = try await witness.http.add(log.request(0, 9))
      #expect(first.status == 200)
      #expect(late.status == 409)
      #expect(late.text == "9\n")
      for _ in 0..<3 {
        let again = try await witness.http.add(log.request(9, 9))
        #expect(again.status == 200)
        _ = try witness.cosigned(again, log.note(9))
      }
      #expect(try await witness.storedSize() == 9)
    }
  }

  @Test func logsThatAskTooOftenWait() async throws {
    let log = TestLog(9)
    let other = TestLog(9, seed: 3, origin: "other.example")
    try await TestWitness.run(
      logs: [log.key, other.key], rate: LogRate(perMinute: 1, burst: 3)
    ) { witness in
      for size in 0..<3 {
        let answer = try await witness.http.add(log.request(max(0, size - 1), size))
        #expect(answer.status == 200, "\(size)")
      }
      let refused = try await witness.http.add(log.request(2, 4))
      #expect(refused.status == 429)
      // A stranger does not use up a log's share, nor one log another's.
      let answer = try await witness.http.add(other.request(0, 4))
      #expect(answer.status == 200)
    }
  }

  /// A store that fails once: no cosignature then, none later, and the server says so.
  @Test func failedStoresEndTheWork() async throws {
    let log = TestLog(9)
    try await TestWitness.run(store: FailingStore()) { witness in
      let ready = try await witness.http.send("GET", "/readyz", nil)
      #expect(ready.status == 200)
      let answer = try await witness.http.add(log.request(0, 9))
      #expect(answer.status == 503)
      #expect(!answer.text.contains("\u{2014}"))
      let health = try await witness.http.send("GET", "/readyz", nil)
      #expect(health.status == 503)
    }
  }

  /// Without a clock there is no cosignature.
  @Test func timeZeroIsNotSigned() async throws {
    let log = TestLog(9)
    try await TestWitness.run(clock: { 0 }) { witness in
      let answer = try await witness.http.add(log.request(0, 9))
      #expect(answer.status == 503)
      #expect(try await witness.storedSize() == nil)
    }
  }
}

/// Reads, and cannot write.
private struct FailingStore: WitnessStore {
  func latest(origin: String) async throws(StoreError) -> [UInt8]? { nil }

  func replace(origin: String, old: [UInt8]?, new: [UInt8]) async throws(StoreError) {
    throw .failed("disk")
  }
}
