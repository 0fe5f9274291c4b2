// SPDX-License-Identifier: Apache-2.0

import Election
import Foundation
import StrictJSON
import TestSupport
import Testing

@Suite struct ManifestTests {
  static func sample() throws -> Manifest {
    func text(_ text: String) -> LocalizedText {
      LocalizedText([
        .init(language: "en", text: text), .init(language: "es", text: "¿\(text)?"),
      ])
    }
    return try Manifest(
      label: "city-2026", name: text("City"), languages: ["en", "es"],
      parties: [Party(label: "green", name: text("Greens"))],
      districts: [
        District(label: "north", name: text("North")),
        District(label: "south", name: text("South")),
      ],
      contests: [
        Contest(
          label: "mayor", name: text("Mayor"), text: text("One\nof them"), district: "north",
          variation: .plurality, selectionLimit: 1, optionLimit: 1, contestDataBlocks: 6,
          options: [
            ContestOption(label: "ann", name: text("Ann"), party: "green"),
            ContestOption(label: "write-in", name: text("Write-in"), isWriteIn: true),
          ]),
        Contest(
          label: "points", name: text("Points"), district: "south", variation: .score,
          selectionLimit: 4, optionLimit: 3, contestDataBlocks: 0,
          options: [
            ContestOption(label: "x", name: text("X")), ContestOption(label: "y", name: text("Y")),
          ]),
      ],
      ballotStyles: [
        BallotStyle(label: "all", name: text("All"), districts: ["north"], contests: [1, 2]),
        BallotStyle(label: "short", name: text("Short"), districts: ["south"], contests: [2]),
      ])
  }

  @Test func readsWhatItWrote() throws {
    let manifest = try Self.sample()
    #expect(try Manifest(bytes: manifest.bytes) == manifest)
    #expect(manifest.encoded() == manifest.bytes)
    #expect(manifest.contest(at: 1)?.label == "mayor")
    #expect(manifest.contest(at: 2)?.selectionLimit == 4)
    #expect(manifest.contest(at: 0) == nil)
    #expect(manifest.contest(at: 3) == nil)
    #expect(manifest.contest(at: .min.advanced(by: 1)) == nil)
    #expect(manifest.ballotStyle(at: 2)?.contests == [2])
    #expect(manifest.ballotStyle(at: 0) == nil)
    #expect(manifest.ballotStyle(at: 3) == nil)
    #expect(manifest.contest(at: 1)?.option(at: 2)?.isWriteIn == true)
    #expect(manifest.contest(at: 1)?.option(at: 3) == nil)
    #expect(manifest.ballotStyles(forDistrict: "south") == [2])
    #expect(manifest.contestsWithoutBallotStyle.isEmpty)
    #expect(manifest.contest(at: 1)?.text?.text(in: "es") == "¿One\nof them?")
    #expect(manifest.name.defaultText == "City")
    #expect(manifest.name.text(in: "fr") == nil)
  }

  @Test func keepsTheExactBytes() throws {
    let bytes = Array(" \n".utf8) + (try Self.sample().bytes)
    let manifest = try Manifest(bytes: bytes)
    #expect(manifest.bytes == bytes)
    #expect(manifest.encoded() != bytes)
  }

  static let damage: [(String, String, String)] = [
    (#""version": 1"#, #""version": 2"#, "$.version"),
    (#""version": 1"#, #""version": 1, "extra": 1"#, "$.extra"),
    (#""label": "city-2026""#, #""label": "2026-city""#, "$.label"),
    (#""label": "city-2026""#, #""label": " city""#, "$.label"),
    (#""label": "city-2026""#, #""label": "ci\tty""#, "$.label"),
    (#""label": "city-2026""#, #""label": """#, "$.label"),
    (#""label": "city-2026""#, #""label": "citÿ""#, "$.label"),
    (#""es": "¿City?""#, #""fr": "¿City?""#, "$.name.fr"),
    (#""es": "¿City?""#, #""es": "City ""#, "$.name.es"),
    (#""es": "¿City?""#, #""es": """#, "$.name.es"),
    (#""es": "¿City?""#, #""es": "a\nb""#, "$.name.es"),
    (#""es": "¿City?""#, #""es": "¿City?", "fr": "x""#, "$.name.fr"),
    ("\"en\",\n    \"es\"", #""en""#, "$"),
    ("\"en\",\n    \"es\"", #""en","es","EN""#, "$.languages[2]"),
    ("\"en\",\n    \"es\"", #""en","es","x""#, "$.languages[2]"),
    (#""label": "south""#, #""label": "north""#, "$.districts[1].label"),
    (#""label": "points""#, #""label": "mayor""#, "$.contests[1].label"),
    (#""label": "y""#, #""label": "x""#, "$.contests[1].options[1].label"),
    (#""label": "short""#, #""label": "all""#, "$.ballotStyles[1].label"),
    (#""party": "green""#, #""party": "blue""#, "$.contests[0].options[0].party"),
    (#""district": "north""#, #""district": "west""#, "$.contests[0].district"),
    (#""variation": "score""#, #""variation": "ranks""#, "$.contests[1].variation"),
    (#""variation": "score""#, #""variation": "plurality""#, "$.contests[1]"),
    (#""variation": "score""#, #""variation": "approval""#, "$.contests[1]"),
    (#""variation": "score""#, #""variation": "n-of-m""#, "$.contests[1]"),
    (#""variation": "score""#, #""variation": "yes-no""#, "$.contests[1]"),
    (#""selectionLimit": 4"#, #""selectionLimit": 7"#, "$.contests[1]"),
    (#""selectionLimit": 4"#, #""selectionLimit": 2"#, "$.contests[1]"),
    (#""selectionLimit": 4"#, #""selectionLimit": 0"#, "$.contests[1].selectionLimit"),
    (#""selectionLimit": 4"#, #""selectionLimit": 4.0"#, "$.contests[1].selectionLimit"),
    (
      #""selectionLimit": 4"#, #""selectionLimit": 9007199254740991"#,
      "$.contests[1].selectionLimit"
    ),
    (#""optionLimit": 3"#, #""optionLimit": 0"#, "$.contests[1].optionLimit"),
    (#""contestDataBlocks": 6"#, #""contestDataBlocks": 0"#, "$.contests[0].contestDataBlocks"),
    (#""contestDataBlocks": 6"#, #""contestDataBlocks": -1"#, "$.contests[0].contestDataBlocks"),
    (#""writeIn": true"#, #""writeIn": 1"#, "$.contests[0].options[1].writeIn"),
    ("        1,\n        2", "2, 1", "$.ballotStyles[0].contests[1]"),
    ("        1,\n        2", "1, 1", "$.ballotStyles[0].contests[1]"),
    ("        1,\n        2", "0, 1", "$.ballotStyles[0].contests[0]"),
    ("        1,\n        2", "1, 3", "$.ballotStyles[0].contests[1]"),
    ("        1,\n        2", "", "$.ballotStyles[0].contests"),
    (
      "\"districts\": [\n        \"north\"", #""districts": ["west""#,
      "$.ballotStyles[0].districts[0]"
    ),
    (
      "\"districts\": [\n        \"north\"", #""districts": ["north","north""#,
      "$.ballotStyles[0].districts[1]"
    ),
  ]

  @Test(arguments: damage)
  func refusesUnsoundManifests(_ old: String, _ new: String, _ place: String) throws {
    let text = String(decoding: try Self.sample().bytes, as: UTF8.self)
    let damaged = text.replacing(old, with: new, maxReplacements: 1)
    #expect(damaged != text)
    do {
      _ = try Manifest(bytes: Array(damaged.utf8))
      Issue.record("accepted: \(old) as \(new)")
    } catch {
      #expect(place == "$" || error.path == place, "\(error)")
    }
  }

  // adversary: B-15
  @Test(arguments: [
    "\u{202E}", "\u{202A}", "\u{2066}", "\u{2069}", "\u{200E}", "\u{200F}", "\u{61C}", "\u{0}",
    "\u{1B}", "\u{7F}", "\u{85}", "\u{9B}", "\u{2028}", "\u{FEFF}", "\u{200B}", "\u{E0041}",
    "\u{FFFE}", "\u{10FFFF}", "\t", "\n",
  ])
  func refusesMisleadingNames(_ character: String) throws {
    func manifest(_ name: String) throws -> Manifest {
      try Manifest(
        label: "a", name: plain(name), languages: ["en"], parties: [],
        districts: [District(label: "d", name: plain("D"))],
        contests: [
          Contest(
            label: "c", name: plain("C"), district: "d", variation: .plurality,
            selectionLimit: 1, optionLimit: 1, contestDataBlocks: 0,
            options: [ContestOption(label: "o", name: plain("O"))])
        ],
        ballotStyles: [
          BallotStyle(label: "s", name: plain("S"), districts: ["d"], contests: [1])
        ])
    }
    #expect(throws: JSONError.self) { try manifest("Ann\(character)Bo") }
    // Markup is text like any other; who shows it escapes it.
    #expect(try manifest("<script>alert(1)</script> العربية नमस्ते 👩‍👩‍👧").name.defaultText.hasPrefix("<"))
    #expect(throws: JSONError.self) { try manifest(String(repeating: "a", count: 10_001)) }
    #expect(try manifest(String(repeating: "é", count: 10_000)).label == "a")
    #expect(throws: JSONError.self) { try manifest(String(repeating: "a", count: 1 << 20)) }
  }

  @Test func holdsTheLargestElection() throws {
    func name(_ text: String) -> LocalizedText {
      LocalizedText([.init(language: "en", text: text)])
    }
    let contests = (1...1000).map { number in
      Contest(
        label: "c\(number)", name: name("Contest \(number)"), district: "d\(number)",
        variation: .nOfM, selectionLimit: 50, optionLimit: 1, contestDataBlocks: 0,
        options: (1...(number <= 20 ? 100 : 50)).map {
          ContestOption(label: "o\($0)", name: name("Option \($0)"))
        })
    }
    let manifest = try Manifest(
      label: "large", name: name("Large"), languages: ["en"], parties: [],
      districts: (1...2500).map { District(label: "d\($0)", name: name("District \($0)")) },
      contests: contests,
      ballotStyles: (1...5000).map {
        BallotStyle(
          label: "s\($0)", name: name("Style \($0)"), districts: ["d\(($0 - 1) % 2500 + 1)"],
          contests: [($0 - 1) % 1000 + 1])
      })
    #expect(manifest.contests.count == 1000)
    #expect(manifest.ballotStyles(forDistrict: "d7") == [7, 2507])
    #expect(throws: JSONError.self) {
      try Manifest(
        label: "large", name: name("Large"), languages: ["en"], parties: [],
        districts: manifest.districts + [District(label: "one-more", name: name("x"))],
        contests: Array(contests.prefix(1)), ballotStyles: Array(manifest.ballotStyles.prefix(1)))
    }
  }

  /// The published schema names the same members as the parser.
  @Test func agreesWithTheSchema() throws {
    let url = Shared.repository.appendingPathComponent(
      "Specs/schemas/election.manifest.schema.json")
    let schema = try JSONReader(try JSONValue(parsing: [UInt8](Data(contentsOf: url)))).openFields()
    let file = try JSONReader(try JSONValue(parsing: try Self.sample().bytes)).openFields()
    let definitions = try schema["$defs"].openFields()
    func members(_ reader: JSONReader) throws -> [String] {
      try reader.openFields()["properties"].openFields().names.sorted()
    }
    #expect(
      try schema["properties"].openFields().names.sorted() == file.names.sorted())
    let contest = try file["contests"].array()[0].openFields()
    #expect(try members(definitions["contest"]) == contest.names.sorted())
    #expect(
      try members(definitions["option"])
        == contest["options"].array()[0].openFields().names.sorted())
    #expect(
      try members(definitions["ballotStyle"])
        == file["ballotStyles"].array()[0].openFields().names.sorted())
    let variations = try definitions["contest"].openFields()["properties"].openFields()["variation"]
    #expect(
      try variations.openFields()["enum"].array().map { try $0.string() }
        == VoteVariation.allCases.map(\.rawValue))
  }
}

private func plain(_ text: String) -> LocalizedText {
  LocalizedText([.init(language: "en", text: text)])
}
