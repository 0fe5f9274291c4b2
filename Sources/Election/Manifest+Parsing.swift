// SPDX-License-Identifier: Apache-2.0

public import StrictJSON

extension Manifest {
  /// Reads a manifest file. The bytes are kept exactly; they need not be canonical JSON.
  /// - Throws: `JSONError` with the place and the rule, for anything that is not a sound manifest.
  public init(bytes: [UInt8]) throws(JSONError) {
    let limits = JSONLimits(
      maxBytes: ManifestLimits.bytes, maxDepth: 8, maxNumberBytes: 16, maxItems: 2_000_000,
      maxMembers: 64)
    let fields = try JSONReader(try JSONValue(parsing: bytes, limits: limits)).fields([
      "version", "label", "name", "languages", "parties", "districts", "contests", "ballotStyles",
    ])
    _ = try fields["version"].integer(1...1)
    let languages = try ManifestParser.languages(fields["languages"])
    let parser = ManifestParser(languages: languages)
    let parties = try parser.parties(fields["parties"])
    let districts = try parser.districts(fields["districts"])
    let known = KnownLabels(
      parties: Set(parties.lazy.map(\.label)), districts: Set(districts.lazy.map(\.label)))
    let contests = try parser.contests(fields["contests"], known)
    self.init(
      bytes: bytes,
      label: try parser.label(fields["label"]),
      name: try parser.text(fields["name"]),
      languages: languages,
      parties: parties,
      districts: districts,
      contests: contests,
      ballotStyles: try parser.ballotStyles(
        fields["ballotStyles"], known, contestCount: contests.count))
  }
}

/// The labels that other parts of a manifest may name.
struct KnownLabels {
  let parties: Set<String>
  let districts: Set<String>
}

/// Reads the parts of a manifest whose languages are known.
struct ManifestParser {
  let languages: [String]

  static func languages(_ reader: JSONReader) throws(JSONError) -> [String] {
    var languages: [String] = []
    for item in try reader.array(1...ManifestLimits.languages) {
      let language = try item.string(maxBytes: 35)
      guard ManifestRule.isLanguage(language) else {
        throw item.failure("a language tag (BCP 47) is required")
      }
      guard !languages.contains(where: { $0.lowercased() == language.lowercased() }) else {
        throw item.failure("the language occurs twice")
      }
      languages.append(language)
    }
    return languages
  }

  func label(_ reader: JSONReader) throws(JSONError) -> String {
    let label = try reader.string(maxBytes: ManifestLimits.labelBytes)
    guard ManifestRule.isLabel(label) else { throw reader.failure(ManifestRule.label) }
    return label
  }

  /// A label that is not in `seen` yet.
  private func label(
    _ reader: JSONReader, besides seen: inout Set<String>
  ) throws(JSONError) -> String {
    let label = try label(reader)
    guard seen.insert(label).inserted else { throw reader.failure("the label occurs twice") }
    return label
  }

  /// A label that must be one of `known`.
  private func reference(
    _ reader: JSONReader, to known: Set<String>, _ kind: String
  ) throws(JSONError) -> String {
    let label = try label(reader)
    guard known.contains(label) else { throw reader.failure("no \(kind) has this label") }
    return label
  }

  /// One text for each of the manifest's languages, and for no other.
  func text(
    _ reader: JSONReader, allowingLineBreaks: Bool = false
  ) throws(JSONError) -> LocalizedText {
    let fields = try reader.fields(languages)
    var translations: [LocalizedText.Translation] = []
    for language in languages {
      let item = try fields[language]
      let text = try item.string(maxBytes: 4 * ManifestLimits.textCharacters)
      if let problem = ManifestRule.problem(inText: text, allowingLineBreaks: allowingLineBreaks) {
        throw item.failure(problem)
      }
      translations.append(LocalizedText.Translation(language: language, text: text))
    }
    return LocalizedText(translations)
  }

  func parties(_ reader: JSONReader) throws(JSONError) -> [Party] {
    var seen: Set<String> = []
    var parties: [Party] = []
    for item in try reader.array(0...ManifestLimits.parties) {
      let fields = try item.fields(["label", "name"])
      parties.append(
        Party(label: try label(fields["label"], besides: &seen), name: try text(fields["name"])))
    }
    return parties
  }

  func districts(_ reader: JSONReader) throws(JSONError) -> [District] {
    var seen: Set<String> = []
    var districts: [District] = []
    for item in try reader.array(1...ManifestLimits.districts) {
      let fields = try item.fields(["label", "name"])
      districts.append(
        District(label: try label(fields["label"], besides: &seen), name: try text(fields["name"])))
    }
    return districts
  }

  func contests(_ reader: JSONReader, _ known: KnownLabels) throws(JSONError) -> [Contest] {
    var seen: Set<String> = []
    var contests: [Contest] = []
    for item in try reader.array(1...ManifestLimits.contests) {
      contests.append(try contest(item, known, besides: &seen))
    }
    return contests
  }

  private func contest(
    _ reader: JSONReader, _ known: KnownLabels, besides seen: inout Set<String>
  ) throws(JSONError) -> Contest {
    let fields = try reader.fields(
      [
        "label", "name", "district", "variation", "selectionLimit", "optionLimit",
        "contestDataBlocks", "options",
      ], optional: ["text"])
    let options = try options(fields["options"], known)
    let selectionLimit = try fields["selectionLimit"].integer(1...ManifestLimits.selectionLimit)
    let optionLimit = try fields["optionLimit"].integer(1...ManifestLimits.optionLimit)
    let variation = try fields["variation"]
    let name = try variation.string(oneOf: VoteVariation.allCases.map(\.rawValue))
    guard let vote = VoteVariation(rawValue: name) else {
      throw variation.failure("unknown variation")
    }
    if let problem = vote.problem(
      selectionLimit: selectionLimit, optionLimit: optionLimit, options: options.count)
    {
      throw reader.failure(problem)
    }
    let blocks = try fields["contestDataBlocks"].integer(0...ManifestLimits.contestDataBlocks)
    if blocks == 0, options.contains(where: \.isWriteIn) {
      throw try fields["contestDataBlocks"].failure("a contest with write-ins needs contest data")
    }
    var explanation: LocalizedText?
    if let item = fields.optional("text") {
      explanation = try text(item, allowingLineBreaks: true)
    }
    return Contest(
      label: try label(fields["label"], besides: &seen), name: try text(fields["name"]),
      text: explanation,
      district: try reference(fields["district"], to: known.districts, "district"),
      variation: vote, selectionLimit: selectionLimit, optionLimit: optionLimit,
      contestDataBlocks: blocks, options: options)
  }

  private func options(
    _ reader: JSONReader, _ known: KnownLabels
  ) throws(JSONError) -> [ContestOption] {
    var seen: Set<String> = []
    var options: [ContestOption] = []
    for item in try reader.array(1...ManifestLimits.options) {
      let fields = try item.fields(["label", "name", "party", "writeIn"])
      let party = try fields["party"]
      options.append(
        ContestOption(
          label: try label(fields["label"], besides: &seen), name: try text(fields["name"]),
          party: party.isNull ? nil : try reference(party, to: known.parties, "party"),
          isWriteIn: try fields["writeIn"].bool()))
    }
    return options
  }

  func ballotStyles(
    _ reader: JSONReader, _ known: KnownLabels, contestCount: Int
  ) throws(JSONError) -> [BallotStyle] {
    var seen: Set<String> = []
    var styles: [BallotStyle] = []
    for item in try reader.array(1...ManifestLimits.ballotStyles) {
      let fields = try item.fields(["label", "name", "districts", "contests"])
      var districts: [String] = []
      var seenDistricts: Set<String> = []
      for district in try fields["districts"].array(1...ManifestLimits.districts) {
        let label = try reference(district, to: known.districts, "district")
        guard seenDistricts.insert(label).inserted else {
          throw district.failure("the district occurs twice")
        }
        districts.append(label)
      }
      var contests: [Int] = []
      for contest in try fields["contests"].array(1...ManifestLimits.contests) {
        let index = try contest.integer(1...contestCount)
        guard index > contests.last ?? 0 else {
          throw contest.failure("the indices of contests must ascend")
        }
        contests.append(index)
      }
      styles.append(
        BallotStyle(
          label: try label(fields["label"], besides: &seen), name: try text(fields["name"]),
          districts: districts, contests: contests))
    }
    return styles
  }
}
