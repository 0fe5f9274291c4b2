// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// Collects the parts of a manifest from one election of a ballot definition.
final class BallotDefinitionBuilder {
  let root: SourceObject
  let election: SourceObject
  let identifiers: SourceIdentifiers
  var log: SourceLog { root.log }

  var partyLabels: [String: String] = [:]
  var districtLabels: [String: String] = [:]
  var districts: [(label: String, name: SourceText)] = []
  var districtMaker = LabelMaker()
  /// Index of a contest, counted from 1, by identifier.
  var contestIndex: [String: Int] = [:]
  /// Contests that cannot be held here.
  var leftOut: Set<String> = []
  var paper: [String: PaperFacts] = [:]
  /// The areas that directly contain an area, by the area's identifier; read on first use.
  var parentsOfAreas: [String: [String]]?

  init(
    _ root: SourceObject, election index: Int, _ identifiers: SourceIdentifiers
  ) throws(JSONError) {
    self.root = root
    self.identifiers = identifiers
    guard try root.type() == "BallotDefinition" else {
      throw try root.required("@type").failure("the file is not a ballot definition")
    }
    let version = try root.required("Version")
    if try version.string() != "1.0.0" {
      root.log.warn(
        "the version is not 1.0.0; its fields are read as those of 1.0.0", at: version.path)
    }
    let elections = try root.required("Election").array(1...1000)
    guard elections.indices.contains(index) else {
      throw try root.required("Election").failure("the file has no election number \(index)")
    }
    election = try SourceObject(elections[index], root.log)
    // Lists whose objects are used one by one: an unused object is reported on its own.
    _ = root.take("GpUnit")
    _ = election.take("Candidate")
    for name in ["SequenceStart", "SequenceEnd"] {
      if let number = try root.integer(name, 0...Int(JSONValue.largestInteger)), number != 1 {
        root.log.warn("the file is one of several; the others are not imported", at: "$.\(name)")
      }
    }
  }

  func manifest() throws(JSONError) -> Manifest {
    guard let nameObject = try election.object("Name") else {
      throw try election.required("Name").failure("an election needs a name")
    }
    let name = try SourceText(nameObject)
    let parties = try readParties()
    try readPaper()
    let contests = try readContests()
    let styles = try readStyles(contests)
    try checkScope()

    let languages = languages(
      [name] + parties.map(\.name)
        + contests.flatMap { [$0.name] + ($0.text.map { [$0] } ?? []) + $0.options.map(\.name) }
        + styles.map(\.name) + districts.map(\.name))
    let log = log
    let label = try electionLabel(name)
    do throws(JSONError) {
      let manifest = try Manifest(
        label: label, name: name.localized(languages, log), languages: languages,
        parties: parties.map { Party(label: $0.label, name: $0.name.localized(languages, log)) },
        districts: districts.map {
          District(label: $0.label, name: $0.name.localized(languages, log))
        },
        contests: contests.map { Self.contest($0, languages, log) },
        ballotStyles: styles.map {
          BallotStyle(
            label: $0.label, name: $0.name.localized(languages, log), districts: $0.districts,
            contests: $0.contests)
        })
      for index in manifest.contestsWithoutBallotStyle {
        log.warn(
          "the contest \(contests[index - 1].label) is on no ballot style; nobody can vote on it",
          at: "\(election.path).Contest")
      }
      return manifest
    } catch {
      throw JSONError(path: "manifest" + error.path.dropFirst(), rule: error.rule)
    }
  }

  private static func contest(
    _ draft: DraftContest, _ languages: [String], _ log: SourceLog
  ) -> Contest {
    Contest(
      label: draft.label, name: draft.name.localized(languages, log),
      text: draft.text?.localized(languages, log), district: draft.district,
      variation: draft.vote.variation, selectionLimit: draft.vote.selectionLimit,
      optionLimit: draft.vote.optionLimit,
      contestDataBlocks: Contest.dataBlocks(forWriteInLines: draft.writeInLines),
      options: draft.options.map {
        ContestOption(
          label: $0.label, name: $0.name.localized(languages, log), party: $0.party,
          isWriteIn: $0.writeInLines > 0)
      })
  }

  /// The election's name and its first day, as a label.
  private func electionLabel(_ name: SourceText) throws(JSONError) -> String {
    let day = try election.required("StartDate").string(maxBytes: 10)
    let first = name.pieces.first?.translations.first?.text ?? "election"
    var maker = LabelMaker()
    return maker.label(madeFrom: "\(first.prefix(100))-\(day)")
  }

  /// All languages of all texts that are used, that of the election's name first.
  private func languages(_ texts: [SourceText]) -> [String] {
    var languages: [String] = []
    var seen: Set<String> = []
    for text in texts {
      for piece in text.pieces {
        for translation in piece.translations
        where seen.insert(translation.language.lowercased()).inserted {
          languages.append(translation.language)
        }
      }
    }
    return languages
  }

  /// The election's scope must exist; it is reported unless it is a district anyway.
  private func checkScope() throws(JSONError) {
    guard let scope = election.peek("ElectionScopeId") else { return }
    _ = try identifiers.resolve(scope, ["ReportingUnit"])
    if districtLabels[try scope.string()] != nil { log.markUsed(scope.path) }
  }

  private func readParties() throws(JSONError) -> [(label: String, name: SourceText)] {
    var maker = LabelMaker()
    var parties: [(label: String, name: SourceText)] = []
    for item in try root.take("Party")?.array(0...ManifestLimits.parties) ?? [] {
      let party = try SourceObject(item, log)
      let identifier = try party.identifier()
      let label = maker.label(identifier, path: party.path, log)
      partyLabels[identifier] = label
      parties.append((label, try SourceText(SourceObject(party.required("Name"), log))))
    }
    return parties
  }

  /// The label of the district that a reference names; the district is added when it is new.
  func district(_ reference: JSONReader) throws(JSONError) -> String {
    let unit = try SourceObject(identifiers.resolve(reference, ["ReportingUnit"]), log)
    let identifier = try unit.identifier()
    if let label = districtLabels[identifier] { return label }
    let label = districtMaker.label(identifier, path: unit.path, log)
    districtLabels[identifier] = label
    if let name = try unit.object("Name") {
      districts.append((label, try SourceText(name)))
    } else {
      log.warn("no name; the identifier stands for it", at: unit.path)
      let text = try SourceText.tidy(unit.required("@id"), log)
      districts.append((label, SourceText(plain: text, path: unit.path)))
    }
    return label
  }
}
