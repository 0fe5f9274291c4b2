// SPDX-License-Identifier: Apache-2.0

import BallotBoxService
import Cryptography
import Election
import ElectionFixtures
import Ledger
import StrictJSON
import TestSupport
import Testing

/// What becomes of entries that keep the rules: promise, publication, receipt, decision.
@Suite struct SubmissionTests {
  /// The promise in an answer, checked as a client checks it.
  static func promise(
    _ answer: Call.Answer, for file: EntryFile, _ fixture: ElectionFixture
  ) throws -> InclusionPromise {
    try #require(answer.status == 202, "\(answer.text)")
    let promise = try InclusionPromise(bytes: answer.body)
    // adversary: L-10
    // The client holds its own bytes: a promise about others does not pass.
    #expect(promise.leafHash == file.entry.leafHash)
    #expect(promise.electionID == fixture.state.electionID)
    #expect(promise.isSignatureValid(key: fixture.box.publicKey))
    #expect(promise.confirmationCode == file.confirmationCode(in: fixture.group))
    return promise
  }

  /// The receipt in an answer's member, checked under the election's policy.
  static func receipt(
    _ text: String?, for file: EntryFile, _ fixture: ElectionFixture
  ) throws -> WitnessedCheckpoint {
    let receipt = try InclusionReceipt(Array(try #require(text).utf8))
    return try receipt.verify(
      leafHash: file.entry.leafHash, logKey: fixture.logSigner().verifierKey,
      policy: fixture.setup.witnessPolicy)
  }

  // adversary: B-10
  @Test func aBallotIsPromisedShownAndCast() async throws {
    let fixture = try ElectionFixture.voting()
    let (ballot, file) = try fixture.blank(1)
    let clock = FixedClock(5_000)
    var plan = try await BoxPlan(fixture)
    plan.clock = clock
    try await plan.run { box in
      let answer = try await box.post(file)
      #expect(answer.headers["location"] == "/ballots/\(ballot.code.hex)")
      #expect(answer.headers["content-type"] == "application/json")
      #expect(answer.headers["cache-control"] == "no-store")
      let promise = try Self.promise(answer, for: file, fixture)
      #expect(promise.confirmationCode == ballot.code)
      let configuration = try #require(fixture.state.configuration)
      #expect(promise.deadline == 5_000 + configuration.inclusionSeconds)
      // Acknowledged is published.
      #expect(try box.entries().last == file)
      let shown = try await box.get("/ballots/\(ballot.code.hex)?wait=30")
      #expect(shown.status == 200, "\(shown.text)")
      #expect(try shown.string("status") == "submitted")
      #expect(try shown.string("code") == ballot.code.hex)
      let checkpoint = try Self.receipt(shown.string("receipt"), for: file, fixture)
      #expect(checkpoint.checkpoint.size >= UInt64(fixture.entries.count + 2))
      #expect(try shown.members()["decision"] == nil)

      let cast = try fixture.cast(ballot)
      let castAnswer = try await box.post(cast)
      let castPromise = try Self.promise(castAnswer, for: cast, fixture)
      #expect(castPromise.confirmationCode == ballot.code)
      let done = try await box.get("/ballots/\(ballot.code.hex)?wait=30")
      #expect(done.status == 200)
      #expect(try done.string("status") == "cast")
      _ = try Self.receipt(done.string("receipt"), for: file, fixture)
      guard case .object(let members)? = try done.members()["decision"],
        case .string(let text)? = members.first(where: { $0.name == "receipt" })?.value
      else {
        Issue.record("no receipt of the decision: \(done.text)")
        return
      }
      _ = try Self.receipt(text, for: cast, fixture)
      let entry = try await box.get("/entries/\(cast.entry.leafHash.hex)?wait=30")
      #expect(entry.status == 200)
      #expect(try entry.string("leaf") == cast.entry.leafHash.hex)
      _ = try Self.receipt(entry.string("receipt"), for: cast, fixture)
    }
  }

  /// Two voters get two codes, two promises and two receipts, and neither proves anything about the
  /// other's ballot.
  // adversary: L-05
  @Test func nobodyGetsTheAnswerOfAnother() async throws {
    let fixture = try ElectionFixture.voting()
    // The same vote.
    let ballots = [try fixture.blank(1), try fixture.blank(2)]
    try await BoxPlan(fixture).run { box in
      var receipts: [String] = []
      for (ballot, file) in ballots {
        _ = try Self.promise(await box.post(file), for: file, fixture)
        let answer = try await box.get("/ballots/\(ballot.code.hex)?wait=30")
        receipts.append(try #require(try answer.string("receipt")))
      }
      #expect(ballots[0].ballot.code != ballots[1].ballot.code)
      for number in 0..<2 {
        _ = try Self.receipt(receipts[number], for: ballots[number].file, fixture)
        #expect(throws: LedgerError.self) {
          try Self.receipt(receipts[number], for: ballots[1 - number].file, fixture)
        }
      }
    }
  }

  // adversary: U-04
  @Test func aChallengedBallotIsOpenedAndNotCast() async throws {
    let fixture = try ElectionFixture.voting()
    let (ballot, file) = try fixture.blank(1)
    try await BoxPlan(fixture).run { box in
      _ = try Self.promise(await box.post(file), for: file, fixture)
      let challenge = try fixture.challenge(ballot)
      _ = try Self.promise(await box.post(challenge), for: challenge, fixture)
      let shown = try await box.get("/ballots/\(ballot.code.hex)?wait=30")
      #expect(try shown.string("status") == "challenged")
      let cast = try await box.post(fixture.cast(ballot))
      #expect(cast.status == 422)
      #expect(try cast.string("rule") == RuleID.bal5.rawValue)
    }
  }

  /// A client that lost the answer asks again, and gets the same one: at once, later, after the box
  /// was started again, and after the voting was closed.
  // adversary: B-01
  @Test func theSameSubmissionAgainGetsTheSamePromise() async throws {
    var fixture = try ElectionFixture.voting()
    let (_, file) = try fixture.blank(1)
    let clock = FixedClock(5_000)
    var plan = try await BoxPlan(fixture)
    plan.clock = clock
    let first = try await plan.run { [fixture] box in
      let answers = try await Concurrent.run(50) { _ in try await box.postUntilDecided(file) }
      let first = try #require(answers.first)
      _ = try Self.promise(first, for: file, fixture)
      #expect(Set(answers.map(\.status)) == [202])
      #expect(Set(answers.map(\.body)) == [first.body])
      clock.set(9_000)
      let later = try await box.post(file)
      #expect(later.body == first.body)
      return first
    }
    try fixture.follow(plan.record)
    let size = fixture.entries.count
    #expect(fixture.entries.filter { $0 == file }.count == 1)
    try await plan.run { [fixture] box in
      clock.set(10_000)
      #expect(try await box.post(file).body == first.body)
      let closing = try fixture.entry(fixture.closing(), by: .commission)
      let closed = try await box.post(closing)
      _ = try Self.promise(closed, for: closing, fixture)
      clock.set(11_000)
      // The phase has changed; what is in the log is still in the log.
      let late = try await box.post(file)
      #expect(late.status == 202)
      #expect(late.body == first.body)
      let closedAgain = try await box.post(closing)
      #expect(closedAgain.status == 202)
      #expect(closedAgain.body == closed.body)
      #expect(try box.entries().count == size + 2)
    }
  }

  /// Strong uniqueness: of a hundred ballots that are a voter's first, one is accepted.
  // adversary: E-07, B-13
  @Test(.hangs) func oneOfAHundredBallotsOfOneNumberIsAccepted() async throws {
    let fixture = try ElectionFixture.voting()
    let files = try (0..<100).map { _ in try fixture.blank(1).file }
    var plan = try await BoxPlan(fixture)
    plan.pool.entriesOfVoter = 50
    try await plan.run { box in
      let answers = try await Concurrent.run(100) { try await box.postUntilDecided(files[$0]) }
      #expect(answers.filter { $0.status == 202 }.count == 1)
      for answer in answers where answer.status != 202 {
        #expect(answer.status == 422)
        #expect(try answer.string("rule") == RuleID.bal4.rawValue)
      }
      let submitted = try box.entries().filter {
        $0.entry.type == EntryType.ballotSubmitted.rawValue
      }
      #expect(submitted.count == 1)
      let accepted = try #require(answers.firstIndex { $0.status == 202 })
      #expect(submitted.first == files[accepted])
    }
  }

  /// An entry sent to another address than its own is refused, and not decided about.
  @Test func addressesTakeTheirOwnEntries() async throws {
    let fixture = try ElectionFixture.voting()
    let (ballot, file) = try fixture.blank(1)
    let (other, otherFile) = try fixture.blank(2)
    let configuration = try fixture.entry(fixture.configuration(), by: .commission)
    let batch = try fixture.entry(BatchOpened(number: 99, time: 9_999), by: .box)
    try await BoxPlan(fixture).run { box in
      for file in [file, otherFile] {
        _ = try Self.promise(await box.post(file), for: file, fixture)
      }
      let size = try box.entries().count
      let cast = try fixture.cast(ballot)
      let challenge = try fixture.challenge(ballot)
      let closing = try fixture.entry(fixture.closing(), by: .commission)
      let own = "/ballots/\(ballot.code.hex)"
      for (file, path) in [
        (cast, "/ballots"), (challenge, "/ballots"), (closing, "/ballots"), (file, "/entries"),
        (cast, "/entries"), (cast, "\(own)/challenge"), (challenge, "\(own)/cast"),
        (file, "\(own)/cast"), (cast, "/ballots/\(other.code.hex)/cast"),
        (challenge, "/ballots/\(other.code.hex)/challenge"), (configuration, "/entries"),
        (batch, "/entries"), (configuration, "/ballots"),
      ] {
        let answer = try await box.post(file, to: path)
        #expect(answer.status == 422, "\(file.entry.type) \(path): \(answer.text)")
        #expect(try answer.string("type") == "urn:urna:problem:address", "\(path)")
      }
      for path in [
        "/ballots/XYZ/cast", "/ballots/\(ballot.code.hex.lowercased())/cast",
        "/ballots/\(ballot.code.hex)0/cast",
      ] {
        #expect(try await box.post(cast, to: path).status == 404, "\(path)")
      }
      #expect(try box.entries().count == size)
      _ = try Self.promise(await box.post(cast), for: cast, fixture)
    }
  }

  @Test func asksAboutWhatIsNotThere() async throws {
    let fixture = try ElectionFixture.voting()
    let (ballot, file) = try fixture.blank(1)
    try await BoxPlan(fixture).run { box in
      for path in [
        "/ballots/\(ballot.code.hex)", "/ballots/\(ballot.code.hex)?wait=1", "/ballots/x",
        "/entries/\(file.entry.leafHash.hex)", "/entries/x",
      ] {
        #expect(try await box.get(path).status == 404, "\(path)")
      }
      for wait in ["61", "-1", "", "1.5", "01", "1e1", "99999999999999999999", "%31%32%33"] {
        let answer = try await box.get("/ballots/\(ballot.code.hex)?wait=\(wait)")
        #expect(answer.status == 400, "\(wait): \(answer.text)")
      }
    }
  }
}
