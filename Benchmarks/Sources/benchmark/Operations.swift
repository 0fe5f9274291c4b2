// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import ElGamal
import Election
import Groups

/// What is measured on one core.
extension Measurements {
  /// Verifying, in records of ballots with a hundred options, so that the limit's proof and the ballot
  /// nonce are a small part of a selection's share.
  mutating func verifying(_ scene: Scene) throws {
    let selections = scene.payloads.count * scene.options
    try measure("verify-selection", operations: selections) {
      try scene.verify(scene.payloads[...])
    }
    try measure("read-selection", operations: selections) {
      for payload in scene.payloads { _ = try scene.read(payload) }
    }
  }

  /// A batch of ten thousand selections with their commitments at hand.
  mutating func verifyingWithSidecar(_ scene: Scene, repeated: Int) throws {
    let ballots = try scene.payloads.map { try scene.read($0).ballot }
    let claims = BallotProofs.commitments(ballots, scene.context).map { commitments in
      commitments.flatMap { scene.group.bytes($0) }
    }
    let width = scene.group.elementByteCount
    let selections = repeated * scene.payloads.count * scene.options
    try measure("verify-selection-sidecar", operations: selections) {
      var proofs: [BallotProofs] = []
      for _ in 0..<repeated {
        for (payload, claim) in zip(scene.payloads, claims) {
          var claimed: [Element] = []
          for start in stride(from: 0, to: claim.count, by: width) {
            claimed.append(try scene.group.element(bytes: claim[start..<start + width]))
          }
          proofs.append(try scene.read(payload, claimed: claimed))
        }
      }
      try Scene.demand(BallotProofs.check(proofs, scene.context), bySidecar: proofs.count)
    }
  }

  /// A whole ballot of four options with the contest's proof and everything else.
  mutating func smallBallots(_ scene: Scene) throws {
    try measure("verify-ballot-4", operations: scene.payloads.count) {
      try scene.verify(scene.payloads[...])
    }
    try measure("encrypt-ballot-4", count: 5, operations: 1) {
      guard try Scene.encrypt(choice: 1, scene.context).contests.count == 1 else {
        throw Wrong.answer
      }
    }
  }

  mutating func encrypting(_ scene: Scene) throws {
    try measure("encrypt-selection", operations: scene.options) {
      guard try Scene.encrypt(choice: 3, scene.context).contests.count == 1 else {
        throw Wrong.answer
      }
    }
  }

  /// Ciphertexts into totals, sixty-four ballots at a time.
  mutating func aggregating(_ scene: Scene) throws {
    let ballot = try scene.read(scene.payloads[0]).ballot
    let lists = ballot.contests[0].selections.map { Array(repeating: $0.ciphertext, count: 64) }
    try measure("aggregate-ciphertext", operations: lists.count * 64) {
      guard scene.group.vartimeProducts(lists).count == lists.count else { throw Wrong.answer }
    }
  }

  /// Single steps.
  mutating func primitives(_ scene: Scene) throws {
    let group = scene.group
    let ballot = try scene.read(scene.payloads[0]).ballot
    let elements = ballot.contests[0].selections.flatMap {
      [$0.ciphertext.alpha, $0.ciphertext.beta]
    }
    let many = Array(repeating: elements, count: 10).flatMap(\.self)
    try measure("membership-batched", operations: many.count) {
      guard try group.vartimeAreMembers(many) else { throw Wrong.answer }
    }
    try measure("membership-exact", count: 10, operations: 1) {
      guard group.isMember(elements[0]) else { throw Wrong.answer }
    }
    let exponent = try group.randomScalar()
    try measure("fixed-base-power", count: 50, operations: 1) {
      guard group.vartimePower(group.generator, exponent) != group.identity else {
        throw Wrong.answer
      }
    }
  }
}

extension Measurements {
  /// Encryption in two parts: what can be done ahead, and what the voter waits for.
  mutating func encryptingAhead(_ scene: Scene) throws {
    var online: [Double] = []
    var ahead: [Double] = []
    let field = Scene.chainingField(scene.context)
    let ballot = Scene.plaintext(choice: 3, options: scene.options)
    for _ in 0..<Self.runCount {
      let powm = try unitMicroseconds()
      let identifier = try Scene.identifier()
      let start = processorMicroseconds()
      let prepared = try BallotPrecomputation(
        ballotStyle: 1, identifier: identifier, secrets: try BallotSecrets.fresh(),
        context: scene.context)
      let middle = processorMicroseconds()
      let encrypted = try prepared.encrypt(ballot, chainingField: field)
      let end = processorMicroseconds()
      guard !encrypted.checkProofs(scene.context, at: "").hasFailures else { throw Wrong.answer }
      ahead.append((middle - start) / Double(scene.options) / powm)
      online.append((end - middle) / Double(scene.options) / powm)
    }
    keep("encrypt-selection-ahead", unit: "powm", ahead)
    keep("encrypt-selection-online", unit: "powm", online)
  }

  /// 10^9 among 10^9, found with a table that is made for one search.
  mutating func logarithm(_ group: Group) throws {
    let bound: UInt64 = 1_000_000_000
    let power = group.vartimePower(group.generator, group.scalar(bound))
    let start = processorMicroseconds()
    let table = DiscreteLogarithm(base: group.generator.element, bound: bound, in: group)
    keep("logarithm-table", unit: "seconds", [(processorMicroseconds() - start) / 1e6])
    var searches: [Double] = []
    for _ in 0..<Self.runCount {
      let start = processorMicroseconds()
      guard try table.vartimeLogarithm(of: power) == bound else { throw Wrong.answer }
      searches.append((processorMicroseconds() - start) / 1e6)
    }
    keep("logarithm-1e9", unit: "seconds", searches)
  }
}
