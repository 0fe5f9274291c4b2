// SPDX-License-Identifier: Apache-2.0

/// Why contest data was not written or read.
public enum ContestDataError: Error, Equatable, Sendable {
  /// The text does not fit the contest's blocks.
  case tooLong(available: Int)
  /// The text holds a control, direction or invisible character.
  case forbiddenCharacter
  /// The bytes are not contest data.
  case malformed
}

extension ContestDataError: CustomStringConvertible {
  /// The reason in words.
  public var description: String {
    switch self {
    case .tooLong(let available): "the text does not fit; the contest has \(available) bytes for it"
    case .forbiddenCharacter: "the text holds a control, direction or invisible character"
    case .malformed: "not contest data"
    }
  }
}

/// What a voter wrote into a contest beside the selections: names on write-in lines, and the marks of
/// an overvoted contest. Encrypted under K̂ with a length that the contest fixes, so that it says
/// nothing about the content.
///
///     01 ‖ item … ‖ 00 …                 up to 32·b_Λ bytes
///     item = 01 ‖ b(option, 2) ‖ b(len, 2) ‖ UTF-8     a write-in
///          | 02 ‖ b(option, 2) ‖ b(votes, 2)           a mark of an overvoted contest
///          | 03                                        overvoted; the marks do not fit
public struct ContestData: Sendable, Equatable {
  /// A name on a write-in line.
  public struct WriteIn: Sendable, Equatable {
    /// The option's index in the contest, from 1.
    public var option: Int
    /// The name.
    public var text: String

    /// A write-in from its parts.
    public init(option: Int, text: String) {
      self.option = option
      self.text = text
    }
  }

  /// The write-ins, in the order of the options.
  public var writeIns: [WriteIn]
  /// The votes by option of an overvoted contest; nil unless it was overvoted.
  public var overvote: [Int]?

  /// Contest data from its parts.
  public init(writeIns: [WriteIn] = [], overvote: [Int]? = nil) {
    self.writeIns = writeIns
    self.overvote = overvote
  }

  /// The padded bytes for a contest of `blocks` blocks.
  /// - Throws: `ContestDataError`.
  public func encoded(blocks: Int) throws(ContestDataError) -> [UInt8] {
    let capacity = blocks * 32
    var bytes: [UInt8] = [1]
    for writeIn in writeIns {
      guard Self.isAllowed(writeIn.text) else { throw .forbiddenCharacter }
      let text = Array(writeIn.text.utf8)
      guard text.count <= 0xFFFF, writeIn.option > 0 else {
        throw .tooLong(available: capacity)
      }
      bytes += [1] + Self.short(writeIn.option) + Self.short(text.count) + text
    }
    if let overvote {
      let marks = overvote.enumerated().filter { $0.element > 0 }
      if bytes.count + 5 * marks.count <= capacity, !marks.isEmpty {
        for (index, votes) in marks { bytes += [2] + Self.short(index + 1) + Self.short(votes) }
      } else {
        bytes.append(3)
      }
    }
    guard bytes.count <= capacity else { throw .tooLong(available: capacity) }
    return bytes + [UInt8](repeating: 0, count: capacity - bytes.count)
  }

  /// Reads padded bytes; everything is consumed.
  /// - Parameter options: number of options of the contest.
  /// - Throws: `ContestDataError`.
  public init(decoding bytes: [UInt8], options: Int) throws(ContestDataError) {
    self.init()
    guard bytes.first == 1 else { throw .malformed }
    var rest = bytes.dropFirst()
    func short() throws(ContestDataError) -> Int {
      guard let high = rest.popFirst(), let low = rest.popFirst() else { throw .malformed }
      return Int(high) << 8 | Int(low)
    }
    func option() throws(ContestDataError) -> Int {
      let index = try short()
      guard (1...max(options, 1)).contains(index) else { throw .malformed }
      return index
    }
    while let kind = rest.popFirst() {
      switch kind {
      case 0:
        guard rest.allSatisfy({ $0 == 0 }) else { throw .malformed }
        rest = []
      case 1:
        let index = try option()
        let length = try short()
        guard rest.count >= length, index > writeIns.last?.option ?? 0,
          let text = String(validating: Array(rest.prefix(length)), as: UTF8.self)
        else { throw .malformed }
        guard Self.isAllowed(text) else { throw .forbiddenCharacter }
        rest = rest.dropFirst(length)
        writeIns.append(WriteIn(option: index, text: text))
      case 2:
        let index = try option()
        var marks = overvote ?? Array(repeating: 0, count: options)
        guard marks.indices.contains(index - 1), marks[index - 1] == 0 else { throw .malformed }
        marks[index - 1] = try short()
        overvote = marks
      case 3:
        guard overvote == nil else { throw .malformed }
        overvote = []
      default: throw .malformed
      }
    }
  }

  private static func short(_ number: Int) -> [UInt8] {
    [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
  }

  /// Names are shown to people: nothing that hides, reverses or breaks a line.
  static func isAllowed(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned,
        .surrogate:
        false
      default: true
      }
    }
  }
}
