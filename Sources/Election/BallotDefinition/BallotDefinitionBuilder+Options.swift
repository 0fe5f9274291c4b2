// SPDX-License-Identifier: Apache-2.0

import StrictJSON

extension BallotDefinitionBuilder {
  func readOptions(
    _ contest: SourceObject, _ type: String, _ facts: PaperFacts
  ) throws(JSONError) -> [DraftOption] {
    var maker = LabelMaker()
    var options: [DraftOption] = []
    // Lines on paper without an identifier belong to the write-in options in their order.
    var unnamed = facts.unnamedWriteIns[...]
    var numbered: [(place: Int, item: JSONReader)] = []
    for item in try contest.take("ContestOption")?.array(0...ManifestLimits.options) ?? [] {
      let option = try SourceObject(item, log)
      let place = try option.integer("SequenceOrder", 0...Int(JSONValue.largestInteger))
      numbered.append((place ?? Int.max, item))
    }
    let order = numbered.indices.sorted { (numbered[$0].place, $0) < (numbered[$1].place, $1) }
    for index in order {
      let option = try SourceObject(numbered[index].item, log)
      options.append(try readOption(option, facts, &unnamed, &maker))
    }
    if !unnamed.isEmpty {
      log.warn(
        "write-in lines are only in the paper layout; options are made for them", at: contest.path)
    }
    for lines in unnamed {
      options.append(
        DraftOption(
          label: maker.label(madeFrom: "write-in"),
          name: SourceText(plain: "Write-in", path: contest.path), party: nil,
          writeInLines: lines))
    }
    if options.isEmpty {
      guard ["BallotMeasureContest", "RetentionContest", "ActivationContest"].contains(type) else {
        throw contest.reader.failure("the contest has no options")
      }
      log.warn("the contest has no options; Yes and No are made", at: contest.path)
      options = ["Yes", "No"].map { answer in
        DraftOption(
          label: maker.label(madeFrom: answer.lowercased()),
          name: SourceText(plain: answer, path: contest.path), party: nil, writeInLines: 0)
      }
    }
    return options
  }

  private func readOption(
    _ option: SourceObject, _ facts: PaperFacts, _ unnamed: inout ArraySlice<Int>,
    _ maker: inout LabelMaker
  ) throws(JSONError) -> DraftOption {
    let identifier = try option.identifier()
    let label = maker.label(identifier, path: option.path, log)
    switch try option.type() {
    case "CandidateOption":
      return try readCandidateOption(option, label, facts.writeInLines[identifier], &unnamed)
    case "PartyOption":
      let references = try option.required("PartyIds").array(1...ManifestLimits.parties)
      var names: [SourceText] = []
      for reference in references {
        let reader = try identifiers.resolve(reference, ["Party", "Coalition"])
        let party = try SourceObject(reader, log)
        names.append(try SourceText(SourceObject(party.required("Name"), log)))
      }
      return DraftOption(
        label: label, name: SourceText(joining: names, separator: " / "),
        party: try party(references), writeInLines: 0)
    case "BallotMeasureOption", "ActivationOption":
      // Which answer activates is told by the warning about the controlled contests.
      if let causes = option.take("CausesActivation"), try causes.bool() {
        log.warn("this answer activates the controlled contests", at: causes.path)
      }
      let name = try SourceText(SourceObject(option.required("Selection"), log))
      return DraftOption(label: label, name: name, party: nil, writeInLines: 0)
    default:
      throw try option.required("@type").failure("the kind of option is unknown")
    }
  }

  private func readCandidateOption(
    _ option: SourceObject, _ label: String, _ linesOnPaper: Int?,
    _ unnamed: inout ArraySlice<Int>
  ) throws(JSONError) -> DraftOption {
    let isMarked = try option.take("IsWriteIn")?.bool() ?? false
    var names: [SourceText] = []
    var parties: [JSONReader] = []
    for reference in try option.take("CandidateIds")?.array(0...20) ?? [] {
      let candidate = try SourceObject(identifiers.resolve(reference, ["Candidate"]), log)
      names.append(try SourceText(SourceObject(candidate.required("BallotName"), log)))
      if let reference = candidate.take("PartyId") { parties.append(reference) }
    }
    parties += try option.take("EndorsementPartyIds")?.array(0...ManifestLimits.parties) ?? []

    var lines = linesOnPaper ?? 0
    if isMarked {
      if lines == 0 { lines = unnamed.popFirst() ?? 1 }
    } else if lines > 0 {
      log.warn(
        "the paper layout has a write-in line here; the option is a write-in", at: option.path)
    }
    let name: SourceText
    if !names.isEmpty {
      name = SourceText(joining: names, separator: " / ")
    } else if lines > 0 {
      name = SourceText(plain: "Write-in", path: option.path)
    } else {
      log.warn("no candidate; the identifier stands for the name", at: option.path)
      let text = try SourceText.tidy(option.required("@id"), log)
      name = SourceText(plain: text, path: option.path)
    }
    return DraftOption(
      label: label, name: name, party: try party(parties), writeInLines: lines)
  }

  /// The one party of an option. The first counts; more than one is reported.
  private func party(_ references: [JSONReader]) throws(JSONError) -> String? {
    var labels: [String] = []
    for reference in references {
      _ = try identifiers.resolve(reference, ["Party", "Coalition"])
      guard let label = partyLabels[try reference.string()] else {
        throw reference.failure("the party is not in the list of parties")
      }
      if !labels.contains(label) { labels.append(label) }
    }
    if labels.count > 1, let second = references.dropFirst().first {
      log.warn("the option has several parties; the first one is kept", at: second.path)
    }
    return labels.first
  }
}
