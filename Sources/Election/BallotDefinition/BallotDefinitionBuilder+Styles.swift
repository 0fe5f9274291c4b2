// SPDX-License-Identifier: Apache-2.0

import StrictJSON

extension BallotDefinitionBuilder {
  func readStyles(_ contests: [DraftContest]) throws(JSONError) -> [DraftStyle] {
    let items = try election.take("BallotStyle")?.array(0...ManifestLimits.ballotStyles) ?? []
    guard !items.isEmpty else { return try derivedStyles(contests) }
    var maker = LabelMaker()
    var styles: [DraftStyle] = []
    for item in items {
      if let style = try readStyle(SourceObject(item, log), contests, &maker) {
        styles.append(style)
      }
    }
    guard !styles.isEmpty else {
      throw try election.required("BallotStyle").failure("no ballot style has a contest")
    }
    return styles
  }

  private func readStyle(
    _ style: SourceObject, _ contests: [DraftContest], _ maker: inout LabelMaker
  ) throws(JSONError) -> DraftStyle? {
    var districts: [String] = []
    let units = try style.required("GpUnitIds").array(1...ManifestLimits.districts)
    for unit in units {
      let label = try district(unit)
      if !districts.contains(label) { districts.append(label) }
    }
    var listed: [Int] = []
    if let content = style.take("OrderedContent") {
      try collectContests(content, &listed)
      let sorted = Array(Set(listed)).sorted()
      if sorted != listed {
        log.warn(
          "the contests of a ballot style stand in the order of the manifest, each once",
          at: content.path)
      }
      listed = sorted
    } else {
      log.warn(
        "no list of contests; the contests of the style's areas and of the areas around them are taken",
        at: style.path)
      var around: Set<String> = []
      for unit in units { around.formUnion(try areas(around: unit.string(), parents())) }
      let labels = Set(around.compactMap { districtLabels[$0] })
      listed = contests.indices.filter { labels.contains(contests[$0].district) }.map { $0 + 1 }
    }
    guard !listed.isEmpty else {
      log.warn("the ballot style has no contest and is left out", at: style.path)
      return nil
    }
    let (label, name) = try styleName(style, units, &maker)
    return DraftStyle(label: label, name: name, districts: districts, contests: listed)
  }

  /// A style has no name in the source: its first external identifier serves, else its areas' names.
  private func styleName(
    _ style: SourceObject, _ units: [JSONReader], _ maker: inout LabelMaker
  ) throws(JSONError) -> (String, SourceText) {
    if let first = try style.take("ExternalIdentifier")?.array(0...100).first {
      let identifier = try SourceObject(first, log)
      _ = identifier.take("Type")
      let value = try identifier.required("Value")
      let text = try SourceText.tidy(value, log)
      return (
        maker.label(text, path: value.path, log), SourceText(plain: text, path: value.path)
      )
    }
    log.warn("no external identifier; label and name are made from the areas", at: style.path)
    var names: [SourceText] = []
    for unit in units.prefix(5) {
      let label = try district(unit)
      if let name = districts.first(where: { $0.label == label })?.name { names.append(name) }
    }
    return (maker.label(madeFrom: "style"), SourceText(joining: names, separator: ", "))
  }

  private func collectContests(
    _ content: JSONReader, _ listed: inout [Int]
  ) throws(JSONError) {
    for item in try content.array() {
      let entry = try SourceObject(item, log)
      if let inner = entry.take("OrderedContent") { try collectContests(inner, &listed) }
      if let header = entry.peek("HeaderId") {
        _ = try identifiers.resolve(header, ["Header"])
        continue
      }
      let reference = try entry.required("ContestId")
      _ = try identifiers.resolve(reference, Self.contestTypes)
      let identifier = try reference.string()
      if let index = contestIndex[identifier] {
        listed.append(index)
      } else if !leftOut.contains(identifier) {
        throw reference.failure("the contest belongs to another election")
      }
    }
  }

  /// The areas that directly contain an area, by the area's identifier.
  private func parents() throws(JSONError) -> [String: [String]] {
    if let parentsOfAreas { return parentsOfAreas }
    var parents: [String: [String]] = [:]
    for item in try root.take("GpUnit")?.array() ?? [] {
      let fields = try item.openFields()
      guard let list = fields.optional("ComposingGpUnitIds") else { continue }
      let unit = try SourceObject(item, log)
      let identifier = try unit.identifier()
      _ = unit.take("ComposingGpUnitIds")
      for child in try list.array() {
        _ = try identifiers.resolve(child, ["ReportingUnit"])
        parents[try child.string(), default: []].append(identifier)
      }
    }
    parentsOfAreas = parents
    return parents
  }

  /// An area and all areas that contain it.
  private func areas(around unit: String, _ parents: [String: [String]]) -> Set<String> {
    var found: Set<String> = []
    var open = [unit]
    while let next = open.popLast() {
      if found.insert(next).inserted { open += parents[next] ?? [] }
    }
    return found
  }

  /// Ballot styles for a file that has none.
  private func derivedStyles(_ contests: [DraftContest]) throws(JSONError) -> [DraftStyle] {
    let place = election.path
    let all = Array(1...contests.count)
    var used: [String] = []
    for contest in contests where !used.contains(contest.district) { used.append(contest.district) }
    let parents = try parents()
    if used.count > 1, !parents.isEmpty {
      let styles = try nestedStyles(contests, parents)
      if !styles.isEmpty {
        log.warn(
          "no ballot styles; one is made for each set of contests that smallest areas share",
          at: place)
        return styles
      }
    }
    log.warn(
      used.count > 1
        ? "no ballot styles and no nesting of areas: one style has ALL contests, for voters of every district"
        : "no ballot styles; one with all contests is made", at: place)
    return [
      DraftStyle(
        label: "style", name: SourceText(plain: "All contests", path: place), districts: used,
        contests: all)
    ]
  }

  /// One style for each set of contests that some smallest areas have in common.
  private func nestedStyles(
    _ contests: [DraftContest], _ parents: [String: [String]]
  ) throws(JSONError) -> [DraftStyle] {
    let outer = Set(parents.values.joined())
    var order: [[Int]] = []
    var units: [[Int]: [JSONReader]] = [:]
    for item in try root.take("GpUnit")?.array() ?? [] {
      let identifier = try item.openFields()["@id"]
      guard !outer.contains(try identifier.string()) else { continue }
      let around = areas(around: try identifier.string(), parents)
      let labels = Set(around.compactMap { districtLabels[$0] })
      let listed = contests.indices.filter { labels.contains(contests[$0].district) }.map { $0 + 1 }
      guard !listed.isEmpty else { continue }
      if units[listed] == nil { order.append(listed) }
      units[listed, default: []].append(identifier)
    }
    var maker = LabelMaker()
    var styles: [DraftStyle] = []
    for listed in order {
      var labels: [String] = []
      var names: [SourceText] = []
      for unit in units[listed] ?? [] {
        let label = try district(unit)
        labels.append(label)
        if let name = districts.first(where: { $0.label == label })?.name { names.append(name) }
      }
      styles.append(
        DraftStyle(
          label: maker.label(madeFrom: "style"),
          name: SourceText(joining: Array(names.prefix(5)), separator: ", "), districts: labels,
          contests: listed))
    }
    return styles
  }
}
