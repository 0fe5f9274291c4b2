// SPDX-License-Identifier: Apache-2.0

/// Turns identifiers of the source into labels: allowed characters only, each label once in its list.
struct LabelMaker {
  private var used: Set<String> = []

  mutating func label(_ identifier: String, path: String, _ log: SourceLog) -> String {
    let label = unique(Self.sanitised(identifier))
    if label != identifier {
      log.warn("the identifier cannot be a label; the label is \(label)", at: path)
    }
    return label
  }

  /// A label that has no identifier in the source.
  mutating func label(madeFrom text: String) -> String {
    unique(Self.sanitised(text))
  }

  private mutating func unique(_ label: String) -> String {
    var candidate = label
    var number = 2
    while !used.insert(candidate).inserted {
      let suffix = "-\(number)"
      candidate = label.prefix(ManifestLimits.labelBytes - suffix.utf8.count) + suffix
      number += 1
    }
    return candidate
  }

  static func sanitised(_ text: String) -> String {
    var label = ""
    for byte in text.utf8.prefix(ManifestLimits.labelBytes) {
      label.append(
        ManifestRule.isLabelByte(byte) ? Character(Unicode.Scalar(byte)) : "-")
    }
    if !ManifestRule.isLabel(label) { label = "_" + label }
    return String(label.prefix(ManifestLimits.labelBytes))
  }
}
