// SPDX-License-Identifier: Apache-2.0

import StrictJSON

extension BallotDefinitionBuilder {
  static let contestTypes = [
    "CandidateContest", "BallotMeasureContest", "RetentionContest", "PartyContest",
    "PartyPreferenceContest", "StraightPartyContest", "ActivationContest",
  ]

  func readContests() throws(JSONError) -> [DraftContest] {
    var maker = LabelMaker()
    var drafts: [DraftContest] = []
    let items = try election.required("Contest").array(1...ManifestLimits.contests)
    for contest in try inSequence(items) {
      let identifier = try contest.identifier()
      if let draft = try readContest(contest, identifier, &maker) {
        drafts.append(draft)
        contestIndex[identifier] = drafts.count
      } else {
        leftOut.insert(identifier)
        log.cover(contest.path)
      }
    }
    guard !drafts.isEmpty else {
      throw try election.required("Contest").failure(
        "no contest can be held: every vote variation is unsupported")
    }
    return drafts
  }

  /// Objects in the order of `SequenceOrder`; those without one keep their place behind the others.
  private func inSequence(_ items: [JSONReader]) throws(JSONError) -> [SourceObject] {
    var objects: [(place: Int, object: SourceObject)] = []
    for item in items {
      let object = try SourceObject(item, log)
      let place = try object.integer("SequenceOrder", 0...Int(JSONValue.largestInteger))
      objects.append((place ?? Int.max, object))
    }
    let order = objects.indices.sorted {
      (objects[$0].place, $0) < (objects[$1].place, $1)
    }
    return order.map { objects[$0].object }
  }

  private func readContest(
    _ contest: SourceObject, _ identifier: String, _ maker: inout LabelMaker
  ) throws(JSONError) -> DraftContest? {
    let type = try contest.type()
    guard Self.contestTypes.contains(type) else {
      throw try contest.required("@type").failure("the kind of contest is unknown")
    }
    let facts = paper[identifier] ?? PaperFacts()
    let options = try readOptions(contest, type, facts)
    guard let vote = try voteRule(contest, type, options: options.count, facts) else { return nil }
    try reportControl(contest, type)
    return DraftContest(
      identifier: identifier, label: maker.label(identifier, path: contest.path, log),
      name: try title(contest), text: try explanation(contest, type),
      district: try district(contest.required("ElectionDistrictId")), vote: vote,
      writeInLines: options.reduce(0) { $0 + $1.writeInLines }, options: options)
  }

  /// The title on the ballot, else the contest's name.
  private func title(_ contest: SourceObject) throws(JSONError) -> SourceText {
    if let title = try contest.object("BallotTitle") { return try SourceText(title) }
    let name = try contest.required("Name")
    return SourceText(plain: try SourceText.tidy(name, log), path: name.path)
  }

  /// What stands below the title, in the order of a ballot.
  private func explanation(
    _ contest: SourceObject, _ type: String
  ) throws(JSONError) -> SourceText? {
    var texts: [SourceText] = []
    if type == "RetentionContest" {
      let reader = try identifiers.resolve(contest.required("CandidateId"), ["Candidate"])
      let candidate = try SourceObject(reader, log)
      texts.append(try SourceText(SourceObject(candidate.required("BallotName"), log)))
    } else if type == "ActivationContest", let reference = contest.peek("CandidateId") {
      _ = try identifiers.resolve(reference, ["Candidate"])
    }
    for name in ["BallotSubTitle", "SummaryText", "FullText", "EffectOfAbstain"] {
      if let object = try contest.object(name) {
        texts.append(try SourceText(object, allowingLineBreaks: true))
      }
    }
    return texts.isEmpty ? nil : SourceText(joining: texts, separator: "\n\n")
  }

  /// Contests that steer others: the manifest has them as plain contests, and a warning says so.
  private func reportControl(_ contest: SourceObject, _ type: String) throws(JSONError) {
    guard ["ActivationContest", "PartyPreferenceContest", "StraightPartyContest"].contains(type)
    else { return }
    let references = try contest.required("ControlledContestIds")
    for reference in try references.array(1...ManifestLimits.contests) {
      _ = try identifiers.resolve(reference, Self.contestTypes)
    }
    switch type {
    case "ActivationContest":
      log.warn(
        "the controlled contests are always on the ballot and always counted; "
          + "whether they take effect is decided from the tally of this contest",
        at: references.path)
    case "PartyPreferenceContest":
      log.warn(
        "the controlled contests are all on the ballot; a selection here closes none of them",
        at: references.path)
    default:
      _ = contest.take("OtherStraightPartyRuleset")
      let rule = try contest.required("StraightPartyRuleset").string(oneOf: [
        "exclusive", "inclusive", "other",
      ])
      log.warn(
        "a straight-party selection (\(rule)) is counted here only; it selects nothing in the "
          + "controlled contests", at: references.path)
    }
  }
}
