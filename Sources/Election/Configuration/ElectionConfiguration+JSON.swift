// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Ledger
public import Groups
public import StrictJSON

extension ElectionConfiguration: EntryPayload {
  /// `election.configuration`
  public static let type = EntryType.configuration

  /// The one specification that this version speaks.
  static let specification = "electionguard-2.1.0"

  /// Most trustees that an election may have.
  public static let maximumTrustees = 100
  /// One day.
  public static let maximumInclusionSeconds = 86_400
  /// Largest weight of one voter.
  public static let maximumWeight = 1_000_000
  /// Largest sum of the weights of all voters.
  public static let maximumWeightSum = 1_000_000_000
  /// Largest total of an option: of all weights, each with the largest option limit. The tally's
  /// search finds it.
  public static let maximumTotal = maximumWeightSum * ManifestLimits.optionLimit

  /// What the configuration says of the voting, where there is one.
  private static let votingMembers = [
    "device", "group", "manifest", "policy", "specification", "trustees", "voting",
  ]

  /// Reads a configuration.
  /// - Throws: `JSONError`; for a group other than the standard one as well.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let eligibility = try Self.eligibility(reader.openFields()["eligibility"])
    let common = ["ballotBox", "commission", "eligibility", "name", "witnessPolicy"]
    let fields = try reader.payloadFields(
      eligibility.scope == nil ? common + Self.votingMembers : common)
    let name = try fields["name"].string(minBytes: 1, maxBytes: 1024)
    let commissionKey = try fields["commission"].publicKey()
    let box = try fields["ballotBox"].fields(["inclusionSeconds", "key", "log"])
    let inclusionSeconds = try box["inclusionSeconds"].integer(1...Self.maximumInclusionSeconds)
    let ballotBoxKey = try box["key"].publicKey()
    let logKey = try box["log"].string(minBytes: 1, maxBytes: 512)
    let witnessPolicy = try Self.witnessPolicy(fields["witnessPolicy"], logKey: logKey)
    if case .credentials(let terms) = eligibility, terms.scope != nil {
      self.init(
        name: name, commissionKey: commissionKey, ballotBoxKey: ballotBoxKey, logKey: logKey,
        inclusionSeconds: inclusionSeconds, witnessPolicy: witnessPolicy, scoped: terms)
    } else {
      _ = try fields["specification"].string(oneOf: [Self.specification])
      _ = try fields["group"].string(oneOf: [group.parameters.name])
      let trustees = try fields["trustees"].fields(["keys", "threshold"])
      let keys = try trustees["keys"].list(1...Self.maximumTrustees) { key throws(JSONError) in
        try key.publicKey()
      }
      let policy = try fields["policy"].fields(["opensContestData", "revoting"])
      self.init(
        name: name, manifestDigest: try fields["manifest"].digest(), commissionKey: commissionKey,
        ballotBoxKey: ballotBoxKey, logKey: logKey, inclusionSeconds: inclusionSeconds,
        witnessPolicy: witnessPolicy, votingWindow: try fields["voting"].window(),
        trusteeKeys: keys, threshold: try trustees["threshold"].integer(1...keys.count),
        eligibility: eligibility,
        policy: Policy(
          revoting: try policy["revoting"].bool(),
          opensContestData: try policy["opensContestData"].bool()),
        device: try fields["device"].string(minBytes: 1, maxBytes: 256))
    }
    var identities = trusteeKeys + [commissionKey, ballotBoxKey]
    if case .credentials(let terms) = eligibility { identities += terms.issuers.map(\.key) }
    guard Set(identities).count == identities.count else {
      throw reader.failure("every role has a key of its own")
    }
  }

  private static func witnessPolicy(
    _ reader: JSONReader, logKey: String
  ) throws(JSONError) -> WitnessPolicy {
    let policy: WitnessPolicy
    do {
      policy = try WitnessPolicy(Array(try reader.string(minBytes: 1, maxBytes: 65_536).utf8))
    } catch let error as JSONError { throw error } catch { throw reader.failure("\(error)") }
    guard policy.logs.isEmpty || policy.logs.contains(where: { $0.key.vkey == logKey }) else {
      throw reader.failure("the policy accepts the ballot box's log")
    }
    return policy
  }

  private static func eligibility(_ reader: JSONReader) throws(JSONError) -> Eligibility {
    let mode = try reader.openFields()["mode"].string(oneOf: ["credentials", "listed"])
    if mode == "credentials" { return .credentials(try CredentialTerms(reader)) }
    let fields = try reader.fields(["mode", "voters"])
    var total = 0
    let voters = try fields["voters"].list(1...1_000_000) { voter throws(JSONError) in
      let members = try voter.fields(["ballotStyle", "district", "key", "weight"])
      let weight = try members["weight"].integer(1...Self.maximumWeight)
      total += weight
      return ListedVoter(
        key: try members["key"].publicKey(),
        district: try members["district"].string(minBytes: 1, maxBytes: 256),
        ballotStyle: try members["ballotStyle"].index(), weight: weight)
    }
    guard total <= Self.maximumWeightSum else {
      throw reader.failure("the sum of all weights is \(Self.maximumWeightSum) at most")
    }
    return .listed(voters)
  }

  /// The members of the payload.
  public func members(in group: Group) -> [JSONMember] {
    let eligibility: JSONValue =
      switch eligibility {
      case .listed(let voters):
        [
          "mode": "listed",
          "voters": .array(
            voters.map { voter in
              [
                "ballotStyle": voter.ballotStyle.json, "district": .string(voter.district),
                "key": .string(voter.key.hex), "weight": voter.weight.json,
              ]
            }),
        ]
      case .credentials(let terms): terms.json
      }
    var members = [
      JSONMember(
        name: "ballotBox",
        value: [
          "inclusionSeconds": inclusionSeconds.json, "key": .string(ballotBoxKey.hex),
          "log": .string(logKey),
        ]),
      JSONMember(name: "commission", value: .string(commissionKey.hex)),
      JSONMember(name: "eligibility", value: eligibility),
      JSONMember(name: "name", value: .string(name)),
      JSONMember(
        name: "witnessPolicy", value: .string(String(decoding: witnessPolicy.bytes, as: UTF8.self))),
    ]
    guard let manifestDigest else { return members }
    members += [
      JSONMember(name: "device", value: .string(device)),
      JSONMember(name: "group", value: .string(group.parameters.name)),
      JSONMember(name: "manifest", value: manifestDigest.json),
      JSONMember(
        name: "policy",
        value: [
          "opensContestData": .bool(policy.opensContestData), "revoting": .bool(policy.revoting),
        ]),
      JSONMember(name: "specification", value: .string(Self.specification)),
      JSONMember(
        name: "trustees",
        value: [
          "keys": .array(trusteeKeys.map { .string($0.hex) }), "threshold": threshold.json,
        ]),
      JSONMember(name: "voting", value: votingWindow.json),
    ]
    return members
  }
}
