// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import ElGamal
public import Groups

extension TallyDecrypted {
  /// Puts the answers of a complete session together: v = Σ v_i, T = B·M⁻¹ = K^t, D = C_1 ⊕ k.
  /// - Parameter bound: the largest total that is possible; see ``ElectionState/largestTotal``.
  /// - Throws: `GroupError.logarithmNotFound` when a total is not in 0 … bound: never a wrong number.
  public static func combine(
    _ session: DecryptionState, _ tally: RecomputedTally, _ manifest: ManifestOutline,
    _ context: ElectionContext, bound: UInt64
  ) throws(GroupError) -> TallyDecrypted {
    let group = context.group
    let logarithm = DiscreteLogarithm(
      base: context.voteKey.element, bound: bound,
      searches: tally.totals.contests.reduce(0) { $0 + $1.count }, in: group)
    var position = 0
    func next() throws(GroupError) -> (combined: CombinedDecryption, proof: CompactProof) {
      guard session.combined.indices.contains(position) else { throw .outOfRange }
      let combined = session.combined[position]
      var response = Scalar.zero
      for responses in session.responses.values {
        guard responses.indices.contains(position) else { throw .outOfRange }
        response = group.vartimeAdd(response, responses[position])
      }
      position += 1
      return (combined, CompactProof(challenge: combined.challenge, response: response))
    }
    var contests: [Contest] = []
    for (definition, ciphertexts) in zip(manifest.contests, tally.totals.contests) {
      var options: [DecryptedTotal] = []
      for (label, ciphertext) in zip(definition.options, ciphertexts) {
        let (combined, proof) = try next()
        let power = group.vartimeMultiply(
          ciphertext.beta, group.vartimeInverse(combined.factor))
        let total = try logarithm.vartimeLogarithm(of: power)
        options.append(
          DecryptedTotal(label: label, total: Int(clamping: total), power: power, proof: proof))
      }
      contests.append(Contest(label: definition.label, options: options))
    }
    var data: [DecryptedContestData] = []
    for item in tally.contestData {
      guard case .contestData(let ballot, let hash, let contest, let encryption) = item else {
        continue
      }
      let (combined, proof) = try next()
      data.append(
        DecryptedContestData(
          ballot: ballot, contest: contest, shared: combined.factor, proof: proof,
          bytes: try encryption.decrypted(
            publicShared: combined.factor, contest: contest, identifierHash: hash, in: group)))
    }
    return TallyDecrypted(session: session.session, contests: contests, contestData: data)
  }
}

extension ElectionState {
  /// The largest total that an option can have: the sum of the counted ballots' weights times the
  /// largest option limit.
  public var largestTotal: UInt64 {
    let weights = ballots.countedBallots(revoting: configuration?.policy.revoting == true)
      .reduce(0) { $0 + UInt64($1.weight) }
    let limit = manifest?.contests.map(\.optionLimit).max() ?? 1
    return weights * UInt64(limit)
  }
}
