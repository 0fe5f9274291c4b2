// SPDX-License-Identifier: Apache-2.0

/// Up to 256 leaves in one resource (c2sp.org/tlog-tiles, "Log entries"):
/// `u16 big-endian length || leaf`, repeated.
public enum EntryBundle {
  /// The longest leaf in bytes.
  public static let maximumEntryByteCount = 65_535

  /// The bundle of `entries`.
  ///
  /// - Throws: ``LedgerError`` for none, for more than 256, or for a leaf above 65,535 bytes.
  public static func encode(_ entries: some Collection<[UInt8]>) throws(LedgerError) -> [UInt8] {
    try LengthPrefixed.encode(entries, prefixByteCount: 2, maximum: maximumEntryByteCount)
  }

  /// The first `width` leaves of a bundle that holds exactly `width` of them, or 256.
  ///
  /// - Throws: ``LedgerError`` for fewer, more, a cut one, or bytes left over.
  public static func decode(
    _ bytes: [UInt8], width: Int, place: String = "entry bundle"
  ) throws(LedgerError) -> [[UInt8]] {
    try LengthPrefixed.decode(
      bytes, width: width, prefixByteCount: 2, maximum: maximumEntryByteCount, place: place)
  }
}

/// The payloads that belong to an entry bundle, in the same order:
/// `u32 big-endian length || payload`, repeated.
public enum PayloadBundle {
  /// The longest payload in bytes: 16 MiB.
  public static let maximumPayloadByteCount = 16 << 20

  /// The bundle of `payloads`.
  ///
  /// - Throws: ``LedgerError`` for none, for more than 256, or for a payload above 16 MiB.
  public static func encode(_ payloads: some Collection<[UInt8]>) throws(LedgerError) -> [UInt8] {
    try LengthPrefixed.encode(payloads, prefixByteCount: 4, maximum: maximumPayloadByteCount)
  }

  /// The first `width` payloads of a bundle that holds exactly `width` of them, or 256.
  ///
  /// - Throws: ``LedgerError`` for fewer, more, a cut or too long one, or bytes left over.
  public static func decode(
    _ bytes: [UInt8], width: Int, place: String = "payload bundle"
  ) throws(LedgerError) -> [[UInt8]] {
    try LengthPrefixed.decode(
      bytes, width: width, prefixByteCount: 4, maximum: maximumPayloadByteCount, place: place)
  }
}

private enum LengthPrefixed {
  static func encode(
    _ items: some Collection<[UInt8]>, prefixByteCount: Int, maximum: Int
  ) throws(LedgerError) -> [UInt8] {
    guard (1...TilePath.fullWidth).contains(items.count) else {
      throw LedgerError("bundle", "a bundle holds 1 to 256 items")
    }
    var bytes: [UInt8] = []
    var total = 0
    for item in items {
      guard item.count <= maximum else {
        throw LedgerError("bundle", "an item has at most \(maximum) bytes")
      }
      total += prefixByteCount + item.count
    }
    bytes.reserveCapacity(total)
    for item in items {
      for shift in stride(from: 8 * (prefixByteCount - 1), through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: item.count >> shift))
      }
      bytes += item
    }
    return bytes
  }

  static func decode(
    _ bytes: [UInt8], width: Int, prefixByteCount: Int, maximum: Int, place: String
  ) throws(LedgerError) -> [[UInt8]] {
    guard (1...TilePath.fullWidth).contains(width) else {
      throw LedgerError(place, "a bundle holds 1 to 256 items")
    }
    var items: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      guard items.count < TilePath.fullWidth else {
        throw LedgerError(place, "a bundle holds 1 to 256 items")
      }
      let prefix = rest.prefix(prefixByteCount)
      guard prefix.count == prefixByteCount else { throw LedgerError(place, "a length is cut") }
      var length = 0
      for byte in prefix { length = length << 8 | Int(byte) }
      guard length <= maximum else {
        throw LedgerError(place, "an item has at most \(maximum) bytes")
      }
      rest = rest.dropFirst(prefixByteCount)
      let item = rest.prefix(length)
      guard item.count == length else { throw LedgerError(place, "an item is cut") }
      items.append([UInt8](item))
      rest = rest.dropFirst(length)
    }
    guard items.count == width || items.count == TilePath.fullWidth else {
      throw LedgerError(place, "the bundle holds \(items.count) items instead of \(width)")
    }
    return [[UInt8]](items.prefix(width))
  }
}
