// SPDX-License-Identifier: Apache-2.0

internal import Election
internal import StrictJSON

/// The manifest of a record in the ElectionGuard format: labels, limits and ballot styles.
enum ElectionGuardManifest {
  /// The largest limit L or R. A range proof has as many branches, so it bounds the work.
  private static let largestLimit = 10_000

  static func parse(_ bytes: [UInt8]) throws(ElectionGuardRecordError) -> ManifestOutline {
    do {
      return try outline(JSONReader(try JSONValue(parsing: bytes)))
    } catch {
      throw ElectionGuardRecordError(file: ElectionGuardRecord.manifestFile, error: error)
    }
  }

  private static func outline(_ reader: JSONReader) throws(JSONError) -> ManifestOutline {
    let fields = try reader.fields(
      ["label", "contests", "ballot_styles"], optional: ["hash_trimming_function"])
    _ = try fields["label"].label()
    _ = try fields.optional("hash_trimming_function")?.string()
    let contests = try fields["contests"].list(1...1_000) { item throws(JSONError) in
      try contest(item)
    }
    try fields["contests"].unique(contests.map(\.label))
    let styles = try fields["ballot_styles"].list(1...1_000) { item throws(JSONError) in
      let members = try item.fields(["label", "contests"])
      let indices = try members["contests"].list(0...contests.count) { index throws(JSONError) in
        try index.integer(1...contests.count)
      }
      guard zip(indices, indices.dropFirst()).allSatisfy({ $0 < $1 }) else {
        throw try members["contests"].failure("the indices must ascend")
      }
      return ManifestOutline.BallotStyle(label: try members["label"].label(), contests: indices)
    }
    try fields["ballot_styles"].unique(styles.map(\.label))
    return ManifestOutline(contests: contests, ballotStyles: styles)
  }

  private static func contest(_ reader: JSONReader) throws(JSONError) -> ManifestOutline.Contest {
    let fields = try reader.fields(
      ["label", "contest_options", "selection_limit", "option_selection_limit"],
      optional: ["contest_data_blocks"])
    let options = try fields["contest_options"].list(1...1_000) { item throws(JSONError) in
      try item.fields(["label"])["label"].label()
    }
    try fields["contest_options"].unique(options)
    return ManifestOutline.Contest(
      label: try fields["label"].label(), options: options,
      selectionLimit: try fields["selection_limit"].integer(1...largestLimit),
      optionLimit: try fields["option_selection_limit"].integer(1...largestLimit),
      contestDataBlocks: try fields.optional("contest_data_blocks")?.integer(0...1_024) ?? 0)
  }
}

extension JSONReader {
  /// A label of the manifest: no line breaks, no tabs, no space at its ends (3.1.3).
  func label() throws(JSONError) -> String {
    let text = try string(minBytes: 1)
    let controls = text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
    guard !controls, text.utf8.first != 0x20, text.utf8.last != 0x20 else {
      throw failure("a label has no line breaks, tabs, or spaces at its ends")
    }
    return text
  }

  /// Refuses labels that occur twice.
  func unique(_ labels: [String]) throws(JSONError) {
    guard Set(labels).count == labels.count else { throw failure("a label occurs twice") }
  }

  /// A list, each item read by `read`.
  func list<Value>(
    _ counts: ClosedRange<Int>, _ read: (JSONReader) throws(JSONError) -> Value
  ) throws(JSONError) -> [Value] {
    var values: [Value] = []
    for item in try array(counts) { values.append(try read(item)) }
    return values
  }
}
