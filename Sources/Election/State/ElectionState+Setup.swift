// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Groups
internal import StrictJSON

/// Configuration, manifest and batches.
extension ElectionState {
  func checkConfiguration(
    _ configuration: ElectionConfiguration, into check: inout EntryCheck
  ) {
    // Nothing is encrypted in a petition.
    if configuration.scope == nil { checkParameters(into: &check) }
    switch configuration.eligibility {
    case .listed(let voters):
      var seen = Set<Ed25519.PublicKey>()
      for voter in voters {
        check.require(
          .eliListed2, seen.insert(voter.key).inserted, "key \(voter.key.hex) is listed twice")
      }
    case .credentials(let terms):
      checkTerms(
        terms, voting: configuration.scope == nil ? configuration.votingWindow : nil, into: &check)
    }
  }

  /// The parser admits no other specification and no other group; what it admitted is compared with the figures
  /// built into this program.
  private func checkParameters(into check: inout EntryCheck) {
    let standard = GroupParameters.electionGuard4096
    check.require(.eg1A, true, "")
    check.require(.eg1B, group.parameters.p == standard.p, "p is not the standard one")
    check.require(.eg1C, group.parameters.q == standard.q, "q is not the standard one")
    check.require(.eg1D, group.parameters.g == standard.g, "g is not the standard one")
  }

  func checkManifest(
    _ manifest: Manifest, payload: [UInt8], into check: inout EntryCheck
  ) {
    guard let configuration else { return }
    check.require(
      .eg1F, SHA256.hash(payload) == configuration.manifestDigest,
      "the configuration names another manifest")
    let districts = Set(manifest.districts.map(\.label))
    func require(_ district: String, _ style: Int, _ who: @autoclosure () -> String) {
      check.require(
        .bal3, districts.contains(district) && manifest.outline.ballotStyle(style) != nil,
        "\(who()) has a district or ballot style that is not in the manifest")
    }
    for voter in listedVoters.values.sorted(by: { $0.key < $1.key }) {
      require(voter.district, voter.ballotStyle, "voter \(voter.key.hex)")
    }
    for district in terms?.districts ?? [] {
      require(district.label, district.ballotStyle ?? 0, "the roll's district \(district.label)")
    }
  }

  func checkBatch(_ batch: BatchOpened, into check: inout EntryCheck) {
    check.require(
      .log9, batch.number == (self.batch?.number ?? 0) + 1, "batches are numbered without gaps")
    check.require(
      .log9, batch.time >= (self.batch?.time ?? 0), "the time lies before the last batch")
  }
}
