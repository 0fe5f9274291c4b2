// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import Foundation
import Ledger
import LedgerFiles
import StrictJSON
import TestSupport
import Testing

/// Voters who vote over HTTP, at boxes that are honest and at boxes that are not.
@Suite struct SubmissionTests {
  private struct Voter {
    let opened: VotingRecord
    let folder: TemporaryFolder
    let box: TestBox

    var wallet: String { folder / "wallet" }
    /// The ballot, as the program keeps it until it has an answer.
    var copy: String { "\(wallet).ballot-1.entry" }

    func run(_ verb: String, _ more: [String], record: String? = nil) throws -> ProgramRun {
      try ProgramRun.run(
        "voter", [verb, "--record", record ?? box.address, "--wallet", wallet] + more)
    }

    func vote(wait: Int = 20) throws -> ProgramRun {
      try run(
        "vote",
        [
          "--choices", "\(opened.demo.work)/ballots/choices-8.json", "--submit", "--wait",
          "\(wait)",
          "--promise", folder / "promise", "--receipt", folder / "receipt",
        ])
    }

    func has(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: folder / name)
    }

    /// Lines of the program that a terminal could obey.
    static func isPlain(_ run: ProgramRun) -> Bool {
      (run.output + run.errors).unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" }
    }
  }

  private func voter(_ tricks: TestBox.Tricks = TestBox.Tricks()) async throws -> Voter {
    let opened = try await VotingRecord.open()
    let folder = try TemporaryFolder("submission")
    _ = try folder.write(
      try BadInputTests.freshWallet(opened), to: "wallet", permissions: 0o600)
    return Voter(
      opened: opened, folder: folder,
      box: try TestBox(opened, record: try opened.copy(to: folder), tricks: tricks))
  }

  @Test("A ballot that is sent is promised, received, cast, and checked without the server")
  func honestBox() async throws {
    let voter = try await voter()
    let vote = try voter.vote()
    #expect(vote.status == 0, "\(vote.output)\(vote.errors)")
    #expect(vote.output.contains("confirmation code") && vote.output.contains("receipt holds"))
    let promise = try InclusionPromise(bytes: TestBox.bytes(voter.folder / "promise"))
    let ballot = try EntryFile(bytes: TestBox.bytes(voter.copy))
    #expect(promise.leafHash == ballot.entry.leafHash)

    let cast = try voter.run("cast", ["--submit"])
    #expect(cast.status == 0, "\(cast.output)\(cast.errors)")
    // What could open the ballot is gone.
    let wallet = String(decoding: try TestBox.bytes(voter.wallet), as: UTF8.self)
    #expect(!wallet.contains("nonce") && !wallet.contains("choices"))
    for record in [voter.box.address, voter.box.record] {
      let check = try voter.run("check", ["--receipt", voter.folder / "receipt"], record: record)
      #expect(check.status == 0, "\(check.errors)")
      #expect(check.output.contains("cast and counted"))
      #expect(check.output.contains("the receipt holds"))
      let kept = try ProgramRun.run(
        "verifier", ["promise", voter.folder / "promise", "--record", record])
      #expect(kept.status == 0 && kept.output.contains("verdict: kept"), "\(kept.errors)")
    }
    // The same entry again is the same entry.
    let again = try ProgramRun.run("voter", ["submit", "--box", voter.box.address, voter.copy])
    #expect(again.status == 0, "\(again.output)\(again.errors)")
  }

  @Test("A challenge that is sent opens the ballot for everybody")
  func challenge() async throws {
    let voter = try await voter()
    #expect(try voter.vote().status == 0)
    let challenge = try voter.run("challenge", ["--submit"])
    #expect(challenge.status == 0, "\(challenge.output)\(challenge.errors)")
    let check = try voter.run("check", [])
    #expect(check.status == 0 && check.output.contains("challenged; it held"))
  }

  /// A trick with the promise, and words of the refusal.
  struct WorthlessPromise: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let words: String
    let forge: @Sendable (InclusionPromise, borrowing Ed25519.PrivateKey) throws -> [UInt8]
  }

  static let worthless: [WorthlessPromise] = [
    WorthlessPromise(testDescription: "another leaf", words: "another entry") {
      try InclusionPromise.signed(
        electionID: $0.electionID, leafHash: SHA256.hash([1]),
        confirmationCode: $0.confirmationCode, deadline: $0.deadline, key: $1
      ).bytes
    },
    WorthlessPromise(testDescription: "another ballot's code", words: "another ballot") {
      try InclusionPromise.signed(
        electionID: $0.electionID, leafHash: $0.leafHash, confirmationCode: SHA256.hash([1]),
        deadline: $0.deadline, key: $1
      ).bytes
    },
    WorthlessPromise(testDescription: "no code", words: "another ballot") {
      try InclusionPromise.signed(
        electionID: $0.electionID, leafHash: $0.leafHash, confirmationCode: nil,
        deadline: $0.deadline, key: $1
      ).bytes
    },
    WorthlessPromise(testDescription: "another election", words: "another election") {
      try InclusionPromise.signed(
        electionID: SHA256.hash([1]), leafHash: $0.leafHash,
        confirmationCode: $0.confirmationCode, deadline: $0.deadline, key: $1
      ).bytes
    },
    WorthlessPromise(testDescription: "a far deadline", words: "later than") {
      try InclusionPromise.signed(
        electionID: $0.electionID, leafHash: $0.leafHash,
        confirmationCode: $0.confirmationCode, deadline: $0.deadline + 86_400, key: $1
      ).bytes
    },
    WorthlessPromise(testDescription: "another key", words: "signature") { promise, _ in
      try InclusionPromise.signed(
        electionID: promise.electionID, leafHash: promise.leafHash,
        confirmationCode: promise.confirmationCode, deadline: promise.deadline,
        key: Ed25519.PrivateKey.generate()
      ).bytes
    },
    WorthlessPromise(testDescription: "no JSON", words: "worthless") { _, _ in [0x1B, 0x5B] },
    WorthlessPromise(testDescription: "nothing", words: "worthless") { _, _ in [] },
    WorthlessPromise(testDescription: "a member too many", words: "worthless") { promise, _ in
      promise.json.with("urgent", true).canonicalBytes()
    },
  ]

  // adversary: L-05
  // adversary: L-10
  @Test(
    "A promise about anything else than what was sent is worthless, and is not kept",
    arguments: worthless)
  func worthlessPromise(_ one: WorthlessPromise) async throws {
    let opened = try await VotingRecord.open()
    var tricks = TestBox.Tricks()
    tricks.promise = { promise in
      do { return try one.forge(promise, TestBox.key(opened)) } catch { return [] }
    }
    let voter = try await voter(tricks)
    let vote = try voter.vote()
    #expect(vote.status == 1 && vote.errors.contains(one.words), "\(vote.errors)")
    #expect(!voter.has("promise") && !voter.has("receipt"))
    #expect(Voter.isPlain(vote))
    // What was made can still be handed in elsewhere.
    #expect(FileManager.default.fileExists(atPath: voter.copy))
  }

  // adversary: L-05
  @Test("A receipt of another entry, or one that does not lead to the root, is refused")
  func worthlessReceipt() async throws {
    let opened = try await VotingRecord.open()
    let other = try RecordDirectory(path: opened.record)
    let foreign = String(decoding: try other.receipt(at: 3).bytes, as: UTF8.self)
    let tricks: [(String, @Sendable (JSONValue) -> JSONValue)] = [
      ("another entry's", { $0.with("receipt", .string(foreign)).with("entry", 3) }),
      ("another entry's at the own place", { $0.with("receipt", .string(foreign)) }),
      ("another place", { $0.with("entry", 3) }),
      ("no receipt", { $0.with("receipt", "c2sp.org/tlog-proof@v1\n") }),
      ("another leaf", { $0.with("leaf", .string(SHA256.hash([1]).hex)) }),
      ("another version", { $0.with("version", 2) }),
    ]
    for (name, trick) in tricks {
      var changed = TestBox.Tricks()
      changed.fate = { trick($0).canonicalBytes() }
      let voter = try await voter(changed)
      let vote = try voter.vote()
      #expect(vote.status == 1, "\(name): \(vote.status) \(vote.errors)")
      // The promise was good, and is kept.
      #expect(voter.has("promise") && !voter.has("receipt"), "\(name)")
    }
  }

  // adversary: L-12
  @Test("A refusal is shown with its rule, in this program's words, and no word of it is obeyed")
  func refusal() async throws {
    let answers: [(JSONValue, status: Int, words: [String], exit: Int32)] = [
      (
        ["title": "nice try", "rules": [["id": "EG-6.D"], ["id": "BAL-4"]], "detail": "entry 12"],
        422, [RuleID.eg6D.sentence, "EG-6.D", "entry 12"], 1
      ),
      (
        ["title": "\u{1B}[2Jcleared\u{202E}", "rules": [["id": "\u{7}"]], "detail": "a\nb"], 422,
        ["cleared"], 1
      ),
      (["title": 7], 422, ["the ballot box answers 422"], 1),
      (["title": "too large"], 413, ["too large"], 1),
      (["title": "full"], 503, ["full", "voter submit"], 4),
    ]
    for (body, status, words, exit) in answers {
      var tricks = TestBox.Tricks()
      let bytes = body.canonicalBytes()
      tricks.post = { _, _, connection in
        connection.answer(
          status, ["Content-Type: application/problem+json", "Retry-After: 0"], body: bytes)
        return .done
      }
      let voter = try await voter(tricks)
      let vote = try voter.vote()
      #expect(vote.status == exit, "\(vote.errors)")
      for word in words { #expect(vote.errors.contains(word), "\(vote.errors)") }
      #expect(Voter.isPlain(vote), "\(vote.errors)")
      #expect(!voter.has("promise"))
    }
  }

  @Test("The rules decide at the box: a ballot that breaks one comes back with the rule's name")
  func realRefusal() async throws {
    let voter = try await voter()
    #expect(try voter.vote().status == 0)
    var bytes = try TestBox.bytes(voter.copy)
    bytes[bytes.count - 40] ^= 1
    let spoiled = try voter.folder.write(bytes, to: "spoiled")
    // The leaf names another payload: it is not even an entry.
    let local = try ProgramRun.run("election", ["submit", "--box", voter.box.address, spoiled])
    #expect(local.status == 1 && voter.box.posts == 1, "\(local.errors)")
    // A well-formed entry in the wrong phase.
    let sent = try ProgramRun.run(
      "election",
      ["submit", "--box", voter.box.address, voter.opened.entry("certified"), voter.copy])
    #expect(sent.status == 1 && sent.errors.contains("LOG-8"), "\(sent.errors)")
    // The other file was sent all the same.
    #expect(sent.output.contains("ballot.submitted: in the log"), "\(sent.output)")
  }

  @Test("A box that dies in the middle of its answer has the ballot once, and the voter finds it")
  func cutOffAnswer() async throws {
    var tricks = TestBox.Tricks()
    tricks.post = { number, _, _ in number == 1 ? .cutOff : .honest }
    let voter = try await voter(tricks)
    let vote = try voter.vote()
    // The second time the box refuses it, as it is in the log; asked for, it is there.
    #expect(vote.status == 0, "\(vote.output)\(vote.errors)")
    #expect(voter.box.posts == 2 && voter.has("receipt"))
    let check = try voter.run("check", ["--receipt", voter.folder / "receipt"])
    #expect(check.status == 0, "\(check.errors)")
  }

  @Test("A box that never answers leaves the ballot in a file that can be sent again")
  func noAnswer() async throws {
    var tricks = TestBox.Tricks()
    tricks.post = { number, _, connection in
      guard number == 1 else { return .honest }
      connection.send("HTTP/1.1 2")
      return .done
    }
    let voter = try await voter(tricks)
    let vote = try voter.vote()
    #expect(vote.status == 4, "\(vote.errors)")
    let hint = try #require(vote.errors.split(separator: "\n").first { $0.hasPrefix("hint: ") })
    let words = hint.split(separator: " ").dropFirst(2).map(String.init)
    #expect(words.first == "submit" && words.last == voter.copy, "\(hint)")
    let again = try ProgramRun.run("voter", words)
    #expect(again.status == 0, "\(again.output)\(again.errors)")
    let check = try voter.run("check", [])
    #expect(check.status == 0, "\(check.output)")
  }

  @Test("Without a receipt in time the voter has the promise, and is told what to do with it")
  func noReceipt() async throws {
    var tricks = TestBox.Tricks()
    tricks.fate = { $0.with("receipt", nil).canonicalBytes() }
    let voter = try await voter(tricks)
    let vote = try voter.vote(wait: 1)
    #expect(vote.status == 3 && voter.has("promise") && !voter.has("receipt"), "\(vote.errors)")
    #expect(vote.errors.contains("verifier promise"), "\(vote.errors)")
    // A cast that the box is bound to is made, though no receipt came.
    let cast = try voter.run("cast", ["--submit", "--wait", "1"])
    #expect(cast.status == 3, "\(cast.errors)")
    #expect(!String(decoding: try TestBox.bytes(voter.wallet), as: UTF8.self).contains("nonce"))
  }

  @Test("A cast that is refused leaves the ballot challengeable")
  func refusedCast() async throws {
    var tricks = TestBox.Tricks()
    tricks.post = { _, request, connection in
      guard request.path.hasSuffix("/cast") else { return .honest }
      connection.answer(422, body: [])
      return .done
    }
    let voter = try await voter(tricks)
    #expect(try voter.vote().status == 0)
    #expect(try voter.run("cast", ["--submit"]).status == 1)
    #expect(String(decoding: try TestBox.bytes(voter.wallet), as: UTF8.self).contains("nonce"))
    #expect(try voter.run("challenge", ["--submit"]).status == 0)
  }

  // adversary: L-01
  @Test("A ballot that is promised and left out convicts the box when the log goes on")
  func brokenPromise() async throws {
    let opened = try await VotingRecord.open()
    var tricks = TestBox.Tricks()
    // The box promises and throws the ballot away.
    tricks.post = { _, request, connection in
      do {
        let entry = try EntryFile(bytes: request.body)
        let promise = try InclusionPromise.signed(
          electionID: SHA256.hash(
            EntryFile(bytes: TestBox.bytes(opened.entry("configuration"))).payload),
          leafHash: entry.entry.leafHash,
          confirmationCode: entry.confirmationCode(in: ElectionState().group),
          deadline: Int(Date().timeIntervalSince1970), key: TestBox.key(opened))
        connection.answer(202, body: promise.bytes)
      } catch { connection.answer(500) }
      return .done
    }
    let voter = try await voter(tricks)
    let vote = try voter.vote(wait: 0)
    #expect(vote.status == 3 && voter.has("promise"), "\(vote.errors)")
    let file = voter.folder / "promise"
    let open = try ProgramRun.run("verifier", ["promise", file, "--record", voter.box.record])
    #expect(open.status == 3 && open.output.contains("undecided"), "\(open.output)\(open.errors)")
    // Another voter's ballot comes a second later.
    try await Task.sleep(for: .milliseconds(1_100))
    let other = try opened.accept(
      ["\(opened.demo.work)/entries/ballot-1-1.entry"], into: voter.box.record)
    #expect(other.status == 0, "\(other.output)")
    for record in [voter.box.record, voter.box.address] {
      let broken = try ProgramRun.run("verifier", ["promise", file, "--record", record])
      #expect(broken.status == 1, "\(broken.output)\(broken.errors)")
      #expect(broken.output.contains("by what the ballot box and its log signed themselves"))
    }
    // Under a changed byte it is no promise.
    var bytes = try TestBox.bytes(file)
    let digit = try #require(bytes.lastIndex(of: UInt8(ascii: "A")))
    bytes[digit] = UInt8(ascii: "B")
    let changed = try voter.folder.write(bytes, to: "changed")
    let none = try ProgramRun.run("verifier", ["promise", changed, "--record", voter.box.record])
    #expect(none.status == 5, "\(none.output)\(none.errors)")
  }

  @Test("Exactly one of --output and --submit, and --submit with a URL only")
  func usage() async throws {
    let voter = try await voter()
    let choices = "\(voter.opened.demo.work)/ballots/choices-8.json"
    for more in [
      [], ["--submit", "--output", voter.folder / "a"],
      ["--output", voter.folder / "a", "--promise", voter.folder / "b"],
      ["--submit", "--wait", "100000"],
    ] {
      let run = try voter.run("vote", ["--choices", choices] + more)
      #expect(run.status == 2, "\(more): \(run.errors)")
    }
    let folder = try voter.run(
      "vote", ["--choices", choices, "--submit"], record: voter.box.record)
    #expect(folder.status == 2 && folder.errors.contains("--submit: the record is a folder"))
    for url in ["http://", "http://a b", "https://u:secret@a", "http://a/?b"] {
      let run = try voter.run("vote", ["--choices", choices, "--submit"], record: url)
      #expect(run.status == 2 && !run.errors.contains("secret"), "\(url): \(run.errors)")
    }
  }
}
