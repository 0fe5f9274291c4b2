// SPDX-License-Identifier: Apache-2.0

public import BlindSignatures
public import Cryptography

/// How voters get credentials: issuers who must all sign and cannot link, the roll that says who is entitled, and
/// when. Part of the configuration, hence fixed before anybody registers. Public.
///
/// Source: `Specs/credentials.md`.
public struct CredentialTerms: Sendable, Equatable {
  /// A district with its part of the roll. Its number counts from 1.
  public struct District: Sendable, Equatable {
    /// The label, as in the manifest.
    public var label: String
    /// The index of the ballot style of its voters, from 1; nil where the scope is described and nobody votes.
    public var ballotStyle: Int?
    /// N_d: how many entries the roll has.
    public var voters: Int
    /// How many of them, from the first on, are identified by keys; the others by an identifier.
    public var keyEntries: Int
    /// The root of the roll's tree.
    public var root: Digest

    /// A district from its parts.
    public init(label: String, ballotStyle: Int?, voters: Int, keyEntries: Int, root: Digest) {
      self.label = label
      self.ballotStyle = ballotStyle
      self.voters = voters
      self.keyEntries = keyEntries
      self.root = root
    }
  }

  /// An issuer. Its number counts from 1.
  public struct Issuer: Sendable, Equatable {
    /// The issuer's name, for people.
    public var name: String
    /// The identity key, which signs the issuer's entries and receipts.
    public var key: Ed25519.PublicKey
    /// The keys that sign credentials, one for each district, in the order of districts.
    public var credentialKeys: [BlindRSAPublicKey]

    /// An issuer from its parts.
    public init(name: String, key: Ed25519.PublicKey, credentialKeys: [BlindRSAPublicKey]) {
      self.name = name
      self.key = key
      self.credentialKeys = credentialKeys
    }
  }

  /// What credentials are good for; nil in an election.
  public var scope: ScopeDescription?
  /// register_id
  public var register: Digest
  /// The districts.
  public var districts: [District]
  /// The issuers; their number is m.
  public var issuers: [Issuer]
  /// k: how many issuers must have signed a credential.
  public var required: Int
  /// t: how many dishonest issuers the election stands. Rule ELI-1 asks for 2k > m + t, so that nobody gets two
  /// credentials out of the honest ones.
  public var tolerated: Int
  /// When credentials are issued: times of batches, seconds since 1970-01-01T00:00:00Z.
  public var registration: ClosedRange<Int>
  /// When keys are activated.
  public var activation: ClosedRange<Int>
  /// A_min: the smallest number of entries of a district.
  public var minimumDistrict: Int
  /// The largest gap that the voting opens with, in hundredths of a percent of the credentials issued in a
  /// district; ``anyGap`` where nobody votes.
  public var maximumGap: Int
  /// The auditors' X25519 key, under which evidence about identified citizens is sealed; needed when entries of
  /// the roll are identified by identifiers.
  public var auditorKey: Digest?

  /// Most issuers.
  public static let maximumIssuers = 16
  /// Most districts.
  public static let maximumDistricts = 10_000
  /// Most entries of all districts' rolls together, which bounds the work of whoever checks the frozen list.
  public static let maximumVoters = 100_000_000
  /// The encoding that issuers' keys sign under: no salt, so that a credential has one signature and no place for
  /// a mark.
  public static let encoding = BlindRSAVariant.Encoding.pssZero

  /// A gap of everything that was issued.
  public static let anyGap = 10_000

  /// Terms from their parts.
  public init(
    scope: ScopeDescription? = nil, register: Digest, districts: [District], issuers: [Issuer],
    required: Int, tolerated: Int,
    registration: ClosedRange<Int>, activation: ClosedRange<Int>, minimumDistrict: Int,
    maximumGap: Int, auditorKey: Digest? = nil
  ) {
    self.scope = scope
    self.register = register
    self.districts = districts
    self.issuers = issuers
    self.required = required
    self.tolerated = tolerated
    self.registration = registration
    self.activation = activation
    self.minimumDistrict = minimumDistrict
    self.maximumGap = maximumGap
    self.auditorKey = auditorKey
  }

  /// The district of a number from 1; nil if there is none.
  public func district(_ number: Int) -> District? {
    districts.indices.contains(number &- 1) ? districts[number - 1] : nil
  }

  /// The issuer of a number from 1; nil if there is none.
  public func issuer(_ number: Int) -> Issuer? {
    issuers.indices.contains(number &- 1) ? issuers[number - 1] : nil
  }

  /// The key of an issuer for a district; nil if there is none.
  public func credentialKey(issuer: Int, district: Int) -> BlindRSAPublicKey? {
    guard let keys = self.issuer(issuer)?.credentialKeys, keys.indices.contains(district &- 1)
    else { return nil }
    return keys[district - 1]
  }

  /// Why k of m signatures are too few against t dishonest issuers; nil if they are enough.
  ///
  /// A citizen who works with t dishonest issuers needs k − t honest signatures for a credential, and gets m − t
  /// in all: two credentials unless 2(k − t) > m − t, that is 2k > m + t.
  public static func weakness(issuers m: Int, required k: Int, tolerated t: Int) -> String? {
    if t >= k { return "\(t) dishonest issuers of \(k) required ones could make credentials alone" }
    guard 2 * k <= m + t else { return nil }
    return "with \(k) of \(m) signatures and \(t) dishonest issuers a citizen could get "
      + "\((m - t) / (k - t)) credentials: 2k > m + t must hold"
  }
}
