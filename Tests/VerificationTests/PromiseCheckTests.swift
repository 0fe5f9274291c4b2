// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Ledger
import LedgerFiles
import Testing
import Verification

/// When a promise counts as kept, as broken, or as neither (`Specs/promises.md`). Beside every case that
/// convicts stands the nearest one that must not.
@Suite struct PromiseCheckTests {
  typealias Verdict = PromiseCheck.Verdict

  /// An election of three witnesses under a policy, up to the voting.
  private struct Scene {
    var fixture: ElectionFixture
    let cosigners: [String]

    init(_ quorum: String = "group all all a b c\nquorum all\n") throws {
      cosigners = ["a", "b", "c"]
      var setup = ElectionSetup()
      var policy = ""
      for name in cosigners {
        policy += "witness \(name) \(try Self.cosigner(name).verifierKey.vkey)\n"
      }
      setup.witnessPolicy = try WitnessPolicy(Array((policy + quorum).utf8))
      fixture = try ElectionFixture(setup)
      try fixture.advance(from: .empty, to: .voting)
    }

    static func cosigner(_ name: String) throws -> Cosigner {
      try Cosigner(name: "\(name).example", key: Identity("witness/\(name)").key())
    }

    /// The checkpoint of what is there, cosigned at these times.
    func checkpoint(_ times: [String: Int] = [:]) throws -> [UInt8] {
      var tree = MerkleFrontier()
      for entry in fixture.entries { tree.append(entry.entry.leafHash) }
      let note = try SignedNote(
        Checkpoint(origin: ElectionSetup.logName, size: tree.size, root: tree.root)
          .signed(by: fixture.logSigner()))
      let lines = try times.sorted { $0.key < $1.key }.map { name, time in
        try Self.cosigner(name).cosign(checkpoint: note.text, time: UInt64(time))
      }
      return try note.adding(lines).bytes
    }

    func promise(
      _ leaf: Digest, code: Digest?, deadline: Int, signer: Role = .box, election: Digest? = nil
    ) throws -> InclusionPromise {
      try .signed(
        electionID: election ?? fixture.electionID(), leafHash: leaf, confirmationCode: code,
        deadline: deadline, key: fixture.identity(signer).key())
    }

    func verdict(
      _ promise: InclusionPromise, at index: Int? = nil, _ times: [String: Int] = [:]
    ) throws -> Verdict {
      try PromiseCheck(promise, fixture.state).verdict(
        at: index, checkpoint: checkpoint(times), logKey: fixture.logSigner().verifierKey)
    }

    /// A leaf that is not in the log.
    static let missing = SHA256.hash(Array("missing".utf8))
    static let code = SHA256.hash(Array("code".utf8))

    var lastTime: Int { fixture.state.batch?.time ?? 0 }
  }

  @Test("A leaf in a batch by the deadline, under the quorum, was promised and is there")
  func kept() throws {
    var scene = try Scene()
    let submitted = try scene.fixture.submit(1, scene.fixture.choices(1, [1: [1, 0, 0]]))
    _ = submitted
    let index = scene.fixture.entries.count - 1
    let leaf = scene.fixture.entries[index].entry.leafHash
    let all = ["a": 5, "b": 5, "c": 5]
    let time = scene.lastTime
    let promise = try scene.promise(leaf, code: Scene.code, deadline: time)
    #expect(try scene.verdict(promise, at: index, all) == .kept(entry: index, time: time))
    // A witness too few, and the record may be made up for one person.
    #expect(
      try scene.verdict(promise, at: index, ["a": 5, "b": 5])
        == .undecided(.notCosigned(entry: index)))
    // A second earlier, and it was too late by the box's own clock.
    let early = try scene.promise(leaf, code: Scene.code, deadline: time - 1)
    #expect(
      try scene.verdict(early, at: index, all)
        == .broken(.late(entry: index, time: time)))
  }

  @Test(
    "A batch of a later time without the leaf before it convicts; one of the deadline's time does not"
  )
  func laterBatch() throws {
    var scene = try Scene()
    let before = try scene.promise(Scene.missing, code: Scene.code, deadline: scene.lastTime)
    #expect(try scene.verdict(before) == .undecided(.notYet))
    try scene.fixture.openBatch()
    let number = try #require(scene.fixture.state.batch?.number)
    #expect(
      try scene.verdict(before)
        == .broken(.laterBatch(number: number, time: scene.lastTime)))
    let now = try scene.promise(Scene.missing, code: Scene.code, deadline: scene.lastTime)
    #expect(try scene.verdict(now) == .undecided(.notYet))
  }

  @Test("After the closing no ballot comes any more, after the certificate nothing")
  func phases() throws {
    var scene = try Scene()
    let far = 2_000_000
    let ballot = try scene.promise(Scene.missing, code: Scene.code, deadline: far)
    let other = try scene.promise(Scene.missing, code: nil, deadline: far)
    try scene.fixture.step(to: .decided)
    #expect(try scene.verdict(ballot) == .undecided(.notYet))
    for stage in Stage.allCases where stage > .decided {
      try scene.fixture.step(to: stage)
      let phase = scene.fixture.state.phase
      #expect(try scene.verdict(ballot) == .broken(.phase(phase)), "\(stage)")
      #expect(
        try scene.verdict(other)
          == (phase == .certified ? .broken(.phase(phase)) : .undecided(.notYet)), "\(stage)")
    }
    #expect(scene.fixture.state.phase == .certified)
  }

  @Test(
    "Late witnesses convict when no quorum is possible without them, and not before",
    arguments: [
      ("group q all a b c\nquorum q\n", ["a"], true),
      ("group q 2 a b c\nquorum q\n", ["a"], false),
      ("group q 2 a b c\nquorum q\n", ["a", "c"], true),
      ("group q any a b c\nquorum q\n", ["a", "b"], false),
      ("group q any a b c\nquorum q\n", ["a", "b", "c"], true),
      ("group x any a b\ngroup q all x c\nquorum q\n", ["a"], false),
      ("group x any a b\ngroup q all x c\nquorum q\n", ["c"], true),
      ("quorum a\n", ["b", "c"], false),
      ("quorum none\n", ["a", "b", "c"], false),
    ])
  func lateWitnesses(_ quorum: String, _ late: [String], _ convicts: Bool) throws {
    let scene = try Scene(quorum)
    let deadline = 5_000
    let promise = try scene.promise(Scene.missing, code: Scene.code, deadline: deadline)
    let names = ["a", "b", "c"]
    func times(_ lateTime: Int) -> [String: Int] {
      Dictionary(uniqueKeysWithValues: names.map { ($0, late.contains($0) ? lateTime : deadline) })
    }
    #expect(try scene.verdict(promise, times(deadline)) == .undecided(.notYet))
    let verdict = try scene.verdict(promise, times(deadline + 1))
    guard convicts else {
      #expect(verdict == .undecided(.notYet))
      return
    }
    guard case .broken(let breach) = verdict, case .witnesses(let statements) = breach else {
      Issue.record("\(verdict)")
      return
    }
    #expect(statements.map(\.name) == late && !breach.isOwnWord)
    #expect(statements.allSatisfy { $0.time == UInt64(deadline + 1) })
  }

  @Test("The box's own word is asked for before the witnesses'")
  func ownWordFirst() throws {
    var scene = try Scene()
    let promise = try scene.promise(Scene.missing, code: Scene.code, deadline: scene.lastTime)
    try scene.fixture.openBatch()
    guard case .broken(let breach) = try scene.verdict(promise, ["a": 9000, "b": 9000, "c": 9000])
    else {
      Issue.record("not broken")
      return
    }
    #expect(breach.isOwnWord)
  }

  @Test("What the box did not sign, or signed for another election, is no promise")
  func invalid() throws {
    let scene = try Scene()
    let state = scene.fixture.state
    let forged = try scene.promise(Scene.missing, code: nil, deadline: 1, signer: .commission)
    #expect(throws: PromiseCheck.Invalid.signature) { try PromiseCheck(forged, state) }
    let other = try scene.promise(
      Scene.missing, code: nil, deadline: 1, election: SHA256.hash([1]))
    #expect(throws: PromiseCheck.Invalid.election) { try PromiseCheck(other, state) }
    #expect(throws: PromiseCheck.Invalid.election) { try PromiseCheck(other, ElectionState()) }
    // Every digit of a promise counts.
    let promise = try scene.promise(Scene.missing, code: Scene.code, deadline: 1_234)
    let text = String(decoding: promise.bytes, as: UTF8.self)
    for (from, to) in [
      (Scene.missing.hex, SHA256.hash([2]).hex), (Scene.code.hex, SHA256.hash([3]).hex),
      ("1234", "1235"),
    ] {
      let changed = try InclusionPromise(
        bytes: Array(text.replacing(from, with: to).utf8))
      #expect(throws: PromiseCheck.Invalid.signature) { try PromiseCheck(changed, state) }
    }
  }

  @Test("A checkpoint that is not the log's decides nothing")
  func foreignCheckpoint() throws {
    let scene = try Scene()
    let promise = try scene.promise(Scene.missing, code: nil, deadline: 1)
    let check = try PromiseCheck(promise, scene.fixture.state)
    var note = try scene.checkpoint()
    #expect(throws: LedgerError.self) {
      try check.verdict(
        at: nil, checkpoint: note,
        logKey: NoteVerifierKey(
          name: ElectionSetup.logName, publicKey: Identity("another").publicKey))
    }
    note[40] ^= 1
    #expect(throws: LedgerError.self) {
      try check.verdict(at: nil, checkpoint: note, logKey: scene.fixture.logSigner().verifierKey)
    }
  }

  @Test("A leaf is found where it is, and only there")
  func indexOfLeaf() throws {
    let record = try RecordDirectory(path: Records.toy.get().path)
    for index in [UInt64(0), 1, record.size / 2, record.size - 1] {
      let leaf = MerkleTree.leafHash(try record.entry(at: index))
      #expect(try record.index(ofLeaf: leaf) == Int(index))
    }
    #expect(try record.index(ofLeaf: Scene.missing) == nil)
  }
}
