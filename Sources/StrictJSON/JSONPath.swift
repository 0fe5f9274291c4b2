// SPDX-License-Identifier: Apache-2.0

/// The way from the top of a value to a place in it. Becomes text only when someone asks.
indirect enum JSONPath: Sendable {
  case root(String)
  case member(JSONPath, String)
  case item(JSONPath, Int)

  var text: String {
    var steps: [String] = []
    var place = self
    while true {
      switch place {
      case .root(let name):
        steps.append(name)
        return steps.reversed().joined()
      case .member(let parent, let name):
        steps.append(Self.memberText(name))
        place = parent
      case .item(let parent, let index):
        steps.append("[\(index)]")
        place = parent
      }
    }
  }

  /// `.name` for a plain name, else a quoted one that cannot disturb a terminal or a log.
  static func memberText(_ name: String) -> String {
    let isPlain =
      !name.isEmpty && name.utf8.count <= 64
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "@"),
          UInt8(ascii: "-"):
          true
        default: false
        }
      }
    return isPlain ? ".\(name)" : "[\(quoted(name))]"
  }

  /// The name in quotes: printable ASCII stays, the rest is written as `\u{…}`, 48 scalars at most.
  static func quoted(_ name: String) -> String {
    var text = "\""
    for scalar in name.unicodeScalars.prefix(48) {
      if scalar.value >= 0x20, scalar.value < 0x7F, scalar != "\"", scalar != "\\" {
        text.unicodeScalars.append(scalar)
      } else {
        text += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
    if name.unicodeScalars.count > 48 { text += "…" }
    return text + "\""
  }
}
