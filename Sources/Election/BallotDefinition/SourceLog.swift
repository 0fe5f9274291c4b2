// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// Remembers which parts of the source were used, and the warnings.
final class SourceLog {
  private var used: Set<String> = []
  private var covered: Set<String> = []
  private var order: [String] = []
  private var notes: [String: Note] = [:]

  private struct Note {
    let path: String
    let rule: String
    var count = 0
    var inner: [String] = []
    var seenInner: Set<String> = []

    var text: String {
      var text = "\(path): \(rule)"
      if !inner.isEmpty { text += ". With it: \(inner.joined(separator: ", "))" }
      if count > 1 { text += " (\(count) times, this is the first)" }
      return text
    }
  }

  /// The warnings so far.
  var warnings: [String] {
    order.compactMap { notes[$0]?.text }
  }

  /// The member or object at a path feeds the manifest, or was reported by an own warning.
  func markUsed(_ path: String) {
    used.insert(path)
  }

  /// Everything below a path was reported by an own warning.
  func cover(_ path: String) {
    covered.insert(path)
  }

  /// Adds a warning. Warnings of the same rule are counted.
  func warn(_ rule: String, at path: String) {
    note(key: rule, rule: rule, path: path, inner: [])
  }

  private func note(key: String, rule: String, path: String, inner: [String]) {
    if notes[key] == nil {
      notes[key] = Note(path: path, rule: rule)
      order.append(key)
    }
    notes[key]?.count += 1
    for name in inner where notes[key]?.seenInner.insert(name).inserted == true {
      notes[key]?.inner.append(name)
    }
  }

  /// Finds every member and object that nobody used, and warns of each kind once.
  func reportUnread(_ root: JSONReader) throws(JSONError) {
    try visit(root, pattern: "$")
  }

  private func visit(_ reader: JSONReader, pattern: String) throws(JSONError) {
    switch reader.value {
    case .object:
      let path = reader.path
      guard !covered.contains(path) else { return }
      guard used.contains(path) else { return reportUnread(reader, path, pattern) }
      for (name, member) in try reader.openFields().all {
        if BallotDefinitionImport.isAdministrative(name, inRoot: pattern == "$") { continue }
        let path = member.path
        let pattern = pattern + "." + name
        if used.contains(path) {
          try visit(member, pattern: pattern)
        } else {
          reportUnread(member, path, pattern)
        }
      }
    case .array:
      for item in try reader.array(0...Int.max) { try visit(item, pattern: pattern + "[]") }
    default: break
    }
  }

  private func reportUnread(_ reader: JSONReader, _ path: String, _ pattern: String) {
    var names: [String] = []
    var seen: Set<String> = []
    Self.collectNames(reader.value, &names, &seen)
    note(
      key: "unread " + pattern, rule: UnrepresentedMember.explanation(pattern), path: path,
      inner: names)
  }

  /// The names of all members inside a value, each once.
  private static func collectNames(
    _ value: JSONValue, _ names: inout [String], _ seen: inout Set<String>
  ) {
    switch value {
    case .object(let members):
      for member in members {
        if member.name != "@type", seen.count <= 100, seen.insert(member.name).inserted {
          let scalars = member.name.unicodeScalars
          let isPlain = scalars.count <= 64 && scalars.allSatisfy { !ManifestRule.isForbidden($0) }
          let name = isPlain ? member.name : "(a member with an odd name)"
          names.append(seen.count <= 100 ? name : "and others")
        }
        collectNames(member.value, &names, &seen)
      }
    case .array(let values):
      for value in values { collectNames(value, &names, &seen) }
    default: break
    }
  }
}

/// What to tell about members that a manifest has no place for.
enum UnrepresentedMember {
  private static let explanations: [String: String] = [
    "BallotFormat": "the layout on paper is not represented",
    "Shape": "the layout on paper is not represented",
    "Physical": "the layout on paper is not represented",
    "Header": "headings between contests are not represented",
    "HeaderId": "headings between contests are not represented",
    "OrderedContestOptionIds": "the order of options is the same on every ballot style",
    "HasRotation": "the order of options is the same on every ballot",
    "ExternalIdentifier": "identifiers of other systems are not represented",
    "ElectionScopeId": "the scope of the whole election is not represented",
    "EndDate": "dates belong to the election's configuration, not to the manifest",
    "Election[]": "another election of the same file; import it on its own",
    "Candidate[]": "the candidate is an option of no imported contest",
    "GpUnit[]": "the area belongs to no imported contest and no ballot style",
    "Type": "the kind is not represented",
    "NumberElected": "the number of seats is not represented; seats follow from the tally",
    "NumberRunoff": "a runoff is an election of its own",
    "PrimaryPartyIds": "the contest is not restricted to a party's voters",
    "BallotStyle[].PartyIds": "the ballot style is not restricted to a party's voters",
    "BallotStyle[].Language": "every ballot style has all languages of the manifest",
    "ComposingGpUnitIds": "how areas lie inside one another is not represented",
    "PreElectionStatus": "the status is not represented; a withdrawn candidate stays an option",
    "PassageThreshold": "the threshold is not represented; it is applied to the tally",
    "IsTest": "whether the election is a test belongs to its configuration",
    "TotalSubUnits": "progress of a count is not represented",
    "Person": "persons are not represented; candidates are",
    "Office": "offices are not represented; contests are",
    "OfficeIds": "offices are not represented; contests are",
  ]

  /// The explanation for a path in which indices are written `[]`.
  static func explanation(_ pattern: String) -> String {
    let steps = pattern.split(separator: ".").map(String.init)
    var last = steps.last ?? pattern
    let pair = steps.suffix(2).joined(separator: ".")
    if let explanation = explanations[pair] ?? explanations[last] { return explanation }
    if last.hasSuffix("[]") { last.removeLast(2) }
    return explanations[last] ?? "not represented in the manifest"
  }
}
