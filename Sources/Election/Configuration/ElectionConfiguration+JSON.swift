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

  /// Reads a configuration.
  /// - Throws: `JSONError`; for a group other than the standard one as well.
  public init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.payloadFields([
      "ballotBox", "commission", "device", "eligibility", "group", "manifest", "name", "policy",
      "specification", "trustees", "voting", "witnessPolicy",
    ])
    _ = try fields["specification"].string(oneOf: [Self.specification])
    _ = try fields["group"].string(oneOf: [group.parameters.name])
    name = try fields["name"].string(minBytes: 1, maxBytes: 1024)
    device = try fields["device"].string(minBytes: 1, maxBytes: 256)
    manifestDigest = try fields["manifest"].digest()
    commissionKey = try fields["commission"].publicKey()
    let box = try fields["ballotBox"].fields(["inclusionSeconds", "key", "log"])
    inclusionSeconds = try box["inclusionSeconds"].integer(1...Self.maximumInclusionSeconds)
    ballotBoxKey = try box["key"].publicKey()
    logKey = try box["log"].string(minBytes: 1, maxBytes: 512)
    witnessPolicy = try Self.witnessPolicy(fields["witnessPolicy"], logKey: logKey)
    votingWindow = try fields["voting"].window()
    let trustees = try fields["trustees"].fields(["keys", "threshold"])
    let maximum = Self.maximumTrustees
    trusteeKeys = try trustees["keys"].list(1...maximum) { key throws(JSONError) in
      try key.publicKey()
    }
    threshold = try trustees["threshold"].integer(1...trusteeKeys.count)
    let policyFields = try fields["policy"].fields(["opensContestData", "revoting"])
    policy = Policy(
      revoting: try policyFields["revoting"].bool(),
      opensContestData: try policyFields["opensContestData"].bool())
    eligibility = try Self.eligibility(fields["eligibility"])
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
    return [
      JSONMember(
        name: "ballotBox",
        value: [
          "inclusionSeconds": inclusionSeconds.json, "key": .string(ballotBoxKey.hex),
          "log": .string(logKey),
        ]),
      JSONMember(name: "commission", value: .string(commissionKey.hex)),
      JSONMember(name: "device", value: .string(device)),
      JSONMember(name: "eligibility", value: eligibility),
      JSONMember(name: "group", value: .string(group.parameters.name)),
      JSONMember(name: "manifest", value: manifestDigest.json),
      JSONMember(name: "name", value: .string(name)),
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
      JSONMember(
        name: "witnessPolicy", value: .string(String(decoding: witnessPolicy.bytes, as: UTF8.self))),
    ]
  }
}
