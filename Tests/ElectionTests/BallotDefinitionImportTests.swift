// SPDX-License-Identifier: Apache-2.0

import Election
import StrictJSON
import Testing

/// Definitions made here, for what the published examples do not have.
@Suite struct BallotDefinitionImportTests {
  static func summary(_ contest: Contest) -> String {
    "\(contest.label) \(contest.variation.rawValue) \(contest.selectionLimit) "
      + "\(contest.optionLimit) \(contest.contestDataBlocks): "
      + contest.options.map { $0.label + ($0.isWriteIn ? "*" : "") }.joined(separator: " ")
  }

  static func text(_ en: String, _ es: String? = nil) -> String {
    let texts = [("en", en)] + (es.map { [("es", $0)] } ?? [])
    return #"{"@type":"BallotDefinition.InternationalizedText","Text":["#
      + texts.map {
        #"{"@type":"BallotDefinition.LanguageString","Language":"\#($0.0)","Content":"\#($0.1)"}"#
      }.joined(separator: ",") + "]}"
  }

  static func object(_ type: String, _ id: String, _ rest: String) -> String {
    #"{"@type":"BallotDefinition.\#(type)","@id":"\#(id)"\#(rest.isEmpty ? "" : ",")\#(rest)}"#
  }

  static func candidates(_ id: String, _ rest: String, options: Int = 3) -> String {
    let list = (1...options).map {
      object("CandidateOption", "\(id)-\($0)", #""CandidateIds":["can"]"#)
    }
    return object(
      "CandidateContest", id,
      #""Name":"\#(id)","ElectionDistrictId":"town","ContestOption":[\#(list.joined(separator: ","))],\#(rest)"#
    )
  }

  static func definition(
    contests: [String], election: String = "", root: String = "",
    units: [String] = [
      object("ReportingUnit", "town", #""Type":"town","Name":\#(text("Town", "Villa"))"#)
    ],
    more: String = ""
  ) -> [UInt8] {
    let candidate = object(
      "Candidate", "can", #""BallotName":\#(text("Ann")),"PartyId":"par""#)
    let party = object("Party", "par", #""Name":\#(text("Greens", "Verdes"))"#)
    return Array(
      """
      {"@type":"BallotDefinition.BallotDefinition","Version":"1.0.0","GeneratedDate":"x","Issuer":"x",
      "IssuerAbbreviation":"x","VendorApplicationId":"x","SequenceStart":1,"SequenceEnd":1,
      "Party":[\(party)],"GpUnit":[\(units.joined(separator: ","))]\(root),
      "Election":[{"@type":"BallotDefinition.Election","ElectionScopeId":"town","StartDate":"2026-05-03",
      "Name":\(text("Spring", "Primavera")),"Candidate":[\(candidate)]\(election),
      "Contest":[\(contests.joined(separator: ","))]}\(more)]}
      """.utf8)
  }

  @Test(
    arguments: [
      (#""VotesAllowed":1"#, "plurality 1 1"), (#""VotesAllowed":2"#, "n-of-m 2 1"),
      (#""VotesAllowed":9"#, "n-of-m 3 1"),
      (#""VotesAllowed":1,"VoteVariation":"n-of-m""#, "n-of-m 1 1"),
      (#""VotesAllowed":1,"VoteVariation":"majority""#, "plurality 1 1"),
      (#""VotesAllowed":1,"VoteVariation":"proportional""#, "plurality 1 1"),
      (#""VotesAllowed":3,"VoteVariation":"approval""#, "approval 3 1"),
      (#""VotesAllowed":1,"VoteVariation":"approval""#, "approval 3 1"),
      (#""VotesAllowed":5,"VoteVariation":"cumulative""#, "score 5 5"),
      (#""VotesAllowed":5,"VoteVariation":"range""#, "score 15 5"),
      (#""NumberElected":1"#, "plurality 1 1"),
    ])
  func mapsVoteVariations(_ fields: String, _ rule: String) throws {
    let imported = try BallotDefinitionImport(
      bytes: Self.definition(contests: [Self.candidates("c", fields)]))
    #expect(imported.manifest.contests.map(Self.summary) == ["c \(rule) 0: c-1 c-2 c-3"])
    if fields.contains("NumberElected") {
      #expect(
        imported.warnings.contains("$.Election[0].Contest[0]: VotesAllowed is missing; 1 is taken"))
    }
    if fields.contains("9") {
      #expect(imported.warnings.contains { $0.contains("more votes are allowed than") })
    }
  }

  @Test(arguments: [
    #""VotesAllowed":1,"VoteVariation":"rcv","RanksAllowed":3"#,
    #""VotesAllowed":1,"RanksAllowed":3"#, #""VotesAllowed":1,"VoteVariation":"borda""#,
    #""VotesAllowed":1,"VoteVariation":"other","OtherVoteVariation":"lots""#,
  ])
  func leavesOutWhatCannotBeTallied(_ fields: String) throws {
    let other = Self.candidates("d", #""VotesAllowed":1"#)
    let imported = try BallotDefinitionImport(
      bytes: Self.definition(contests: [Self.candidates("c", fields), other]))
    #expect(imported.manifest.contests.map(\.label) == ["d"])
    #expect(
      imported.warnings.contains {
        $0.hasPrefix("$.Election[0].Contest[0]: the contest is left out")
      })
    #expect(throws: JSONError.self) {
      try BallotDefinitionImport(bytes: Self.definition(contests: [Self.candidates("c", fields)]))
    }
  }

  @Test func mapsQuestionsRetentionAndStraightParty() throws {
    let retention = Self.object(
      "RetentionContest", "keep",
      #""Name":"Judge","CandidateId":"can","ElectionDistrictId":"town","SummaryText":\#(Self.text("Keep?\\nNow?"))"#
    )
    let straight = Self.object(
      "StraightPartyContest", "all",
      #""Name":"Straight","ElectionDistrictId":"town","ControlledContestIds":["c"],"StraightPartyRuleset":"exclusive","ContestOption":["#
        + Self.object("PartyOption", "all-1", #""PartyIds":["par"]"#) + "]")
    let imported = try BallotDefinitionImport(
      bytes: Self.definition(contests: [
        retention, straight, Self.candidates("c", #""VotesAllowed":1"#),
      ]))
    let contests = imported.manifest.contests
    #expect(
      contests.prefix(2).map(Self.summary)
        == ["keep yes-no 1 1 0: yes no", "all plurality 1 1 0: all-1"])
    #expect(contests[0].text?.text(in: "en") == "Ann\n\nKeep?\nNow?")
    #expect(contests[1].options[0].party == "par")
    #expect(contests[1].options[0].name.text(in: "es") == "Verdes")
    #expect(imported.warnings.contains { $0.contains("straight-party selection (exclusive)") })
    #expect(imported.warnings.contains { $0.contains("Yes and No are made") })
    #expect(imported.warnings.contains { $0.contains("a text has no es") })
    #expect(imported.manifest.languages == ["en", "es"])
  }

  @Test func makesWriteInsAndTidiesLabels() throws {
    let options = [
      Self.object("CandidateOption", "a b", #""IsWriteIn":true,"SequenceOrder":2"#),
      Self.object("CandidateOption", "a/b", #""CandidateIds":["can"],"SequenceOrder":1"#),
    ]
    let contest = Self.object(
      "CandidateContest", "1c",
      #""Name":" Mayor\tof Town","VotesAllowed":1,"ElectionDistrictId":"town","ContestOption":[\#(options.joined(separator: ","))]"#
    )
    let imported = try BallotDefinitionImport(bytes: Self.definition(contests: [contest]))
    #expect(
      imported.manifest.contests.map(Self.summary) == ["_1c plurality 1 1 6: a-b a-b-2*"])
    #expect(imported.manifest.contests[0].name.text(in: "es") == "Mayor of Town")
    #expect(imported.manifest.contests[0].options[1].name.defaultText == "Write-in")
    #expect(imported.warnings.contains { $0.contains("the label is a-b-2") })
    #expect(imported.warnings.contains { $0.contains("were tidied") })
  }

  @Test func derivesStylesFromNestedAreas() throws {
    func unit(_ id: String, _ inner: [String]) -> String {
      let list =
        inner.isEmpty
        ? "" : #","ComposingGpUnitIds":[\#(inner.map { "\"\($0)\"" }.joined(separator: ","))]"#
      return Self.object("ReportingUnit", id, #""Type":"x""# + list)
    }
    let units = [unit("town", ["n", "s", "t"]), unit("n", []), unit("s", []), unit("t", [])]
    let contests = [
      Self.candidates("whole", #""VotesAllowed":1"#),
      Self.candidates("north", #""VotesAllowed":1"#).replacing("\"town\"", with: "\"n\""),
    ]
    let derived = try BallotDefinitionImport(
      bytes: Self.definition(contests: contests, units: units))
    #expect(derived.manifest.ballotStyles.map(\.contests) == [[1, 2], [1]])
    #expect(derived.manifest.ballotStyles.map(\.districts) == [["n"], ["s", "t"]])
    #expect(derived.manifest.ballotStyles(forDistrict: "t") == [2])

    let given = try BallotDefinitionImport(
      bytes: Self.definition(
        contests: contests,
        election:
          #","BallotStyle":[{"@type":"BallotDefinition.BallotStyle","GpUnitIds":["s"],"PartyIds":["par"]}]"#,
        units: units))
    #expect(given.manifest.ballotStyles.map(\.contests) == [[1]])
    #expect(given.manifest.contestsWithoutBallotStyle == [2])
    #expect(given.warnings.contains { $0.contains("north is on no ballot style") })
    #expect(given.warnings.contains { $0.contains("not restricted to a party's voters") })

    let flat = try BallotDefinitionImport(
      bytes: Self.definition(
        contests: contests, units: [unit("town", []), unit("n", []), unit("s", [])]))
    #expect(flat.manifest.ballotStyles.map(\.contests) == [[1, 2]])
    #expect(flat.warnings.contains { $0.contains("one style has ALL contests") })
  }

  @Test func readsHeadersAndChoosesAnElection() throws {
    let style =
      #","BallotStyle":[{"@type":"BallotDefinition.BallotStyle","GpUnitIds":["town"],"OrderedContent":[{"@type":"BallotDefinition.OrderedHeader","HeaderId":"h","OrderedContent":[{"@type":"BallotDefinition.OrderedContest","ContestId":"d"},{"@type":"BallotDefinition.OrderedContest","ContestId":"c"}]}]}]"#
    let second =
      #",{"@type":"BallotDefinition.Election","ElectionScopeId":"town","StartDate":"2026-06-07","Name":\#(Self.text("Runoff")),"Contest":[\#(Self.candidates("e", #""VotesAllowed":1"#))]}"#
    let bytes = Self.definition(
      contests: ["c", "d"].map { Self.candidates($0, #""VotesAllowed":1"#) }, election: style,
      root: #","Header":[\#(Self.object("Header", "h", #""Name":\#(Self.text("State"))"#))]"#,
      more: second)
    let imported = try BallotDefinitionImport(bytes: bytes)
    #expect(imported.manifest.ballotStyles.map(\.contests) == [[1, 2]])
    for start in ["$.Header: headings", "$.Election[1]: another election"] {
      #expect(imported.warnings.contains { $0.hasPrefix(start) }, "\(start)")
    }
    #expect(imported.warnings.contains { $0.contains("HeaderId: headings") })
    #expect(imported.warnings.contains { $0.contains("stand in the order of the manifest") })
    let runoff = try BallotDefinitionImport(bytes: bytes, election: 1)
    #expect(runoff.manifest.label == "Runoff-2026-06-07")
    #expect(runoff.warnings.contains { $0.hasPrefix("$.Election[0]: another election") })
    #expect(throws: JSONError.self) { try BallotDefinitionImport(bytes: bytes, election: 2) }
    #expect(throws: JSONError.self) { try BallotDefinitionImport(bytes: bytes, election: -1) }
  }

  @Test(
    arguments: [
      (#""@id":"c-1","#, "", "$.Election[0].Contest[0].ContestOption[0][\"@id\"]"),
      (#""@id":"c-2""#, #""@id":"c-1""#, "$.Election[0].Contest[0].ContestOption[1].@id"),
      (#""@id":"par""#, #""@id":"c""#, ".@id"),
      (#""CandidateIds":["can"]"#, #""CandidateIds":["cat"]"#, "ContestOption[0].CandidateIds[0]"),
      (#""CandidateIds":["can"]"#, #""CandidateIds":["par"]"#, "ContestOption[0].CandidateIds[0]"),
      (#""CandidateIds":["can"]"#, #""CandidateIds":"can""#, "ContestOption[0].CandidateIds"),
      (#""PartyId":"par""#, #""PartyId":"pax""#, "Candidate[0].PartyId"),
      (
        #""ElectionDistrictId":"town""#, #""ElectionDistrictId":"tow""#,
        "Contest[0].ElectionDistrictId"
      ),
      (#""ElectionScopeId":"town""#, #""ElectionScopeId":"tow""#, "Election[0].ElectionScopeId"),
      (#""VotesAllowed":1"#, #""VotesAllowed":"1""#, "Contest[0].VotesAllowed"),
      (#""VotesAllowed":1"#, #""VotesAllowed":0"#, "Contest[0].VotesAllowed"),
      (#""VotesAllowed":1"#, #""VotesAllowed":1.0"#, "Contest[0].VotesAllowed"),
      (
        #""VotesAllowed":1"#, #""VotesAllowed":1,"VoteVariation":"best""#,
        "Contest[0].VoteVariation"
      ),
      (".CandidateContest", ".CandyContest", "Contest[0].@type"),
      (".CandidateOption", ".CandyOption", "ContestOption[0].@type"),
      (".BallotDefinition\"", ".Bad\"", "$.@type"),
      ("\"Ann\"", "\"A\\u202Enn\"", "BallotName.Text[0].Content"),
      ("\"Ann\"", "\"\"", "BallotName.Text[0].Content"),
      ("\"Language\":\"en\"", "\"Language\":\"e\"", "Text[0].Language"),
      ("\"Language\":\"es\"", "\"Language\":\"EN\"", "Text[1].Language"),
      ("\"Contest\":[", "\"Contests\":[", "$.Election[0].Contest"),
      ("\"StartDate\"", "\"Start\"", "$.Election[0].StartDate"),
      ("\"Version\"", "\"Revision\"", "$.Version"),
      ("\"Party\":[", "\"Party\":[1,", "$.Party[0]"),
    ])
  func namesThePlaceOfAnError(_ old: String, _ new: String, _ place: String) throws {
    let sound = Self.definition(contests: [Self.candidates("c", #""VotesAllowed":1"#)])
    _ = try BallotDefinitionImport(bytes: sound)
    let text = String(decoding: sound, as: UTF8.self)
    let damaged = text.replacing(old, with: new, maxReplacements: 1)
    #expect(damaged != text)
    do {
      _ = try BallotDefinitionImport(bytes: Array(damaged.utf8))
      Issue.record("accepted: \(old) as \(new)")
    } catch {
      let path = place.replacing("[\"@id\"]", with: ".@id")
      #expect(error.path.contains(path), "\(error)")
    }
  }
}
