// SPDX-License-Identifier: Apache-2.0

import Election
import StrictJSON
import TestSupport
import Testing

/// The examples that NIST publishes with the schema.
@Suite(.needsShared) struct BallotDefinitionExamples {
  struct Expected: Sendable {
    let file: String
    let label: String
    let languages: [String]
    let parties: [String]
    let districts: [String]
    /// "label variation L R blocks: option labels".
    let contests: [String]
    /// "label districts: contests".
    let styles: [String]
    /// Starts of warnings that must be there.
    let warnings: [String]
    let warningCount: Int
  }

  static let presidentWarnings = [
    "$.Election[0].Contest[0]: write-in lines are only in the paper layout",
    "$.BallotFormat: the layout on paper",
    "$.Shape: the layout on paper",
    "$.Election[0].BallotStyle[0].OrderedContent[0].Physical: the layout on paper",
    "$.Election[0].Contest[0].NumberElected: the number of seats",
    "$.Election[0].EndDate: dates belong",
  ]
  static let president =
    "cc-president n-of-m 1 1 11: cs-biden-harris cs-hawkins-walker cs-jorgensen-cohen "
    + "cs-trump-pence write-in*"

  static let table = [
    Expected(
      file: "controlling_contest_activation", label: "SPECIAL-RECALL-ELECTION-2022-08-02",
      languages: ["en"], parties: ["par-rep", "par-dem"], districts: ["ru-st-ignace"],
      contests: [
        "cc-activation-contest yes-no 1 1 0: cs-activation-yes cs-activation-no",
        "cc-replacements plurality 1 1 0: cs-alex-mack cs-ray-alverado",
      ],
      styles: ["style ru-st-ignace: 1 2"],
      warnings: [
        "$.Election[0].Contest[0].ContestOption[0].CausesActivation: this answer activates",
        "$.Election[0].Contest[0].ControlledContestIds: the controlled contests are always",
        "$.Election[0]: no ballot styles; one with all contests is made",
        "$.Election[0].Type: the kind", "$.GpUnit[0].Type: the kind",
        "$.Party[0].IsRecognizedParty: not represented",
      ], warningCount: 7),
    Expected(
      file: "controlling_contest_partisan_preference", label: "STATE-PRIMARY-2022-08-02",
      languages: ["en"], parties: ["par-rep", "par-dem"], districts: ["ru-senate"],
      contests: [
        "cc-party-preference plurality 1 1 0: cs-party-preference-dem cs-party-preference-rep",
        "cc-senate-rep plurality 1 1 0: cs-alex-mack cs-ray-alverado",
        "cc-senate-dem plurality 1 1 0: cs-joe-smith cs-maria-duty",
      ],
      styles: ["style ru-senate: 1 2 3"],
      warnings: [
        "$.Election[0].Contest[0].ControlledContestIds: the controlled contests are all on",
        "$.Election[0].Contest[1].PrimaryPartyIds: the contest is not restricted",
      ], warningCount: 7),
    Expected(
      file: "mapping_bsi_mcdf_to_bd", label: "Example-General-Election-2022-11-08",
      languages: ["en-US"], parties: [], districts: ["prec-52"],
      contests: ["_9CC n-of-m 3 1 0: _CS1HBR _CS1HIS _CS1HDW _CS1HJD _CS1HGH _CS1HSK"],
      styles: ["_052001 prec-52: 1"],
      warnings: [
        "$.Election[0].Contest[0].ContestOption[0]: no candidate; the identifier",
        "$.GpUnit[1]: no name", "$.GpUnit[0]: the area belongs to no imported contest",
        "$.Election[0].ElectionScopeId: the scope",
        "$.Election[0].ExternalIdentifier: identifiers of other systems",
      ], warningCount: 12),
    Expected(
      file: "physical_ballot_def_1", label: "_2020-General-Election-2020-11-03",
      languages: ["en"], parties: [], districts: ["gpu-ohio", "gpu-p-001-BRA"],
      contests: [president], styles: ["_001-bra gpu-p-001-BRA: 1"], warnings: presidentWarnings,
      warningCount: 9),
    Expected(
      file: "physical_ballot_def_2", label: "_2020-General-Election-2020-11-03",
      languages: ["en"], parties: [], districts: ["gpu-ohio", "gpu-p-brk-a"],
      contests: [president], styles: ["brk-a gpu-p-brk-a: 1"], warnings: presidentWarnings,
      warningCount: 8),
  ]

  static func bytes(_ file: String) throws -> [UInt8] {
    try Shared.bytes("schemas/nist/1500-20-ballot-definition/examples/\(file).json")
  }

  @Test(arguments: table)
  func imports(_ expected: Expected) throws {
    let source = try Self.bytes(expected.file)
    let imported = try BallotDefinitionImport(bytes: source)
    let manifest = imported.manifest
    #expect(try Manifest(bytes: manifest.bytes) == manifest)
    #expect(manifest.label == expected.label)
    #expect(manifest.languages == expected.languages)
    #expect(manifest.parties.map(\.label) == expected.parties)
    #expect(manifest.districts.map(\.label) == expected.districts)
    #expect(manifest.contests.map(BallotDefinitionImportTests.summary) == expected.contests)
    #expect(
      manifest.ballotStyles.map { style in
        "\(style.label) \(style.districts.joined(separator: " ")): "
          + style.contests.map(String.init).joined(separator: " ")
      } == expected.styles)
    #expect(manifest.contestsWithoutBallotStyle.isEmpty)
    for warning in expected.warnings {
      #expect(imported.warnings.contains { $0.hasPrefix(warning) }, "\(warning)")
    }
    #expect(imported.warnings.count == expected.warningCount, "\(imported.warnings)")

    let again = try BallotDefinitionImport(bytes: source)
    #expect(again.manifest == manifest)
    #expect(again.warnings == imported.warnings)
  }

  /// A member that nobody knows, put into each object in turn, is always reported.
  @Test(arguments: table.map(\.file))
  func dropsNothingInSilence(_ file: String) throws {
    let source = try JSONValue(parsing: try Self.bytes(file))
    let count = countObjects(source)
    #expect(count > 20)
    for index in 0..<count {
      var remaining = index
      let changed = changingObject(source, &remaining) {
        $0 + [JSONMember(name: "Zebra", value: 1)]
      }
      let imported = try BallotDefinitionImport(bytes: changed.canonicalBytes())
      #expect(imported.warnings.contains { $0.contains("Zebra") }, "object \(index)")
    }
  }

  /// Whatever is taken out or has another type: an error with a place or a manifest that is sound.
  @Test(arguments: table.map(\.file))
  func survivesDamage(_ file: String) throws {
    let source = try JSONValue(parsing: try Self.bytes(file))
    let other: [JSONValue] = [nil, 7, "x", [], [1], [:], ["@id": 1], "\u{202E}x", -1]
    var refused = 0
    for index in 0..<countObjects(source) {
      for (choice, replacement) in other.enumerated() {
        var remaining = index
        let changed = changingObject(source, &remaining) { members in
          guard !members.isEmpty else { return members }
          var changed = members
          let place = (index + choice) % members.count
          changed[place] = JSONMember(name: members[place].name, value: replacement)
          return changed
        }
        do {
          let imported = try BallotDefinitionImport(bytes: changed.canonicalBytes())
          #expect(try Manifest(bytes: imported.manifest.bytes) == imported.manifest)
        } catch {
          refused += 1
          #expect(error.path.hasPrefix("$") || error.path.hasPrefix("manifest"), "\(error)")
          #expect(!error.rule.isEmpty)
        }
      }
    }
    #expect(refused > 20)
  }
}

private func countObjects(_ value: JSONValue) -> Int {
  switch value {
  case .object(let members): members.reduce(1) { $0 + countObjects($1.value) }
  case .array(let values): values.reduce(0) { $0 + countObjects($1) }
  default: 0
  }
}

/// Changes the object number `remaining` in the order of the text.
private func changingObject(
  _ value: JSONValue, _ remaining: inout Int, _ change: ([JSONMember]) -> [JSONMember]
) -> JSONValue {
  switch value {
  case .object(let members):
    let isIt = remaining == 0
    remaining -= 1
    if isIt { return .object(change(members)) }
    var changed: [JSONMember] = []
    for member in members {
      changed.append(
        JSONMember(name: member.name, value: changingObject(member.value, &remaining, change)))
    }
    return .object(changed)
  case .array(let values):
    var changed: [JSONValue] = []
    for value in values { changed.append(changingObject(value, &remaining, change)) }
    return .array(changed)
  default: return value
  }
}
