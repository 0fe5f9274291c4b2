// SPDX-License-Identifier: Apache-2.0

import StrictJSON
import Testing

/// Parses a Swift string.
func parse(_ text: String) throws(JSONError) -> JSONValue {
  try JSONValue(parsing: Array(text.utf8))
}

/// The rule that a text breaks, or nil when it is accepted.
func rule(_ bytes: [UInt8], _ limits: JSONLimits = .standard) -> String? {
  do {
    _ = try JSONValue(parsing: bytes, limits: limits)
    return nil
  } catch {
    return error.rule
  }
}

/// The error of a closure that must throw one.
func failure(_ body: () throws(JSONError) -> Void) -> JSONError? {
  do throws(JSONError) {
    try body()
    return nil
  } catch {
    return error
  }
}

@Suite struct Parsing {
  @Test func readsEveryKindOfValue() throws {
    let value = try parse(
      #" {"a" : [ null , true,false, 0, -7, 9007199254740991, 1.50, -0.0, 2e+3 ],"b":{"c":"x"},"d":[],"e":{}} "#
    )
    #expect(
      value == [
        "a": [
          nil, true, false, 0, -7, 9_007_199_254_740_991, .decimal("1.50"), .decimal("-0.0"),
          .decimal("2e+3"),
        ],
        "b": ["c": "x"], "d": [], "e": [:],
      ])
  }

  @Test func readsStrings() throws {
    #expect(
      try parse(#""\"\\\/\b\f\n\r\t\u0000\u20AC\u20ac\ud83d\ude00""#)
        == .string("\"\\/\u{8}\u{C}\n\r\t\u{0}€€😀"))
    #expect(try parse("\"é€😀\u{7F}\u{2028}\"") == .string("é€😀\u{7F}\u{2028}"))
    #expect(try parse("\"\"") == "")
  }

  @Test(arguments: [
    "", " ", "nul", "nulL", "True", "NaN", "Infinity", "-", "-x", "01", "-01", "00", "1.", ".5",
    "1e",
    "1e+", "+1", "0x10", "-0", "9007199254740992", "-9007199254740992", "99999999999999999999",
    "[1,]", "[,1]", "[1 2]", "[1", "]", "{", "{}}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "{a:1}",
    "{'a':1}", #"{"a":1 "b":2}"#, "[] []", "1 2", "\"", "\"a", "\"\n\"", "\"\t\"", #""\x""#,
    #""\u12""#,
    #""\u12G4""#, #""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #""\ud800\ud800""#, #""\ud800x""#,
    "// c\n1", "[1]/**/", "\u{FEFF}1", "\u{A0}1", "1\u{0}",
  ])
  func refusesMalformedText(_ text: String) {
    #expect(rule(Array(text.utf8)) != nil)
  }

  @Test(
    arguments: [
      [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80],
      [0xED, 0xBF, 0xBF],
      [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xC3],
      [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xE2, 0x28, 0xA1], [0xC3, 0x28],
    ] as [[UInt8]])
  func refusesInvalidUTF8(_ sequence: [UInt8]) {
    #expect(rule([0x22] + sequence + [0x22]) == "the text is not valid UTF-8")
    #expect(rule([0x22, 0x5C, 0x6E] + sequence + [0x22]) == "the text is not valid UTF-8")
  }

  @Test func refusesDuplicateNames() throws {
    #expect(rule(Array(#"{"a":1,"a":2}"#.utf8)) == "the member's name occurs twice")
    #expect(rule(Array(#"{"a":1,"\u0061":2}"#.utf8)) == "the member's name occurs twice")
    let many = (0..<1000).map { "\"k\($0)\":0" }.joined(separator: ",")
    #expect(rule(Array("{\(many)}".utf8)) == nil)
    #expect(rule(Array("{\(many),\"k0\":1}".utf8)) == "the member's name occurs twice")
    #expect(rule(Array("{\(many),\"k999\":1}".utf8)) == "the member's name occurs twice")
    #expect(rule(Array("{\(many),\"k11\":1}".utf8)) == "the member's name occurs twice")
    // Equal to Swift's String, different as bytes.
    #expect(try parse("{\"K\":1,\"\u{212A}\":2}") != parse("{\"K\":1,\"K \":2}"))
  }

  @Test func namesThePlaceOfAnError() {
    let error = failure { () throws(JSONError) in
      _ = try parse(#"{"contests":[1,{"alpha":[true,tru]}]}"#)
    }
    #expect(error?.path == "$.contests[1].alpha[1]")
    #expect(error?.offset == 30)
    let odd = failure { () throws(JSONError) in _ = try parse("{\"a\\u001B \u{202E}\":-}") }
    #expect(odd?.path == #"$["a\u{1b} \u{202e}"]"#)
  }

  @Test func everyTruncationIsRefused() throws {
    let text = Array(
      #"{"a":[null,true,-12,1.5e3,"x\u20AC\ud83d\ude00é"],"b":{"c":[],"d":{}}}"#.utf8)
    #expect(rule(text) == nil)
    for count in 0..<text.count {
      #expect(rule(Array(text.prefix(count))) == "the text ends early", "\(count) bytes")
    }
  }

  @Test func keepsItsLimits() {
    var limits = JSONLimits()
    limits.maxBytes = 10
    #expect(rule(Array("[1,2,3,45]".utf8), limits) == nil)
    #expect(rule(Array("[1,2,3,456]".utf8), limits) == "the text is longer than 10 bytes")
    limits = JSONLimits(maxDepth: 2, maxStringBytes: 3, maxItems: 4, maxMembers: 2)
    #expect(rule(Array("[[]]".utf8), limits) == nil)
    #expect(rule(Array("[[[]]]".utf8), limits) == "arrays and objects are nested deeper than 2")
    #expect(rule(Array("\"abc\"".utf8), limits) == nil)
    #expect(rule(Array(#""\u0061\u0062\u0063""#.utf8), limits) == nil)
    for text in [
      "\"abcd\"", "\"é€\"", #""\u0061\u0062\u0063d""#, #""abc\n""#, "\"abcde", "{\"abcd\":1}",
    ] {
      #expect(rule(Array(text.utf8), limits) == "a string is longer than 3 bytes", "\(text)")
    }
    #expect(rule(Array("[1,2,3]".utf8), limits) == nil)
    #expect(rule(Array("[1,2,3,4]".utf8), limits) == "the text has more than 4 values")
    #expect(
      rule(Array(#"{"a":1,"b":2,"c":3}"#.utf8), limits) == "the object has more than 2 members")
  }
}
