// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Ledger

/// The configuration of an election: who takes part with which keys, who may vote, and the policies. Or of a
/// petition, which is a record with credentials whose ``scope`` is described: it ends with the frozen list, and has
/// neither manifest nor trustees nor voting.
///
/// It is the payload of the first entry, signed by the commission. election_id is the SHA-256 of its
/// exact bytes, so nothing in it can change afterwards. Public.
public struct ElectionConfiguration: Sendable, Equatable {
  /// The election's name, for people.
  public var name: String
  /// SHA-256 of the manifest's exact bytes; nil without a voting.
  public var manifestDigest: Digest?
  /// The commission's identity key.
  public var commissionKey: Ed25519.PublicKey
  /// The key that signs the ballot box's entries and promises. (The checkpoint's key is the log's.)
  public var ballotBoxKey: Ed25519.PublicKey
  /// The verifier key of the log, as a signed note's vkey.
  public var logKey: String
  /// In how many seconds, at most, the box publishes what it promised to publish.
  public var inclusionSeconds: Int
  /// Which witnesses must have cosigned a checkpoint before anybody relies on it; UTF-8.
  public var witnessPolicy: WitnessPolicy
  /// When ballots are admitted, and decisions about them: the times of batches from the first to the
  /// last second, since 1970-01-01T00:00:00Z.
  public var votingWindow: ClosedRange<Int>
  /// The trustees' identity keys, trustee 1 first; their number is n, and 0 without a voting.
  public var trusteeKeys: [Ed25519.PublicKey]
  /// k, the number of trustees that a decryption needs.
  public var threshold: Int
  /// Who may vote.
  public var eligibility: Eligibility
  /// What voters may do, and what is opened at the end.
  public var policy: Policy
  /// S_device: one constant per software release, so that it identifies nobody.
  public var device: String

  /// A voting that is bounded by its entries alone.
  public static let anyTime = 0...BatchOpened.maximumTime
  /// One minute.
  public static let standardInclusionSeconds = 60

  /// A configuration from its parts.
  public init(
    name: String, manifestDigest: Digest, commissionKey: Ed25519.PublicKey,
    ballotBoxKey: Ed25519.PublicKey, logKey: String,
    inclusionSeconds: Int = ElectionConfiguration.standardInclusionSeconds,
    witnessPolicy: WitnessPolicy = .none,
    votingWindow: ClosedRange<Int> = ElectionConfiguration.anyTime,
    trusteeKeys: [Ed25519.PublicKey],
    threshold: Int, eligibility: Eligibility, policy: Policy, device: String
  ) {
    self.name = name
    self.manifestDigest = manifestDigest
    self.commissionKey = commissionKey
    self.ballotBoxKey = ballotBoxKey
    self.logKey = logKey
    self.inclusionSeconds = inclusionSeconds
    self.witnessPolicy = witnessPolicy
    self.votingWindow = votingWindow
    self.trusteeKeys = trusteeKeys
    self.threshold = threshold
    self.eligibility = eligibility
    self.policy = policy
    self.device = device
  }

  /// The configuration of a petition, or of another right that everybody has once.
  ///
  /// - Parameter terms: with a ``CredentialTerms/scope``.
  public init(
    name: String, commissionKey: Ed25519.PublicKey, ballotBoxKey: Ed25519.PublicKey,
    logKey: String, inclusionSeconds: Int = ElectionConfiguration.standardInclusionSeconds,
    witnessPolicy: WitnessPolicy = .none, scoped terms: CredentialTerms
  ) {
    self.name = name
    self.commissionKey = commissionKey
    self.ballotBoxKey = ballotBoxKey
    self.logKey = logKey
    self.inclusionSeconds = inclusionSeconds
    self.witnessPolicy = witnessPolicy
    eligibility = .credentials(terms)
    manifestDigest = nil
    votingWindow = Self.anyTime
    trusteeKeys = []
    threshold = 0
    policy = Policy(revoting: false, opensContestData: false)
    device = ""
  }

  /// What credentials are good for where there is no voting; nil in an election.
  public var scope: ScopeDescription? { eligibility.scope }
}

/// Who may vote.
public enum Eligibility: Sendable, Equatable {
  /// The voters' keys stand in the configuration.
  case listed([ListedVoter])
  /// Citizens of an electoral roll get credentials from independent issuers.
  case credentials(CredentialTerms)

  /// The scope of credentials, where it is described.
  var scope: ScopeDescription? {
    guard case .credentials(let terms) = self else { return nil }
    return terms.scope
  }
}

/// A voter on the list.
public struct ListedVoter: Sendable, Equatable {
  /// P, the key that signs the voter's ballots.
  public let key: Ed25519.PublicKey
  /// The label of the district, as in the manifest.
  public let district: String
  /// The index of the ballot style that the voter is entitled to, from 1.
  public let ballotStyle: Int
  /// W, the weight of the voter's ballot; 1 unless the election gives weights.
  public let weight: Int

  /// A voter from their parts.
  public init(key: Ed25519.PublicKey, district: String, ballotStyle: Int, weight: Int = 1) {
    self.key = key
    self.district = district
    self.ballotStyle = ballotStyle
    self.weight = weight
  }
}

/// The election's choices that the rules leave open.
public struct Policy: Sendable, Equatable {
  /// Whether a voter may cast again; then the last cast ballot counts, otherwise the first, and
  /// nothing is admitted after it.
  public var revoting: Bool
  /// Whether contest data (write-ins) of counted ballots is decrypted and published.
  public var opensContestData: Bool

  /// A policy from its parts.
  public init(revoting: Bool, opensContestData: Bool) {
    self.revoting = revoting
    self.opensContestData = opensContestData
  }
}
