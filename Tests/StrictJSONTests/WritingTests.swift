// SPDX-License-Identifier: Apache-2.0

import StrictJSON
import Testing
import TestSupport

@Suite struct Writing {
  /// RFC 8785 section 3.2.3, with strings for the values.
  @Test func sortsNamesByUTF16() throws {
    let value = try parse(
      #"""
      {"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",
       "1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control",
       "\u00f6":"Latin Small Letter O With Diaeresis"}
      """#)
    let expected =
      "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\","
      + "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
      + "\"😀\":\"Emoji: Grinning Face\",\"\u{FB33}\":\"Hebrew Letter Dalet With Dagesh\"}"
    #expect(value.canonicalBytes() == Array(expected.utf8))
  }

  /// RFC 8785 section 3.2.2: the example's string and literals.
  @Test func writesTheStringsOfRFC8785() throws {
    let value = try parse(
      #"{"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}"#)
    let expected =
      #"{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
    #expect(value.canonicalBytes() == Array(expected.utf8))
    #expect(
      JSONValue.string("\u{8}\u{9}\u{A}\u{C}\u{D}\u{0}\u{1F}\u{7F}\u{2028}").canonicalBytes()
        == Array("\"\\b\\t\\n\\f\\r\\u0000\\u001f\u{7F}\u{2028}\"".utf8))
  }

  @Test func writesForPeople() {
    let value: JSONValue = ["b": [1, [], ["c": nil]], "a": [:]]
    let expected = """
      {
        "b": [
          1,
          [],
          {
            "c": null
          }
        ],
        "a": {}
      }

      """
    #expect(value.prettyBytes() == Array(expected.utf8))
  }

  // adversary: B-06
  @Test func oneValueHasOneCanonicalText() throws {
    let canonical = #"{"a":"é\n/","b":[1,-2,{"c":null}]}"#
    let value = try JSONValue(parsingCanonical: Array(canonical.utf8))
    #expect(value.canonicalBytes() == Array(canonical.utf8))
    let others = [
      #" {"a":"é\n/","b":[1,-2,{"c":null}]}"#, #"{"a":"é\n/","b":[1,-2,{"c":null}]} "#,
      #"{"a":"é\n/","b":[1,-2,{"c":null}]}"# + "\n", #"{"a": "é\n/","b":[1,-2,{"c":null}]}"#,
      #"{"a":"é\n/","b":[1, -2,{"c":null}]}"#, #"{"b":[1,-2,{"c":null}],"a":"é\n/"}"#,
      #"{"a":"\u00e9\n/","b":[1,-2,{"c":null}]}"#, #"{"a":"é\u000a/","b":[1,-2,{"c":null}]}"#,
      #"{"a":"é\n\/","b":[1,-2,{"c":null}]}"#, #"{"\u0061":"é\n/","b":[1,-2,{"c":null}]}"#,
      #"{"a":"é\n/","a":"é\n/","b":[1,-2,{"c":null}]}"#, "\u{FEFF}" + canonical, canonical + "x",
      canonical + "\u{0}", #"{"a":"é\n/","b":[1.0,-2,{"c":null}]}"#,
      #"{"a":"é\n/","b":[1,-2e0,{"c":null}]}"#, #"{"a":"é\n/","b":[-0,-2,{"c":null}]}"#,
    ]
    for text in others {
      #expect(throws: JSONError.self, "\(text)") {
        try JSONValue(parsingCanonical: Array(text.utf8))
      }
    }
  }

  // adversary: B-06
  @Test func namesEqualInUnicodeOnlyAreNotEqual() throws {
    let kelvin = try JSONValue(parsingCanonical: Array("{\"\u{212A}\":1}".utf8))
    #expect(throws: JSONError.self) { try JSONReader(kelvin).fields(["K"]) }
    #expect(try JSONReader(kelvin).openFields().optional("K") == nil)
    #expect(throws: JSONError.self) { try JSONReader("\u{212A}").string(oneOf: ["K"]) }
    #expect(JSONValue.string("e\u{301}") != .string("\u{E9}"))
    #expect(try parse("{\"e\u{301}\":1,\"\u{E9}\":2}") == ["e\u{301}": 1, "\u{E9}": 2])
  }

  @Test func tellsWhereATextStopsBeingCanonical() {
    let error = failure { () throws(JSONError) in
      _ = try JSONValue(parsingCanonical: Array(#"{"a":1, "b":2}"#.utf8))
    }
    #expect(error?.offset == 7)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func everyValueSurvives(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<40 {
      let value = randomValue(depth: 4, using: &generator)
      let canonical = value.canonicalBytes()
      let read = try JSONValue(parsingCanonical: canonical)
      #expect(read.canonicalBytes() == canonical, "seed \(seed)")
      #expect(try JSONValue(parsing: value.prettyBytes()) == value, "seed \(seed)")
      // Damage: either refused, or another value, never the same value from other bytes.
      guard let index = canonical.indices.randomElement(using: &generator) else { continue }
      var damaged = canonical
      damaged[index] = UInt8.random(in: 0...255, using: &generator)
      if damaged != canonical, let other = try? JSONValue(parsingCanonical: damaged) {
        #expect(other != read, "seed \(seed)")
      }
    }
  }
}

/// A value with odd names and texts, no decimals.
private func randomValue(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
  switch Int.random(in: 0..<(depth > 0 ? 7 : 4), using: &generator) {
  case 0: return .null
  case 1: return .bool(Bool.random(using: &generator))
  case 2:
    let limit = JSONValue.largestInteger
    return .integer(Int64.random(in: -limit...limit, using: &generator))
  case 3: return .string(randomText(using: &generator))
  case 4, 5:
    let count = Int.random(in: 0..<6, using: &generator)
    return .array((0..<count).map { _ in randomValue(depth: depth - 1, using: &generator) })
  default:
    var members: [JSONMember] = []
    for index in 0..<Int.random(in: 0..<20, using: &generator) {
      let name = randomText(using: &generator) + "\(index)"
      members.append(
        JSONMember(name: name, value: randomValue(depth: depth - 1, using: &generator)))
    }
    return .object(members)
  }
}

private func randomText(using generator: inout SeededGenerator) -> String {
  let samples: [ClosedRange<UInt32>] = [
    0...0x1F, 0x20...0x7F, 0x20...0x7F, 0x80...0x7FF, 0x800...0xD7FF, 0xE000...0xFFFF,
    0x10000...0x10FFFF,
  ]
  var text = ""
  for _ in 0..<Int.random(in: 0..<12, using: &generator) {
    let range = samples[Int.random(in: 0..<samples.count, using: &generator)]
    if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &generator)) {
      text.unicodeScalars.append(scalar)
    }
  }
  return text
}
