// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import Election
internal import ElGamal
internal import Groups
package import Ledger

/// Keeps a trustee's secrets, which cannot be copied, where fixtures can be.
package final class TrusteeBox: Sendable {
  package let secrets: TrusteeSecrets

  package init(_ secrets: consuming TrusteeSecrets) { self.secrets = secrets }
}

/// Setup, keys, shares, receipts, confirmations, opening.
extension ElectionFixture {
  package func configuration() throws -> ElectionConfiguration {
    if let credentials = setup.credentials, credentials.scope != nil {
      return ElectionConfiguration(
        name: setup.name, commissionKey: commission.publicKey, ballotBoxKey: box.publicKey,
        logKey: try logSigner().verifierKey.vkey, witnessPolicy: setup.witnessPolicy,
        scoped: try terms(credentials))
    }
    return ElectionConfiguration(
      name: setup.name, manifestDigest: SHA256.hash(manifest.bytes),
      commissionKey: commission.publicKey, ballotBoxKey: box.publicKey,
      logKey: try logSigner().verifierKey.vkey, witnessPolicy: setup.witnessPolicy,
      votingWindow: setup.votingWindow,
      trusteeKeys: trusteeIdentities.map(\.publicKey), threshold: setup.threshold,
      eligibility: try eligibility(),
      policy: Policy(revoting: setup.revoting, opensContestData: setup.opensContestData),
      device: ElectionSetup.device)
  }

  private func eligibility() throws -> Eligibility {
    if let credentials = setup.credentials { return .credentials(try terms(credentials)) }
    return .listed(
      zip(voterIdentities, setup.voters).map { identity, voter in
        ListedVoter(
          key: identity.publicKey, district: voter.district, ballotStyle: voter.style,
          weight: voter.weight)
      })
  }

  package mutating func configure() throws {
    try append(entry(configuration(), by: .commission))
    if setup.credentials != nil { try derivePseudonyms() }
    if setup.credentials?.scope == nil { try admit(manifestEntry()) }
  }

  package func manifestEntry() throws -> EntryFile {
    try entry(.manifest, manifest.bytes, by: .commission)
  }

  /// Fresh secrets for every trustee, for this round.
  package mutating func makeSecrets() throws {
    secrets = try (1...setup.trustees).map {
      TrusteeBox(try TrusteeSecrets.generate(trustee: $0, threshold: setup.threshold, in: group))
    }
  }

  package func parameterHash() -> Digest {
    BaseHashes.parameters(group, trustees: setup.trustees, threshold: setup.threshold)
  }

  package func keys(of trustee: Int) throws -> TrusteeKeysPublished {
    TrusteeKeysPublished(
      round: state.ceremony.round,
      keys: try secrets[trustee - 1].secrets.publicKeys(
        parameterBaseHash: parameterHash(), in: group))
  }

  package mutating func publishKeys() throws {
    if secrets.isEmpty { try makeSecrets() }
    try admit(
      (1...setup.trustees).map { try entry(keys(of: $0), by: .trustee($0)) })
  }

  package func shares(of trustee: Int) throws -> TrusteeSharesPublished {
    var shares: [ShareEncryption] = []
    for receiver in 1...setup.trustees where receiver != trustee {
      guard let keys = state.ceremony.keys[receiver] else { continue }
      shares.append(
        try secrets[trustee - 1].secrets.encryptedShare(
          for: keys, parameterBaseHash: parameterHash(), in: group))
    }
    return TrusteeSharesPublished(
      round: state.ceremony.round, trustee: trustee, shares: shares)
  }

  package mutating func publishShares() throws {
    try admit((1...setup.trustees).map { try entry(shares(of: $0), by: .trustee($0)) })
  }

  package mutating func acknowledge() throws {
    try admit(
      (1...setup.trustees).map {
        try entry(TrusteeReceipt(round: state.ceremony.round), by: .trustee($0))
      })
  }

  package func confirmation() throws -> TrusteeConfirmation {
    TrusteeConfirmation(round: state.ceremony.round, keys: try expectedKeys())
  }

  package func expectedKeys() throws -> ElectionKeys {
    guard let keys = state.expectedKeys else { throw NotAdmitted(type: "keys", failures: []) }
    return keys
  }

  package mutating func confirm() throws {
    try admit((1...setup.trustees).map { try entry(confirmation(), by: .trustee($0)) })
  }

  package func opening() throws -> VotingOpened {
    VotingOpened(
      treeSize: state.size, keys: try expectedKeys(),
      totals: .empty(manifest.outline, in: group))
  }

  package mutating func openVoting() throws { try admit(entry(opening(), by: .commission)) }

  /// A complaint with the share opened, well-founded or not.
  package func complaint(by receiver: Int, about sender: Int) throws -> TrusteeComplaint {
    guard let share = state.ceremony.share(from: sender, to: receiver) else {
      throw NotAdmitted(type: "share", failures: [])
    }
    return TrusteeComplaint(
      round: state.ceremony.round, accused: sender,
      evidence: try secrets[receiver - 1].secrets.complaint(
        about: share, parameterBaseHash: parameterHash(), in: group))
  }

  /// z_i and ẑ_i, from what the record holds.
  package func share(of trustee: Int) throws -> TrusteeShare {
    let own = secrets[trustee - 1]
    var share = TrusteeShare(
      trustee: trustee, voteShare: own.secrets.share(.vote, for: trustee, in: group),
      dataShare: own.secrets.share(.data, for: trustee, in: group))
    for sender in 1...setup.trustees where sender != trustee {
      guard let encryption = state.ceremony.share(from: sender, to: trustee),
        let keys = state.ceremony.keys[sender], let receiver = state.ceremony.keys[trustee],
        let received = own.secrets.receive(
          encryption, from: keys, own: receiver, parameterBaseHash: parameterHash(), in: group)
      else { throw NotAdmitted(type: "share", failures: []) }
      share = share.adding(received, in: group)
    }
    return share
  }
}
