// SPDX-License-Identifier: Apache-2.0

import Election
import ElectionFixtures
import Groups
import Ledger
import StrictJSON
import TestSupport
import Testing

/// Payloads have one written form.
@Suite struct PayloadFormTests {
  @Test func everyPayloadIsReadAndWrittenAlike() throws {
    let samples = try PayloadSample.all()
    #expect(Set(samples.map(\.type)) == Set(EntryType.allCases))
    for sample in samples {
      #expect(
        try sample.type.rewritten(sample.payload, in: sample.group) == sample.payload,
        "\(sample.type)")
    }
  }

  /// Byte strings that mean the same and are not the one form.
  // adversary: B-06
  @Test func noOtherSpellingIsRead() throws {
    for sample in try PayloadSample.all() where sample.type != .manifest {
      let text = String(decoding: sample.payload, as: UTF8.self)
      let body = String(text.dropFirst())
      let spellings: [(String, String)] = [
        ("white space in front", " " + text), ("white space behind", text + " "),
        ("a newline behind", text + "\n"), ("a byte-order mark", "\u{FEFF}" + text),
        ("a second value", text + text), ("white space inside", "{ " + body),
        ("a key twice", "{\"version\":1," + body),
        ("an escaped character", text.replacing("\"version\"", with: "\"\\u0076ersion\"")),
        ("a number with an exponent", text.replacing("\"version\":1", with: "\"version\":1e0")),
        ("a number with a fraction", text.replacing("\"version\":1", with: "\"version\":1.0")),
        ("the first key last", Self.rotated(text)),
        ("cut off", String(text.dropLast())), ("nothing", ""), ("null", "null"),
      ]
      for (title, spelling) in spellings where spelling != text {
        #expect(throws: JSONError.self, "\(sample.type): \(title)") {
          _ = try sample.type.rewritten(Array(spelling.utf8), in: sample.group)
        }
      }
    }
  }

  /// The members of the top object in another order, if it has more than one.
  private static func rotated(_ text: String) -> String {
    guard case .object(let members)? = try? JSONValue(parsing: Array(text.utf8)),
      members.count > 1
    else { return text }
    let parts = (members.dropFirst() + members.prefix(1)).map { member in
      let value = String(decoding: member.value.canonicalBytes(), as: UTF8.self)
      return "\"\(member.name)\":\(value)"
    }
    return "{" + parts.joined(separator: ",") + "}"
  }

  /// An unknown key, or a missing one, in the object at every depth.
  // adversary: B-07, B-08
  @Test func everyObjectHasItsKeysAndNoOthers() throws {
    for sample in try PayloadSample.all() where sample.type != .manifest {
      let value = try JSONValue(parsing: sample.payload)
      var variants: [(String, JSONValue)] = []
      Self.vary(value, path: "$") { variants.append(($0, $1)) }
      #expect(variants.count >= 3, "\(sample.type)")
      for (place, variant) in variants {
        if Self.optional.contains(where: { place.hasSuffix($0) }) { continue }
        #expect(throws: JSONError.self, "\(sample.type) \(place)") {
          _ = try sample.type.rewritten(variant.canonicalBytes(), in: sample.group)
        }
      }
    }
  }

  /// Members that may be absent; the rulebook decides when.
  static let optional = ["without data", "without previous", "without auditors"]

  /// Calls `body` with the value in which one object has a key more, lacks one, or is null. Of a list
  /// only the first item is varied.
  private static func vary(
    _ value: JSONValue, path: String, _ body: (String, JSONValue) -> Void
  ) {
    switch value {
    case .object(let members):
      body(
        path + " with more",
        .object(members + [JSONMember(name: "zzz", value: .integer(1))]))
      for (index, member) in members.enumerated() {
        var others = members
        others.remove(at: index)
        body(path + " without \(member.name)", .object(others))
        func replaced(_ new: JSONValue) -> JSONValue {
          var changed = members
          changed[index] = JSONMember(name: member.name, value: new)
          return .object(changed)
        }
        body(path + ".\(member.name) null", replaced(.null))
        vary(member.value, path: path + ".\(member.name)") { place, new in
          body(place, replaced(new))
        }
      }
    case .array(let items):
      guard let first = items.first else { return }
      vary(first, path: path + "[0]") { place, new in
        body(place, .array([new] + items.dropFirst()))
      }
    default: return
    }
  }
}
