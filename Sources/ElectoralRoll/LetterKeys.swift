// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// The public keys that belong to the codes in one authority's letters, one for each entry with keys. The codes
/// stay with the authority; this file goes to the issuers.
///
/// Source: `Specs/roll.md`, section "Keys of letters".
public struct LetterKeys: Hashable, Sendable {
  /// The columns of the file, in their order.
  public static let columns = ["district", "index", "key"]

  /// The districts of the roll that the keys were made for.
  public let districts: [RollDistrict]
  /// For each district the keys of its entries, from index 1 on.
  private let keys: [[Ed25519.PublicKey]]

  /// Takes the keys of each district, from index 1 on. Nil unless every entry with keys has one and all differ.
  public init?(_ keys: [[Ed25519.PublicKey]], for districts: [RollDistrict]) {
    guard keys.map(\.count) == districts.map(\.keyEntries) else { return nil }
    var seen: Set<Ed25519.PublicKey> = []
    for list in keys {
      for key in list where !seen.insert(key).inserted { return nil }
    }
    self.districts = districts
    self.keys = keys
  }

  /// Reads a file: a row for every entry with keys, in any order, and no others. No key may occur twice.
  ///
  /// - Throws: ``RollFileError``.
  public init(csv: [UInt8], for districts: [RollDistrict]) throws(RollFileError) {
    var table = EntryTable<Ed25519.PublicKey>(districts)
    var lines: [Ed25519.PublicKey: Int32] = [:]
    try CSVReader.readAll(csv, columns: Self.columns) { (reader) throws(RollRule) in
      try table.read(reader) { () throws(RollRule) in
        guard let bytes = Hex.decode(utf8: reader.field(2)), let key = Ed25519.PublicKey(bytes)
        else { throw .key }
        return key
      } check: { (key) throws(RollRule) in
        if let line = lines[key] { throw .duplicate(column: "key", line: Int(line)) }
        lines[key] = Int32(clamping: reader.line)
      }
    }
    keys = try table.complete()
    self.districts = districts
  }

  /// The file that reads as these keys, in the order of districts and indices. Public keys only.
  public func csv() -> [UInt8] {
    var writer = CSVWriter(columns: Self.columns)
    for (district, list) in zip(districts, keys) {
      for (offset, key) in list.enumerated() {
        writer.append([district.label, String(offset + 1), key.hex])
      }
    }
    return writer.bytes
  }

  /// The key of an entry; nil if the roll has no such entry with keys.
  public func key(district: Int, index: Int) -> Ed25519.PublicKey? {
    guard keys.indices.contains(district &- 1), keys[district - 1].indices.contains(index &- 1)
    else { return nil }
    return keys[district - 1][index - 1]
  }
}
