// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Election
internal import ElGamal
internal import Groups

/// Verifications 1 to 14 over a record in the ElectionGuard format. All hashes are recomputed; the
/// published ones are only compared.
struct ElectionGuardVerification: Sendable {
  let content: ElectionGuardRecordContent
  let manifest: ManifestOutline
  let context: ElectionContext
  let cache: ElectionGuardCheckCache?

  init(
    content: ElectionGuardRecordContent, manifest: ManifestOutline, manifestBytes: [UInt8],
    cache: ElectionGuardCheckCache? = nil
  ) {
    func makeContext() -> ElectionContext {
      ElectionContext(
        group: .standard, manifest: manifest, manifestBytes: manifestBytes,
        trusteeCount: content.trusteeCount, threshold: content.threshold,
        voteKey: content.voteKey, dataKey: content.dataKey)
    }
    self.content = content
    self.manifest = manifest
    self.cache = cache
    context =
      cache?.context(
        [
          .manifest(manifestBytes), .counts(content.trusteeCount, content.threshold),
          .keys(content.voteKey, content.dataKey),
        ], makeContext) ?? makeContext()
  }

  /// Applies every rule, ballots in parallel. What is out of range comes first in the report.
  func report(cores: Int) async -> VerificationReport {
    var findings = content.findings
    checkParameters(&findings)
    checkTrustees(&findings)
    checkIdentifiers(&findings)
    for part in await ballotFindings(cores: cores) { findings.merge(part) }
    checkDevices(&findings)
    checkTotals(&findings)
    checkOpenedData(&findings)
    checkOpenings(&findings)
    var statistics = ProofStatistics()
    statistics.recomputed = content.ballots.count
    return VerificationReport(
      findings, notApplicable: inapplicable,
      method: VerificationMethod(engine: context.group.engine, proofs: statistics))
  }

  /// Verification 1. The record has no p, q and g of its own: 1.E binds the standard ones.
  private func checkParameters(_ findings: inout Findings) {
    findings.check(
      .eg1A, content.version == BaseHashes.version, at: "$.spec_version",
      "another version of the specification")
    findings.check(
      .eg1E, content.parameterBaseHash == context.parameterBaseHash, at: "$.H_P",
      "H_P is not that of the standard parameters, n and k")
    findings.check(
      .eg1F, content.electionBaseHash == context.electionBaseHash, at: "$.H_B",
      "H_B is not that of the manifest")
  }

  /// Verifications 2 to 4, and what this project demands of trustees: one key set each, of k
  /// commitments, none trivial or equal to another, and k of them at the decryption. The
  /// specification has no item for H_G; it is checked with H_E.
  private func checkTrustees(_ findings: inout Findings) {
    let group = context.group
    let trustees = content.trustees
    findings.check(
      .cer1,
      content.threshold <= content.trusteeCount
        && trustees.map(\.trustee) == Array(1...content.trusteeCount.clamped(1...1_000))
        && content.trusteeCount <= 1_000,
      at: "$.guardians", "not one key set for each of \(content.trusteeCount) trustees in order")
    for trustee in trustees {
      let place = "trustee \(trustee.trustee)"
      findings.merge(trustee.checkShape(threshold: content.threshold, at: place))
      let hash = context.parameterBaseHash
      findings.merge(
        cached([.trustee(trustee), .hash(hash)]) {
          trustee.checkProofs(parameterBaseHash: hash, in: group, at: place)
        })
    }
    let keys = trustees.flatMap {
      $0.voteCommitments + $0.dataCommitments + [$0.communicationKey]
    }
    findings.check(
      .cer2,
      Set(keys).count == keys.count && !keys.contains(group.identity)
        && content.voteKey != group.identity && content.dataKey != group.identity,
      at: "$.guardians", "a key is trivial or used twice")
    findings.check(
      .eg3A, content.voteKey == JointKeys.key(.vote, trustees, in: group), at: "$.K",
      "K is not the product of all K_i,0")
    findings.check(
      .eg3B, content.dataKey == JointKeys.key(.data, trustees, in: group), at: "$.K_hat",
      "K̂ is not the product of all K̂_i,0")
    findings.check(
      .eg4A, content.extendedBaseHash == context.extendedBaseHash, at: "$.H_E",
      "H_E is not H(H_B; 14, K, K̂)")
    findings.check(
      .eg4A,
      content.trusteeKeysHash
        == JointKeys.trusteeKeysHash(
          trustees, electionBaseHash: context.electionBaseHash, in: group),
      at: "$.H_G", "H_G is not that of the trustees' keys")
    let available = content.available
    findings.check(
      .cer10,
      available.count >= content.threshold && Set(available).count == available.count
        && available.allSatisfy { $0 <= content.trusteeCount },
      at: "$.available_guardians", "not \(content.threshold) different trustees or more")
  }

  /// 5.A over all ballots; names and confirmation codes are unique as well.
  private func checkIdentifiers(_ findings: inout Findings) {
    var identifiers = Set<Digest>()
    var names = Set<String>()
    var codes = Set<Digest>()
    for ballot in content.ballots {
      findings.check(
        .eg5A, identifiers.insert(ballot.encrypted.identifier).inserted, at: ballot.place,
        "another ballot has this id_B")
      findings.check(
        .eg5A, names.insert(ballot.name).inserted, at: ballot.place,
        "another ballot has this name")
      findings.check(
        .bal6, codes.insert(ballot.encrypted.confirmationCode).inserted, at: ballot.place,
        "another ballot has this confirmation code")
    }
  }

  /// Findings of the cache, or of `check` when there is none.
  func cached(_ key: [ElectionGuardCheckCache.Part], _ check: () -> Findings) -> Findings {
    if let known = cache?.known(key) { return known }
    let findings = check()
    cache?.keep(findings, key)
    return findings
  }
}

extension Int {
  fileprivate func clamped(_ range: ClosedRange<Int>) -> Int {
    Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
  }
}
