// SPDX-License-Identifier: Apache-2.0

public import StrictJSON

extension Manifest {
  /// Makes a manifest. Its `bytes` are a file for people to read, which is read back and checked.
  /// - Throws: `JSONError` when the parts do not form a sound manifest.
  public init(
    label: String, name: LocalizedText, languages: [String], parties: [Party],
    districts: [District], contests: [Contest], ballotStyles: [BallotStyle]
  ) throws(JSONError) {
    let draft = Manifest(
      bytes: [], label: label, name: name, languages: languages, parties: parties,
      districts: districts, contests: contests, ballotStyles: ballotStyles)
    try self.init(bytes: draft.encoded())
  }

  /// The parts written as a new file. For a manifest that was read, `bytes` are the ones that count.
  public func encoded() -> [UInt8] {
    let value: JSONValue = [
      "version": 1,
      "label": .string(label),
      "name": name.json,
      "languages": .array(languages.map { .string($0) }),
      "parties": .array(parties.map { ["label": .string($0.label), "name": $0.name.json] }),
      "districts": .array(districts.map { ["label": .string($0.label), "name": $0.name.json] }),
      "contests": .array(contests.map(\.json)),
      "ballotStyles": .array(ballotStyles.map(\.json)),
    ]
    return value.prettyBytes()
  }
}

extension LocalizedText {
  fileprivate var json: JSONValue {
    .object(translations.map { JSONMember(name: $0.language, value: .string($0.text)) })
  }
}

extension Contest {
  fileprivate var json: JSONValue {
    var members = [
      JSONMember(name: "label", value: .string(label)), JSONMember(name: "name", value: name.json),
    ]
    if let text { members.append(JSONMember(name: "text", value: text.json)) }
    members += [
      JSONMember(name: "district", value: .string(district)),
      JSONMember(name: "variation", value: .string(variation.rawValue)),
      JSONMember(name: "selectionLimit", value: .integer(Int64(selectionLimit))),
      JSONMember(name: "optionLimit", value: .integer(Int64(optionLimit))),
      JSONMember(name: "contestDataBlocks", value: .integer(Int64(contestDataBlocks))),
      JSONMember(name: "options", value: .array(options.map(\.json))),
    ]
    return .object(members)
  }
}

extension ContestOption {
  fileprivate var json: JSONValue {
    [
      "label": .string(label), "name": name.json, "party": party.map { .string($0) } ?? .null,
      "writeIn": .bool(isWriteIn),
    ]
  }
}

extension BallotStyle {
  fileprivate var json: JSONValue {
    [
      "label": .string(label), "name": name.json,
      "districts": .array(districts.map { .string($0) }),
      "contests": .array(contests.map { .integer(Int64($0)) }),
    ]
  }
}
