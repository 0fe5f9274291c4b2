// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
package import Election
internal import ElGamal
internal import Groups
internal import Ledger

/// Totals, decryption, result.
extension ElectionFixture {
  /// The totals by plain multiplication, another way than the programs take.
  package func tally() throws -> RecomputedTally {
    var tally = RecomputedTally(totals: .empty(manifest.outline, in: group), contestData: [])
    let context = try context()
    for ballot in state.ballots.countedBallots(revoting: setup.revoting) {
      let encrypted = try BallotSubmitted(bytes: entries[ballot.entry].payload, in: group).ballot
      for contest in encrypted.contests {
        for (option, selection) in contest.selections.enumerated() {
          for _ in 0..<ballot.weight {
            let total = tally.totals.contests[contest.index - 1][option]
            tally.totals.contests[contest.index - 1][option] = group.vartimeMultiply(
              total, selection.ciphertext)
          }
        }
        if setup.opensContestData, let data = contest.data {
          tally.contestData.append(
            .contestData(
              ballot: ballot.confirmationCode,
              identifierHash: context.identifierHash(of: encrypted.identifier),
              contest: contest.index, data))
        }
      }
    }
    return tally
  }

  package func recomputed() throws -> RecomputedTally {
    guard let tally = state.recomputed else { throw NotAdmitted(type: "tally", failures: []) }
    return tally
  }

  package func aggregated() throws -> TallyAggregated {
    TallyAggregated(ballots: counts, totals: try recomputed().totals)
  }

  package mutating func aggregate() throws {
    keep(try tally())
    try admit(entry(aggregated(), by: .commission))
  }

  package mutating func openSession(_ trustees: [Int]) throws {
    try admit(
      entry(
        DecryptionOpened(session: state.decryption.session + 1, trustees: trustees),
        by: .commission))
  }

  private func nonces() throws -> DecryptionNonces {
    let text = "\(try electionID().hex) \(state.decryption.session) \(state.decryption.available)"
    return DecryptionNonces(
      secret: SecretBytes(copying: SHA256.hash(Array("session".utf8)).bytes),
      transcript: SHA256.hash(Array(text.utf8)))
  }

  /// u_i of an item; every trustee has others.
  private func position(_ item: Int, of trustee: Int) -> Int { trustee * 100_000 + item }

  package func parts(of trustee: Int) throws -> [PartialDecryption] {
    let share = try share(of: trustee)
    let nonces = try nonces()
    return try recomputed().items.enumerated().map { index, item in
      share.partial(
        item, nonce: nonces.nonce(position(index, of: trustee), in: group), in: group)
    }
  }

  package func commitments(
    of trustee: Int, to parts: [PartialDecryption]
  ) throws -> DecryptionCommitted {
    let context = try context()
    let digests = zip(try recomputed().items, parts).map { item, part in
      item.commitment(
        of: trustee, part, available: state.decryption.available,
        extendedBaseHash: context.extendedBaseHash, in: group)
    }
    return DecryptionCommitted(session: state.decryption.session, commitments: digests)
  }

  package func commitments(of trustee: Int) throws -> DecryptionCommitted {
    try commitments(of: trustee, to: parts(of: trustee))
  }

  package mutating func commit() throws {
    try admit(
      state.decryption.available.map { try entry(commitments(of: $0), by: .trustee($0)) })
  }

  package func factors(of trustee: Int) throws -> DecryptionFactorsRevealed {
    DecryptionFactorsRevealed(
      session: state.decryption.session, parts: try parts(of: trustee))
  }

  package mutating func reveal() throws {
    try admit(state.decryption.available.map { try entry(factors(of: $0), by: .trustee($0)) })
  }

  package func responses(of trustee: Int) throws -> DecryptionResponded {
    let share = try share(of: trustee)
    let nonces = try nonces()
    let responses = try recomputed().items.enumerated().map { index, item in
      guard
        let response = share.response(
          item, nonce: nonces.nonce(position(index, of: trustee), in: group),
          challenge: state.decryption.combined[index].challenge,
          available: state.decryption.available, in: group)
      else { throw NotAdmitted(type: "response", failures: []) }
      return response
    }
    return DecryptionResponded(session: state.decryption.session, responses: responses)
  }

  package mutating func respond() throws {
    try admit(
      state.decryption.available.map { try entry(responses(of: $0), by: .trustee($0)) })
  }

  package func decrypted(bound: UInt64? = nil) throws -> TallyDecrypted {
    try TallyDecrypted.combine(
      state.decryption, recomputed(), manifest.outline, context(),
      bound: bound ?? state.largestTotal)
  }

  package mutating func publishTotals() throws {
    try admit(entry(decrypted(), by: .commission))
  }

  package func certified() throws -> ResultCertified {
    guard let decrypted = state.decrypted else { throw NotAdmitted(type: "result", failures: []) }
    return ResultCertified(
      ballots: counts,
      contests: decrypted.contests.map { contest in
        ContestResult(
          label: contest.label,
          options: contest.options.map { .init(label: $0.label, total: $0.total) })
      })
  }

  package mutating func certify() throws { try admit(entry(certified(), by: .commission)) }
}
