// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import ElectionFixtures
import Foundation
import Ledger
import StrictJSON
import Testing

/// What a citizen hands on to show that nothing was issued for the own entry of the roll, or when: what it shows,
/// and that nothing in it can be changed.
@Suite struct StatusProofTests {
  /// An election of three witnesses, of whom two must cosign. Voter 1 gave a credential up and has another one,
  /// voter 8 never asked, the others have one. The list is frozen.
  struct Scene {
    var fixture: ElectionFixture
    static let witnesses = [("a", UInt64(5_000)), ("b", UInt64(5_001))]

    init(name: String = "Fixture", freezes: Bool = true) throws {
      var setup = CredentialSetup.toy
      setup.name = name
      setup.credentials?.maximumGap = 10_000
      setup.witnessPolicy = try Self.policy("group two 2 a b c\nquorum two\n")
      fixture = try ElectionFixture(setup)
      try fixture.advance(from: .empty, to: .registering)
      try fixture.admit((1...7).map { try fixture.entry(fixture.issuance($0), by: .issuer(1)) })
      try fixture.admit(fixture.entry(fixture.cancellation(1), by: .voter(1)))
      try fixture.takePseudonym(1, attempt: 1)
      try fixture.admit(fixture.entry(fixture.issuance(1, attempt: 1), by: .issuer(2)))
      try fixture.step(to: .activating)
      if freezes {
        try fixture.admit(fixture.entry(list(), by: .commission))
        try fixture.step(to: .destroyed)
      }
    }

    static func policy(_ quorum: String) throws -> WitnessPolicy {
      let lines = try ["a", "b", "c"].map {
        "witness \($0) \(try ElectionFixture.cosigner($0).verifierKey.vkey)\n"
      }
      return try WitnessPolicy(Array((lines.joined() + quorum).utf8))
    }

    func list(
      _ change: (inout [CredentialListFrozen.District]) -> Void = { _ in }
    ) throws -> CredentialListFrozen {
      var districts = fixture.state.frozenLists()
      change(&districts)
      return CredentialListFrozen(
        districts: districts, checkpoint: try fixture.checkpointNow(cosigned: Self.witnesses))
    }

    func proof(_ voter: Int, opensRoll: Bool = false) throws -> StatusProof {
      try fixture.statusProof(
        voter, checkpoint: fixture.checkpointNow(cosigned: Self.witnesses), opensRoll: opensRoll)
    }

    func known() throws -> StatusProof.Anchor {
      StatusProof.Anchor(electionID: try fixture.electionID())
    }

    /// The rule that a proof breaks, as a file that was read; nil if it holds.
    func broken(_ proof: StatusProof) throws -> RuleID? {
      do {
        let anchor = try known()
        _ = try StatusProof(bytes: proof.bytes, in: fixture.group).check(anchor)
        return nil
      } catch StatusProof.Fault.broken(let rule, _) { return rule }
    }
  }

  private static let held = Result { try Scene() }
  private func scene() throws -> Scene { try Self.held.get() }

  // MARK: What it shows

  @Test func nothingWasEverIssued() throws {
    let scene = try scene()
    let proof = try scene.proof(8)
    let finding = try StatusProof(bytes: proof.bytes, in: scene.fixture.group).check(scene.known())
    #expect(finding.status.attempts.isEmpty && finding.identity == nil)
    #expect(finding.status.index == scene.fixture.rollPlace(8).index)
    #expect(finding.district.label == "south")
    #expect(finding.witnessed.cosignatures.map(\.witness.name) == ["a", "b"])
    // The number and nothing personal.
    let text = String(decoding: proof.bytes, as: UTF8.self)
    #expect(!text.contains(scene.fixture.rollLeaf(8).salt.hex) && !text.contains("\"roll\""))
  }

  @Test func whenItWasIssuedAndGivenUp() throws {
    let scene = try scene()
    let finding = try scene.proof(1).check(scene.known())
    let attempts = finding.status.attempts
    #expect(attempts.map(\.isCancelled) == [true, false])
    for (number, attempt) in attempts.enumerated() {
      let entry = scene.fixture.entries[attempt.entry]
      let issuance = try CredentialIssuance(bytes: entry.payload, in: scene.fixture.group)
      #expect(issuance.attempt == number && issuance.index == finding.status.index)
      #expect(attempt.request == issuance.request(in: try scene.scope()).hash)
      #expect(scene.fixture.state.batchTime(ofEntry: attempt.entry) == attempt.time)
    }
    #expect(try scene.proof(2).check(scene.known()).status.attempts.map(\.isCancelled) == [false])
  }

  @Test func whoseEntryItIsShowsWhenTheCitizenWantsIt() throws {
    let scene = try scene()
    for voter in 1...8 {
      let finding = try scene.proof(voter, opensRoll: true).check(scene.known())
      #expect(finding.identity == scene.fixture.rollLeaf(voter).identity)
    }
  }

  @Test func filesAreReadAndWrittenInOneWay() throws {
    let scene = try scene()
    for voter in 1...8 {
      for opensRoll in [false, true] {
        let bytes = try scene.proof(voter, opensRoll: opensRoll).bytes
        #expect(try StatusProof(bytes: bytes, in: scene.fixture.group).bytes == bytes)
        let value = try JSONValue(parsing: bytes)
        #expect(throws: JSONError.self) {
          _ = try StatusProof(bytes: value.prettyBytes(), in: scene.fixture.group)
        }
      }
      let kept = RollProof(district: 1, index: 2, opening: scene.fixture.rollOpening(voter))
      #expect(try RollProof(bytes: kept.json.prettyBytes()) == kept)
    }
  }

  // MARK: Who checks

  // adversary: L-11
  @Test func aProofSaysNothingAboutAnElectionThatNobodyKnows() throws {
    let scene = try scene()
    let proof = try scene.proof(8)
    let other = try Scene(name: "Another")
    let logKey = try scene.fixture.logSigner().verifierKey
    let foreignLog = try NoteSigner(
      name: ElectionSetup.logName, key: Identity("another log").key()
    ).verifierKey
    _ = try proof.check(.init(logKey: logKey))
    _ = try proof.check(.init(electionID: scene.fixture.electionID(), logKey: logKey))
    for anchor in [
      StatusProof.Anchor(), try other.known(), .init(logKey: foreignLog),
      .init(electionID: try scene.fixture.electionID(), logKey: foreignLog),
    ] {
      #expect {
        _ = try proof.check(anchor)
      } throws: {
        if case StatusProof.Fault.foreign = $0 { true } else { false }
      }
    }
  }

  // adversary: L-03
  @Test func witnessesOfOnesOwnChoiceMustHaveCosigned() throws {
    let scene = try scene()
    var anchor = try scene.known()
    anchor.policy = try Scene.policy("quorum a\n")
    _ = try scene.proof(8).check(anchor)
    anchor.policy = try Scene.policy("quorum c\n")
    #expect {
      _ = try scene.proof(8).check(anchor)
    } throws: {
      if case StatusProof.Fault.broken(.log11, _) = $0 { true } else { false }
    }
  }

  // MARK: What is changed is refused

  struct Change: Sendable, CustomTestStringConvertible {
    let title: String
    let rule: RuleID
    let make: @Sendable (inout StatusProof, Scene) throws -> Void
    var testDescription: String { title }

    init(
      _ rule: RuleID, _ title: String,
      _ make: @escaping @Sendable (inout StatusProof, Scene) throws -> Void
    ) {
      self.title = title
      self.rule = rule
      self.make = make
    }
  }

  // adversary: L-02
  static let recordChanges = [
    Change(.log1, "a checkpoint of another log") { proof, scene in
      let foreign = try NoteSigner(name: ElectionSetup.logName, key: Identity("another").key())
      let note = try SignedNote(Array(proof.checkpoint.utf8))
      let checkpoint = try Checkpoint(text: note.text).signed(by: foreign)
      proof.checkpoint = String(decoding: checkpoint, as: UTF8.self)
    },
    Change(.log1, "a checkpoint that is none") { proof, _ in proof.checkpoint = "none" },
    Change(.log11, "no witness") { proof, scene in
      proof.checkpoint = try scene.fixture.checkpointNow()
    },
    Change(.log11, "one witness of two") { proof, scene in
      proof.checkpoint = try scene.fixture.checkpointNow(cosigned: [("a", 7)])
    },
    Change(.log11, "a witness twice") { proof, scene in
      proof.checkpoint = try scene.fixture.checkpointNow(cosigned: [("a", 7), ("a", 8)])
    },
    Change(.log11, "a witness that the policy does not know") { proof, scene in
      proof.checkpoint = try scene.fixture.checkpointNow(cosigned: [("a", 7), ("d", 8)])
    },
    Change(.log2, "a checkpoint of a longer record") { proof, scene in
      var longer = scene.fixture
      try longer.openBatch()
      proof.checkpoint = try longer.checkpointNow(cosigned: Scene.witnesses)
    },
    Change(.log2, "the configuration's path cut off") { proof, _ in
      proof.configuration.path.removeLast()
    },
    Change(.log2, "the list's path cut off") { proof, _ in proof.frozen.path.removeLast() },
    Change(.log2, "a hash of the list's path") { proof, _ in
      proof.frozen.path[1] = proof.frozen.path[1].flipped
    },
    Change(.log2, "another place of the list") { proof, _ in proof.frozenIndex += 1 },
    Change(.log2, "a list signed anew, which is not in the record") { proof, scene in
      let file = try scene.fixture.entry(scene.list(), by: .commission)
      proof.frozen = try .init(leaf: file.entry, payload: file.payload, path: proof.frozen.path)
    },
    Change(.log4, "another root in the list") { proof, _ in
      let text = String(decoding: proof.frozen.payload.canonicalBytes(), as: UTF8.self)
      proof.frozen.payload = try JSONValue(
        parsing: Array(text.replacingOccurrences(of: "\"issued\":2", with: "\"issued\":3").utf8))
      #expect(proof.frozen.payload.canonicalBytes() != Array(text.utf8))
    },
    Change(.log5, "another entry in place of the list") { proof, scene in
      let index = scene.fixture.entries.firstIndex {
        $0.entry.type == EntryType.registrationOpened.rawValue
      }
      proof.frozenIndex = try #require(index)
      proof.frozen = try scene.fixture.proven(proof.frozenIndex)
    },
  ]

  // adversary: E-12
  static let statusChanges = [
    Change(.eli6, "another entry's number") { proof, _ in proof.index -= 1 },
    Change(.eli6, "another district") { proof, _ in proof.district = 1 },
    Change(.eli3, "a number behind the roll") { proof, _ in proof.index = 4 },
    Change(.eli3, "a district that does not exist") { proof, _ in proof.district = 3 },
    Change(.eli6, "the path cut off") { proof, _ in proof.path.removeLast() },
    Change(.eli6, "the path too long") { proof, _ in proof.path.append(proof.path[0]) },
    Change(.eli6, "a hash of the path") { proof, _ in proof.path[0] = proof.path[0].flipped },
    Change(.eli6, "another entry's path") { proof, scene in
      proof.path = try scene.proof(3).path
    },
    Change(.eli6, "a request that was not made") { proof, scene in
      proof.attempts = try scene.proof(3).attempts
    },
  ]

  // adversary: E-05
  static let attemptChanges = [
    Change(.eli6, "as if nothing was issued") { proof, _ in proof.attempts = [] },
    Change(.eli6, "the second request left out") { proof, _ in proof.attempts.removeLast() },
    Change(.eli6, "the first request left out") { proof, _ in proof.attempts.removeFirst() },
    Change(.eli3, "the requests exchanged") { proof, _ in proof.attempts.reverse() },
    Change(.eli3, "the first as if it was not cancelled") { proof, _ in
      try proof.change(0) { ($0.entry, $0.time, $0.request, false) }
    },
    Change(.eli6, "the second as if it was cancelled") { proof, _ in
      try proof.change(1) { ($0.entry, $0.time, $0.request, true) }
    },
    Change(.eli6, "another entry of the record") { proof, _ in
      try proof.change(1) { ($0.entry - 1, $0.time, $0.request, false) }
    },
    Change(.eli3, "an entry behind the list") { proof, _ in
      let behind = proof.frozenIndex + 1
      try proof.change(1) { (behind, $0.time, $0.request, false) }
    },
    Change(.eli6, "another time") { proof, _ in
      try proof.change(0) { ($0.entry, $0.time - 1, $0.request, true) }
    },
    Change(.eli6, "another request") { proof, _ in
      try proof.change(0) { ($0.entry, $0.time, $0.request.flipped, true) }
    },
  ]

  static let rollChanges = [
    Change(.eli3, "another salt") { proof, scene in
      let own = scene.fixture.rollOpening(8)
      proof.roll = .init(salt: own.salt.flipped, identity: own.identity, path: own.path)
    },
    Change(.eli3, "another citizen") { proof, scene in
      let own = scene.fixture.rollOpening(8)
      proof.roll = .init(
        salt: own.salt, identity: .identifier(own.salt), path: own.path)
    },
    Change(.eli3, "keys for an identified citizen") { proof, scene in
      let own = scene.fixture.rollOpening(8)
      proof.roll = .init(
        salt: own.salt, identity: scene.fixture.rollLeaf(3).identity, path: own.path)
    },
    Change(.eli3, "another entry's leaf") { proof, scene in
      proof.roll = scene.fixture.rollOpening(3)
    },
    Change(.eli3, "the roll's path cut off") { proof, scene in
      let own = scene.fixture.rollOpening(8)
      proof.roll = .init(salt: own.salt, identity: own.identity, path: own.path.dropLast())
    },
  ]

  @Test(arguments: recordChanges + statusChanges + rollChanges)
  func changed(_ change: Change) throws {
    let scene = try scene()
    var proof = try scene.proof(8, opensRoll: true)
    #expect(try scene.broken(proof) == nil)
    try change.make(&proof, scene)
    #expect(try scene.broken(proof) == change.rule)
  }

  @Test(arguments: attemptChanges)
  func changedRequests(_ change: Change) throws {
    let scene = try scene()
    var proof = try scene.proof(1)
    #expect(try scene.broken(proof) == nil)
    try change.make(&proof, scene)
    #expect(try scene.broken(proof) == change.rule)
  }

  /// The election_id is the configuration's hash; who knows the log only finds the entry that names it.
  @Test func anotherConfiguration() throws {
    let scene = try scene()
    var proof = try scene.proof(8)
    let text = String(decoding: proof.configuration.payload.canonicalBytes(), as: UTF8.self)
    let changed = text.replacingOccurrences(of: "\"voters\":3", with: "\"voters\":4")
    #expect(changed != text)
    proof.configuration.payload = try JSONValue(parsing: Array(changed.utf8))
    let logKey = try scene.fixture.logSigner().verifierKey
    let cases: [(StatusProof.Anchor, RuleID?)] = [
      (try scene.known(), nil), (.init(logKey: logKey), .log4),
    ]
    for (anchor, rule) in cases {
      #expect {
        _ = try proof.check(anchor)
      } throws: {
        switch $0 {
        case StatusProof.Fault.foreign: rule == nil
        case StatusProof.Fault.broken(let broken, _): broken == rule
        default: false
        }
      }
    }
  }

  /// A box that takes what breaks rules: the proof of an honest list is not to be had from it.
  @Test(arguments: [RuleID.log6, .log7, .eli6, .eli11])
  func aListThatBreaksARule(_ rule: RuleID) throws {
    var scene = try Scene(freezes: false)
    let honest = scene.fixture
    var list = try scene.list()
    try scene.fixture.openBatch()
    switch rule {
    case .log6: scene.fixture.force(try honest.entry(list, by: .commission, signer: .box))
    case .log7: scene.fixture.force(try honest.entry(list, by: .trustee(1)))
    case .eli6:
      list.districts[1] = .init(
        counts: list.districts[1].counts, root: list.districts[1].root,
        issuanceRoot: list.districts[1].issuanceRoot.flipped)
      scene.fixture.force(try honest.entry(list, by: .commission))
    default:
      list.checkpoint = try scene.fixture.checkpointNow(cosigned: Scene.witnesses)
      scene.fixture.force(try honest.entry(list, by: .commission))
    }
    let place = honest.rollPlace(8)
    let index = scene.fixture.entries.count - 1
    let status = try #require(
      honest.state.issuanceStatus(district: place.district, index: place.index))
    let path = try #require(
      honest.state.issuancePath(district: place.district, index: place.index))
    let proof = StatusProof(
      configuration: try scene.fixture.proven(0), frozen: try scene.fixture.proven(index),
      frozenIndex: index,
      checkpoint: try scene.fixture.checkpointNow(cosigned: Scene.witnesses), status: status,
      path: path, roll: nil, in: honest.group)
    #expect(try scene.broken(proof) == rule)
  }

  // MARK: Files

  // adversary: G-09
  @Test func malformedFiles() throws {
    let scene = try scene()
    let text = String(decoding: try scene.proof(1, opensRoll: true).bytes, as: UTF8.self)
    let attempt = "{\"cancelled\":true,\"entry\""
    for (old, new) in [
      ("\"version\":1}", "\"version\":2}"), ("{\"checkpoint\"", "{\"a\":0,\"checkpoint\""),
      ("\"attempts\":[", "\"attempts\":[0,"), (attempt, "{\"cancelled\":1,\"entry\""),
      ("\"district\":1,\"index\":1,", "\"district\":0,\"index\":1,"),
      ("\"district\":1,\"index\":1,", "\"district\":1,\"index\":0,"),
      ("\"district\":1,\"index\":1,", "\"district\":1,\"index\":100000001,"),
      ("\"by\":\"commission\"", "\"by\":\"commission \""), ("\"roll\":{", "\"roll\":{\"a\":0,"),
      ("\"identity\":{\"keys\":[", "\"identity\":{\"keys\":[],\"x\":["),
      ("\"size\":", "\"size\":0"),
    ] {
      let changed = text.replacingOccurrences(of: old, with: new)
      #expect(changed != text, "\(old)")
      #expect(throws: JSONError.self, "\(new)") {
        _ = try StatusProof(bytes: Array(changed.utf8), in: scene.fixture.group)
      }
    }
    var many = try scene.proof(1)
    many.attempts = (0...10).map {
      .init(entry: $0, time: 0, request: many.path[0], isCancelled: true)
    }
    #expect(throws: JSONError.self) {
      _ = try StatusProof(bytes: many.bytes, in: scene.fixture.group)
    }
    many = try scene.proof(1)
    many.path = Array(repeating: many.path[0], count: 33)
    #expect(throws: JSONError.self) {
      _ = try StatusProof(bytes: many.bytes, in: scene.fixture.group)
    }
  }
}

extension StatusProofTests.Scene {
  func scope() throws -> CredentialScope { CredentialScope(election: try fixture.electionID()) }
}

extension StatusProof {
  fileprivate mutating func change(
    _ attempt: Int, _ make: (IssuanceStatus.Attempt) -> (Int, Int, Digest, Bool)
  ) throws {
    let (entry, time, request, isCancelled) = make(attempts[attempt])
    attempts[attempt] = .init(entry: entry, time: time, request: request, isCancelled: isCancelled)
  }
}
