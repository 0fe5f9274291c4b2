// SPDX-License-Identifier: Apache-2.0

import BallotBoxService
import Cryptography
import Election
import ElectionFixtures
import Foundation
import Ledger
import LedgerFiles
import Logging
import TestSupport
import Testing

/// Witnesses that are slow, dead or lie: receipts wait, the record goes on, and a box whose state is an
/// old copy does not start.
@Suite struct WitnessTests {
  enum Misbehaviour: String, CaseIterable, Sendable {
    case hangsUp, wrongSignature, wrongKey, knowsMore, fault, unknownLog, otherHistory, garbled

    var manner: TestWitness.Manner {
      switch self {
      case .hangsUp: .hangsUp
      case .wrongSignature: .wrongSignature
      case .wrongKey: .wrongKey
      case .knowsMore: .conflict(size: 1_000_000)
      case .fault: .status(500)
      case .unknownLog: .status(404)
      case .otherHistory: .status(422)
      case .garbled: .status(200)
      }
    }

    /// Whether it says that the log forked.
    var isDispute: Bool { self == .knowsMore || self == .otherHistory }
  }

  // adversary: L-01, L-03
  @Test(.hangs, arguments: Misbehaviour.allCases)
  func receiptsWaitForTheQuorumAndTheRecordGoesOn(_ item: Misbehaviour) async throws {
    let (first, second) = (try TestWitness("first"), try TestWitness("second"))
    let fixture = try ElectionFixture.voting(
      policy: TestWitness.policy([first, second], quorum: 2))
    let log = CapturedLog()
    var plan = try await BoxPlan(fixture)
    plan.logger = log.logger
    let (ballot, file) = try fixture.blank(1)
    try await plan.run { box in
      #expect(try await box.get("/readyz").status == 200)
      let before = try #require(second.stored)
      second.behave(item.manner)
      let asked = second.requestCount
      _ = try SubmissionTests.promise(await box.post(file), for: file, fixture)
      try await Concurrent.until { second.requestCount > asked + 1 }
      let waiting = try await box.get("/ballots/\(ballot.code.hex)?wait=1")
      #expect(waiting.status == 202)
      #expect(try waiting.string("receipt") == nil)
      #expect(try waiting.string("status") == "submitted")
      let entry = try await box.get("/entries/\(file.entry.leafHash.hex)")
      #expect(entry.status == 202)
      #expect(try entry.string("receipt") == nil)
      // The published checkpoint bears what is true, and no line of the second witness.
      let note = try await box.get("/checkpoint").body
      let examined = try fixture.setup.witnessPolicy.examine(
        note, logKey: fixture.logSigner().verifierKey)
      #expect(examined.cosignatures.map(\.witness.name) == ["first"])
      #expect(!examined.isQuorumMet)
      // Others vote.
      #expect(try await box.post(fixture.blank(2).file).status == 202)
      #expect(log.texts(.critical).contains { $0.contains("second") } == item.isDispute)
      #expect(try await box.metric("ballotbox_receipts_pending") ?? 0 > 0)
      #expect(second.stored == before)
      // When the witness does its work again, receipts come without a restart.
      second.behave(.honest)
      let answer = try await box.get("/ballots/\(ballot.code.hex)?wait=60")
      #expect(answer.status == 200, "\(answer.text)")
      let witnessed = try SubmissionTests.receipt(answer.string("receipt"), for: file, fixture)
      #expect(witnessed.cosignatures.count == 2)
      // Nobody waits any more, and the operator sees it.
      try await Concurrent.until { try await box.metric("ballotbox_receipts_pending") == 0 }
    }
  }

  @Test(.hangs) func oneOfThreeMayBeDead() async throws {
    let witnesses = try ["first", "second", "third"].map { try TestWitness($0) }
    let fixture = try ElectionFixture.voting(policy: TestWitness.policy(witnesses, quorum: 2))
    let (ballot, file) = try fixture.blank(1)
    let plan = try await BoxPlan(fixture)
    for dead in witnesses {
      dead.behave(.hangsUp)
      try await plan.run { box in
        _ = try SubmissionTests.promise(await box.post(file), for: file, fixture)
        let answer = try await box.get("/ballots/\(ballot.code.hex)?wait=60")
        #expect(answer.status == 200, "\(answer.text)")
        _ = try SubmissionTests.receipt(answer.string("receipt"), for: file, fixture)
        // Until here the dead one has never seen this; the next start asks it all the same.
        #expect(try await box.get("/readyz").status == 200)
      }
      dead.behave(.honest)
    }
  }

  /// A witness that never answers delays receipts, and not what is submitted.
  @Test(.hangs) func aSilentWitnessDelaysReceiptsOnly() async throws {
    let (first, second) = (try TestWitness("first"), try TestWitness("second"))
    let fixture = try ElectionFixture.voting(
      policy: TestWitness.policy([first, second], quorum: 1))
    let plan = try await BoxPlan(fixture)
    try await plan.run { box in
      second.behave(.silent)
      for voter in 1...4 {
        let (ballot, file) = try fixture.blank(voter)
        _ = try SubmissionTests.promise(await box.post(file), for: file, fixture)
        let answer = try await box.get("/ballots/\(ballot.code.hex)?wait=60")
        #expect(answer.status == 200, "\(answer.text)")
      }
      first.behave(.silent)
      #expect(try await box.post(fixture.blank(5).file).status == 202)
      #expect(try await box.post(fixture.blank(6).file).status == 202)
      #expect(try await box.get("/checkpoint").status == 200)
      first.behave(.slow(milliseconds: 300))
      let code = try fixture.blank(7)
      #expect(try await box.post(code.file).status == 202)
      #expect(
        try await box.get("/ballots/\(code.ballot.code.hex)?wait=60").status == 200)
    }
  }

  /// Without a quorum the box starts, takes in what comes, and says that it is not ready.
  @Test(.hangs) func withoutAQuorumTheBoxIsNotReady() async throws {
    let witness = try TestWitness("first")
    let fixture = try ElectionFixture.voting(policy: TestWitness.policy([witness], quorum: 1))
    witness.behave(.hangsUp)
    try await BoxPlan(fixture).run { box in
      let answer = try await box.get("/readyz")
      #expect(answer.status == 503)
      #expect(answer.headers["retry-after"] != nil)
      #expect(try await box.post(fixture.blank(1).file).status == 202)
      witness.behave(.honest)
      try await Concurrent.until { try await box.get("/readyz").status == 200 }
    }
  }

  /// A record and database that were restored from an old copy.
  @Test(.hangs) func aBoxBehindAWitnessDoesNotStart() async throws {
    let witness = try TestWitness("first")
    let fixture = try ElectionFixture.voting(policy: TestWitness.policy([witness], quorum: 1))
    let plan = try await BoxPlan(fixture)
    try await plan.run { box in
      let ready = try await box.get("/readyz")
      #expect(ready.status == 200)
    }
    let copy = try TemporaryFolder()
    for name in ["record", "record.sqlite"] {
      try FileManager.default.copyItem(
        atPath: "\(plan.folder.path)/\(name)", toPath: "\(copy.path)/\(name)")
    }
    let (ballot, file) = try fixture.blank(1)
    try await plan.run { box in
      let promised = try await box.post(file)
      #expect(promised.status == 202)
      let receipt = try await box.get("/ballots/\(ballot.code.hex)?wait=60")
      #expect(receipt.status == 200)
    }
    for name in ["record", "record.sqlite"] {
      try plan.folder.remove(name)
      try FileManager.default.copyItem(
        atPath: "\(copy.path)/\(name)", toPath: "\(plan.folder.path)/\(name)")
    }
    let size = try RecordDirectory(path: plan.record).size
    do {
      _ = try await plan.start()
      Issue.record("the box started behind its witness")
    } catch let error as BoxError {
      #expect("\(error)".contains("first"), "\(error)")
    }
    #expect(try RecordDirectory(path: plan.record).size == size)
    #expect(witness.stored?.size ?? 0 > size)
  }

  /// Of a quorum of one, the other witness is enough to forbid a start.
  @Test(.hangs, arguments: [Misbehaviour.knowsMore, .otherHistory])
  func anyWitnessForbidsAStart(_ item: Misbehaviour) async throws {
    let witnesses = [try TestWitness("first"), try TestWitness("second")]
    defer { withExtendedLifetime(witnesses) {} }
    let fixture = try ElectionFixture.voting(policy: TestWitness.policy(witnesses, quorum: 1))
    var plan = try await BoxPlan(fixture)
    let log = CapturedLog()
    plan.logger = log.logger
    witnesses[1].behave(item.manner)
    do {
      _ = try await plan.start()
      Issue.record("the box started")
    } catch let error as BoxError {
      #expect("\(error)".contains("witness second"), "\(error)")
    }
    witnesses[1].behave(.honest)
    try await plan.run { box in
      let ready = try await box.get("/readyz")
      #expect(ready.status == 200, "\(ready.text)\(log.texts(.warning))")
    }
  }

  /// Two boxes on copies of one record, one set of witnesses: the second one's history is never
  /// cosigned, it says so, and it does not start again.
  // adversary: L-03
  @Test(.hangs) func aSecondHistoryIsRefusedByTheWitnesses() async throws {
    let witness = try TestWitness("first")
    let fixture = try ElectionFixture.voting(policy: TestWitness.policy([witness], quorum: 1))
    let plan = try await BoxPlan(fixture)
    let log = CapturedLog()
    var second = try plan.copied()
    second.logger = log.logger
    let (honest, forked) = (try fixture.blank(1), try fixture.blank(2))
    let third = try fixture.blank(3)
    let (secondPlan, witnessed) = (second, witness)
    try await plan.run { box in
      try await secondPlan.run { other in
        #expect(try await box.post(honest.file).status == 202)
        let answer = try await box.get("/ballots/\(honest.ballot.code.hex)?wait=60")
        #expect(answer.status == 200)
        let seen = try #require(witnessed.stored)
        #expect(try await other.post(forked.file).status == 202)
        #expect(try await other.post(third.file).status == 202)
        try await Concurrent.until { log.texts(.critical).contains { $0.contains("first") } }
        let refused = try await other.get("/ballots/\(forked.ballot.code.hex)?wait=2")
        #expect(refused.status == 202)
        #expect(try refused.string("receipt") == nil)
        #expect(witnessed.stored == seen)
      }
    }
    await #expect(throws: BoxError.self) { _ = try await secondPlan.start() }
  }
}

extension BoxPlan {
  /// The same plan on a copy of the record and the database.
  func copied() throws -> BoxPlan {
    let copy = try BoxPlan(copying: self)
    for name in ["record", "record.sqlite"] {
      try FileManager.default.copyItem(
        atPath: "\(folder.path)/\(name)", toPath: "\(copy.folder.path)/\(name)")
    }
    return copy
  }
}
