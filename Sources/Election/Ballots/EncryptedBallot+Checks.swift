// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import ElGamal
internal import Groups

/// Verifications 5 to 8 of ElectionGuard 2.1.0 on one ballot, and this project's rules on its shape.
/// All hashes are recomputed; the published ones are only compared.
extension EncryptedBallot {
  /// What costs little: shape, identifier hash, confirmation code, chaining field (BAL-2, 5.B, 8.A to
  /// 8.D).
  /// - Parameter device: S_device of ballots that are not chained; nil when the chain is checked by
  ///   the caller.
  public func checkStructure(
    _ context: ElectionContext, device: String?, at place: String
  ) -> Findings {
    var findings = Findings()
    checkShape(context.manifest, at: place, into: &findings)
    let recomputed = context.identifierHash(of: identifier)
    findings.check(.eg5B, identifierHash == recomputed, at: place, "H_I is not H(H_E; 20, id_B)")
    let hashes = recomputedContestHashes(identifierHash: recomputed, in: context.group)
    for (contest, hash) in zip(contests, hashes) {
      findings.check(
        .eg8A, contest.hash == hash, at: "\(place), contest \(contest.index)",
        "the contest hash is not that of the ciphertexts")
    }
    let code = ConfirmationCode.code(
      identifierHash: recomputed, contestHashes: hashes, chainingField: chainingField,
      in: context.group)
    findings.check(
      .eg8B, confirmationCode == code, at: place,
      "the confirmation code is not that of the ballot")
    if let device {
      let deviceHash = BaseHashes.device(
        extended: context.extendedBaseHash, device, in: context.group)
      findings.check(
        .eg8C, chainingField.hash == deviceHash, at: place, "H_DI is not that of the device")
      findings.check(
        .eg8D, chainingField == .unchained(device: deviceHash), at: place,
        "the chaining field is not 00000000 and H_DI")
    }
    return findings
  }

  /// BAL-2: exactly the contests of the style in order, one ciphertext an option, contest data of the
  /// manifest's length.
  private func checkShape(
    _ manifest: ManifestOutline, at place: String, into findings: inout Findings
  ) {
    let expected = manifest.ballotStyle(ballotStyle)?.contests
    findings.check(
      .bal2, expected == contests.map(\.index), at: place,
      "contests \(contests.map(\.index)) instead of \(expected ?? [])")
    for contest in contests {
      guard let definition = manifest.contest(contest.index) else { continue }
      findings.check(
        .bal2, contest.selections.count == definition.options.count,
        at: "\(place), contest \(contest.index)",
        "\(contest.selections.count) options instead of \(definition.options.count)")
      let bytes = contest.data?.c1.count ?? 0
      findings.check(
        .bal2,
        bytes == definition.contestDataBlocks * ContestDataEncryption.blockByteCount
          && (contest.data == nil) == (definition.contestDataBlocks == 0),
        at: "\(place), contest \(contest.index)", "\(bytes) bytes of contest data")
    }
  }
}
