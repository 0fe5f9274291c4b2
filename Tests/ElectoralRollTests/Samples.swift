// SPDX-License-Identifier: Apache-2.0

import Cryptography
import ElectoralRoll
import TestSupport

/// Lists and rolls that tests share.
enum Sample {
  static let districts = ["north", "south"]

  static let header = "citizen,district,identifier,name,address\n"

  /// A file of a list.
  static func csv(_ rows: String...) -> [UInt8] {
    Array((header + rows.map { $0 + "\n" }.joined()).utf8)
  }

  /// Reads the rows.
  static func list(_ rows: String...) throws(RollFileError) -> CitizenList {
    try CitizenList(
      csv: Array((header + rows.map { $0 + "\n" }.joined()).utf8), districts: districts)
  }

  /// A list with as many citizens as asked for, every second of them in each district, every third identified.
  static func list(count: Int) throws(RollFileError) -> CitizenList {
    try CitizenList(csv: file(count: count), districts: districts)
  }

  /// The file of that list.
  static func file(count: Int) -> [UInt8] {
    var text = Array(header.utf8)
    for index in 0..<count {
      let identifier = index.isMultiple(of: 3) ? "id:\(index)" : ""
      text +=
        "C-\(index),\(districts[index % 2]),\(identifier),\"Müller, No. \(index)\",\"Street \(index)\n12345 Town\"\n"
        .utf8
    }
    return text
  }

  /// A roll that is the same for the same seed.
  static func draft(_ list: CitizenList, seed: UInt64 = 1) throws -> RollDraft {
    var generator = SeededGenerator(seed: seed)
    return try RollDraft(
      list, districts: districts,
      randomness: RollRandomness { count in generator.bytes(count) })
  }

  /// A key for each entry with keys, made of a number and not of a code.
  static func keys(_ draft: RollDraft, authority: UInt8) throws -> LetterKeys {
    var lists: [[Ed25519.PublicKey]] = []
    for district in draft.districts {
      var list: [Ed25519.PublicKey] = []
      for index in 0..<district.keyEntries {
        let seed = SHA256.hash("\(authority)/\(district.number)/\(index)".utf8)
        list.append(try Ed25519.PrivateKey(seed: SecretBytes(copying: seed.bytes)).publicKey)
      }
      lists.append(list)
    }
    guard let keys = LetterKeys(lists, for: draft.districts) else { throw RollError.letterKeys }
    return keys
  }
}

/// What a reader says of a file that it refuses; empty if it takes it.
func problems(_ body: () throws(RollFileError) -> Void) -> [String] {
  do throws(RollFileError) {
    try body()
    return []
  } catch {
    return error.description.split(separator: "\n").map(String.init)
  }
}
