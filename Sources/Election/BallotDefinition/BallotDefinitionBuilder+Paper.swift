// SPDX-License-Identifier: Apache-2.0

import StrictJSON

extension BallotDefinitionBuilder {
  /// Looks through the paper layouts for what matters to a vote: write-in lines and marks that stand
  /// for another number of votes than one. The layout itself stays unused and is reported.
  func readPaper() throws(JSONError) {
    for item in try election.peek("BallotStyle")?.array(0...ManifestLimits.ballotStyles) ?? [] {
      if let content = try item.openFields().optional("OrderedContent") {
        try readPaper(content)
      }
    }
  }

  private func readPaper(_ content: JSONReader) throws(JSONError) {
    for item in try content.array() {
      let fields = try item.openFields()
      if let inner = fields.optional("OrderedContent") { try readPaper(inner) }
      guard let contest = fields.optional("ContestId") else { continue }
      let identifier = try contest.string()
      var facts = paper[identifier] ?? PaperFacts()
      for physical in try fields.optional("Physical")?.array() ?? [] {
        try readPhysical(physical, &facts)
      }
      paper[identifier] = facts
    }
  }

  private func readPhysical(_ physical: JSONReader, _ facts: inout PaperFacts) throws(JSONError) {
    var unnamed: [Int] = []
    for option in try physical.openFields().optional("PhysicalContestOption")?.array() ?? [] {
      let fields = try option.openFields()
      let positions = try fields.optional("WriteInPosition")?.array(0...20) ?? []
      for position in positions {
        if let needed = try position.openFields().optional("SelectionRequired"), try !needed.bool()
        {
          log.warn(
            "a text without a mark does not select here; the option itself must be selected",
            at: needed.path)
        }
      }
      try readMarks(fields, &facts)
      if let reference = fields.optional("ContestOptionId") {
        let identifier = try reference.string()
        _ = try identifiers.resolve(
          reference, ["CandidateOption", "PartyOption", "BallotMeasureOption", "ActivationOption"])
        facts.writeInLines[identifier] = max(facts.writeInLines[identifier] ?? 0, positions.count)
      } else if !positions.isEmpty {
        unnamed.append(positions.count)
      } else {
        log.warn("a mark on paper belongs to no option", at: option.path)
      }
    }
    // One contest may be on several layouts: the most and the longest lines count.
    for (index, lines) in unnamed.enumerated() {
      if index < facts.unnamedWriteIns.count {
        facts.unnamedWriteIns[index] = max(facts.unnamedWriteIns[index], lines)
      } else {
        facts.unnamedWriteIns.append(lines)
      }
    }
  }

  private func readMarks(_ option: JSONFields, _ facts: inout PaperFacts) throws(JSONError) {
    for mark in try option.optional("OptionPosition")?.array() ?? [] {
      let fields = try mark.openFields()
      if let votes = fields.optional("NumberVotes") {
        let number = try votes.integer(0...ManifestLimits.optionLimit)
        facts.votesPerMark = max(facts.votesPerMark, number)
        if number != 1 {
          log.warn("a mark on paper stands for another number of votes than one", at: votes.path)
        }
      }
      for name in ["FractionalVotes", "Rank"] {
        if let member = fields.optional(name) {
          log.warn("fractions of votes and ranks are not represented", at: member.path)
        }
      }
    }
  }
}
