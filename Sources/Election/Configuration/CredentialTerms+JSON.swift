// SPDX-License-Identifier: Apache-2.0

internal import BlindSignatures
internal import Cryptography
internal import StrictJSON

extension CredentialTerms {
  /// Reads terms: the configuration's `eligibility` of mode `credentials`.
  init(_ reader: JSONReader) throws(JSONError) {
    scope = try reader.openFields().optional("scope").map { item throws(JSONError) in
      try ScopeDescription(item)
    }
    let isVoting = scope == nil
    let fields = try reader.fields(
      [
        "activation", "districts", "issuers", "minimumDistrict", "mode", "register", "registration",
        "required", "tolerated", isVoting ? "maximumGap" : "scope",
      ], optional: ["auditors"])
    register = try fields["register"].digest()
    registration = try fields["registration"].window()
    activation = try fields["activation"].window()
    maximumGap = isVoting ? try fields["maximumGap"].integer(0...Self.anyGap) : Self.anyGap
    minimumDistrict = try fields["minimumDistrict"].integer(1...Self.maximumVoters)
    auditorKey = nil
    if let auditors = fields.optional("auditors") { auditorKey = try auditors.digest() }
    let list = try fields["districts"]
    districts = try list.list(1...Self.maximumDistricts) { item throws(JSONError) in
      try District(item, isVoting: isVoting)
    }
    guard Set(districts.map(\.label)).count == districts.count else {
      throw list.failure("no label occurs twice")
    }
    guard districts.reduce(0, { $0 + $1.voters }) <= Self.maximumVoters else {
      throw list.failure("all rolls together have at most \(Self.maximumVoters) entries")
    }
    let count = districts.count
    issuers = try fields["issuers"].list(1...Self.maximumIssuers) { item throws(JSONError) in
      try Issuer(item, districts: count)
    }
    required = try fields["required"].integer(1...issuers.count)
    tolerated = try fields["tolerated"].integer(0...issuers.count)
  }

  /// The `eligibility` of the configuration.
  var json: JSONValue {
    var members = [
      JSONMember(name: "activation", value: activation.json),
      JSONMember(
        name: "districts",
        value: .array(districts.map(\.json))),
      JSONMember(
        name: "issuers",
        value: .array(
          issuers.map { issuer in
            [
              "credentialKeys": .array(
                issuer.credentialKeys.map { .string(Hex.encode($0.subjectPublicKeyInfo)) }),
              "key": .string(issuer.key.hex), "name": .string(issuer.name),
            ]
          })),
      JSONMember(name: "minimumDistrict", value: minimumDistrict.json),
      JSONMember(name: "mode", value: "credentials"),
      JSONMember(name: "register", value: register.json),
      JSONMember(name: "registration", value: registration.json),
      JSONMember(name: "required", value: required.json),
      JSONMember(name: "tolerated", value: tolerated.json),
    ]
    if let scope {
      members.append(
        JSONMember(
          name: "scope", value: ["name": .string(scope.name), "text": .string(scope.text)]))
    } else {
      members.append(JSONMember(name: "maximumGap", value: maximumGap.json))
    }
    if let auditorKey { members.append(JSONMember(name: "auditors", value: auditorKey.json)) }
    return .object(members)
  }
}

extension CredentialTerms.District {
  fileprivate init(_ reader: JSONReader, isVoting: Bool) throws(JSONError) {
    let fields = try reader.fields(
      ["keyEntries", "label", "root", "voters"] + (isVoting ? ["ballotStyle"] : []))
    label = try fields["label"].string(minBytes: 1, maxBytes: 256)
    ballotStyle = isVoting ? try fields["ballotStyle"].index() : nil
    voters = try fields["voters"].integer(1...CredentialTerms.maximumVoters)
    keyEntries = try fields["keyEntries"].integer(0...voters)
    root = try fields["root"].digest()
  }

  fileprivate var json: JSONValue {
    var members = [
      JSONMember(name: "keyEntries", value: keyEntries.json),
      JSONMember(name: "label", value: .string(label)),
      JSONMember(name: "root", value: root.json), JSONMember(name: "voters", value: voters.json),
    ]
    if let ballotStyle {
      members.append(JSONMember(name: "ballotStyle", value: ballotStyle.json))
    }
    return .object(members)
  }
}

extension ScopeDescription {
  /// {"name","text"}
  fileprivate init(_ reader: JSONReader) throws(JSONError) {
    let fields = try reader.fields(["name", "text"])
    let name = try fields["name"].string()
    let text = try fields["text"].string()
    guard let description = ScopeDescription(name: name, text: text) else {
      throw reader.failure(Self.fault(name: name, text: text) ?? "a scope")
    }
    self = description
  }
}

extension CredentialTerms.Issuer {
  fileprivate init(_ reader: JSONReader, districts: Int) throws(JSONError) {
    let fields = try reader.fields(["credentialKeys", "key", "name"])
    name = try fields["name"].string(minBytes: 1, maxBytes: 256)
    key = try fields["key"].publicKey()
    credentialKeys = try fields["credentialKeys"].list(districts...districts) {
      item throws(JSONError) in try item.credentialKey()
    }
  }
}

extension JSONReader {
  /// {"closes","opens"}: times of batches, the second not before the first.
  func window() throws(JSONError) -> ClosedRange<Int> {
    let window = try fields(["closes", "opens"])
    let opens = try window["opens"].integer(0...BatchOpened.maximumTime)
    return opens...(try window["closes"].integer(opens...BatchOpened.maximumTime))
  }

  /// The DER of an issuer's public key, in hexadecimal.
  func credentialKey() throws(JSONError) -> BlindRSAPublicKey {
    let bytes = try hex(bytes: 1...1024)
    do { return try BlindRSAPublicKey(subjectPublicKeyInfo: bytes) } catch {
      throw failure("\(error)")
    }
  }
}

extension ClosedRange<Int> {
  /// {"closes","opens"}
  var json: JSONValue { ["closes": upperBound.json, "opens": lowerBound.json] }
}
