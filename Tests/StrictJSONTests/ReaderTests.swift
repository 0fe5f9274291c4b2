// SPDX-License-Identifier: Apache-2.0

import StrictJSON
import TestSupport
import Testing

@Suite struct Reading {
  let reader = JSONReader(
    [
      "contests": [["alpha": "0AFF", "limit": 3, "on": true, "none": nil], 1],
      "odd name": "x",
    ])

  @Test func readsWhatIsThere() throws {
    let fields = try reader.fields(["contests"], optional: ["odd name", "absent"])
    #expect(fields.names == ["contests", "odd name"])
    #expect(fields.optional("absent") == nil)
    let contests = try fields["contests"].array(1...2)
    let contest = try contests[0].fields(["alpha", "limit", "on", "none"])
    #expect(try contest["alpha"].hex(bytes: 2) == [0x0A, 0xFF])
    #expect(try contest["alpha"].hex(bytes: 0...2) == [0x0A, 0xFF])
    #expect(try contest["limit"].integer(0...3) == 3)
    #expect(try contest["on"].bool())
    #expect(try contest["none"].isNull)
    #expect(try contest["alpha"].string(minBytes: 4, maxBytes: 4) == "0AFF")
    #expect(try contest["alpha"].string(oneOf: ["x", "0AFF"]) == "0AFF")
    #expect(try contest["alpha"].path == "$.contests[0].alpha")
    #expect(try fields["odd name"].failure("r").description == "$[\"odd name\"]: r")
  }

  @Test func namesPlaceAndRule() throws {
    #expect(
      failure { () throws(JSONError) in _ = try reader.fields(["contests"]) }
        == JSONError(path: "$[\"odd name\"]", rule: "unknown member"))
    #expect(
      failure { () throws(JSONError) in
        _ = try reader.fields(["contests", "odd name", "label"])
      } == JSONError(path: "$.label", rule: "the member is missing"))
    #expect(failure { () throws(JSONError) in _ = try reader.openFields()["x"] }?.path == "$.x")
    #expect(
      failure { () throws(JSONError) in _ = try reader.array() }
        == JSONError(path: "$", rule: "an array is required, not an object"))
    let contests = try reader.openFields()["contests"]
    #expect(
      failure { () throws(JSONError) in _ = try contests.array(3...9) }
        == JSONError(
          path: "$.contests", rule: "an array of 3 to 9 items is required, this one has 2"))
    let integer = try contests.array()[1]
    #expect(failure { () throws(JSONError) in _ = try integer.string() }?.path == "$.contests[1]")
    #expect(failure { () throws(JSONError) in _ = try integer.integer(2...9) } != nil)
    #expect(failure { () throws(JSONError) in _ = try integer.bool() } != nil)
    #expect(failure { () throws(JSONError) in _ = try integer.fields([]) } != nil)
    #expect(failure { () throws(JSONError) in _ = try integer.hex(bytes: 1) } != nil)
    #expect(failure { () throws(JSONError) in _ = try integer.string(oneOf: ["1"]) } != nil)
    let decimal = JSONReader(.decimal("1.0"))
    #expect(failure { () throws(JSONError) in _ = try decimal.integer(0...9) } != nil)
  }

  @Test(arguments: [
    "0", "0aFF", "0AF", "0AFFF", "0AFF0", "0x0A", "0AF ", "", "0AF\u{FF11}", "-1FF",
  ])
  func refusesOtherHexadecimal(_ text: String) {
    #expect(
      failure { () throws(JSONError) in _ = try JSONReader(.string(text)).hex(bytes: 2) } != nil)
  }

  @Test func countsBytesNotCharacters() {
    let reader = JSONReader("€€")
    #expect(failure { () throws(JSONError) in _ = try reader.string(maxBytes: 6) } == nil)
    #expect(failure { () throws(JSONError) in _ = try reader.string(maxBytes: 5) } != nil)
    #expect(failure { () throws(JSONError) in _ = try reader.string(minBytes: 7) } != nil)
  }
}

@Suite struct HostileSizes {
  // adversary: G-09
  @Test func refusesHugeInputFast() async {
    func text(_ parts: (String, Int)...) -> [UInt8] {
      var bytes: [UInt8] = []
      for (part, count) in parts {
        let letters = Array(part.utf8)
        if letters.count == 1 {
          bytes += Array(repeating: letters[0], count: count)
        } else {
          for _ in 0..<count { bytes += letters }
        }
      }
      return bytes
    }
    let inputs: [(String, [UInt8])] = [
      ("10 MB of digits", text(("9", 10_000_000))),
      ("10 MB of fraction", text(("0.", 1), ("1", 10_000_000))),
      ("10 MB of exponent", text(("1e", 1), ("0", 10_000_000))),
      ("10^6 hexadecimal digits", text(("\"", 1), ("F", 1_000_000), ("\"", 1))),
      ("10^6 escapes", text(("\"", 1), ("\\n", 1_000_000), ("\"", 1))),
      ("nesting 10^4", text(("[", 10_000), ("]", 10_000))),
      ("nesting 10^6, unclosed", text(("[", 1_000_000))),
      ("nested objects", text(("{\"a\":", 10_000), ("1", 1), ("}", 10_000))),
      ("10^6 items", text(("[0", 1), (",0", 999_999), ("]", 1))),
      ("10^6 empty arrays", text(("[[]", 1), (",[]", 999_999), ("]", 1))),
      ("17 MiB", text((" ", 17 << 20))),
      (
        "10^5 members",
        Array("{\((0..<100_000).map { "\"\($0)\":0" }.joined(separator: ","))}".utf8)
      ),
    ]
    for (name, input) in inputs {
      var refusal: String?
      // A build without optimisation is given five times the second.
      let isSoon = await Patience.isDone(within: .seconds(5)) { refusal = rule(input) }
      #expect(refusal != nil, "\(name)")
      #expect(isSoon, "\(name)")
    }
  }

  // adversary: G-09
  @Test func manyMembersAreNotQuadratic() async {
    // 60,000 names that differ in normalisation only in their last letters.
    let names = (0..<60_000).map { number in
      (0..<16).map { number >> $0 & 1 == 0 ? "e\u{301}" : "\u{E9}" }.joined()
    }
    let input = Array("{\(names.map { "\"\($0)\":0" }.joined(separator: ","))}".utf8)
    var refusal: String?
    let isSoon = await Patience.isDone(within: .seconds(10)) { refusal = rule(input) }
    #expect(refusal == nil)
    #expect(isSoon)
  }

  @Test func anyLimitIsSafe() {
    let wide = JSONLimits(
      maxBytes: .max, maxDepth: .max, maxStringBytes: .max, maxNumberBytes: .max, maxItems: .max,
      maxMembers: .max)
    #expect(rule(Array("[\"abc\",1]".utf8), wide) == nil)
    #expect(rule(Array(repeating: UInt8(ascii: "["), count: 100_000), wide) != nil)
    let none = JSONLimits(
      maxBytes: 0, maxDepth: 0, maxStringBytes: 0, maxNumberBytes: 0, maxItems: 0, maxMembers: 0)
    #expect(rule(Array("1".utf8), none) != nil)
  }
}
