// SPDX-License-Identifier: Apache-2.0

/// The name of a tile or bundle (c2sp.org/tlog-tiles): `tile/<L>/<N>[.p/<W>]`,
/// `tile/entries/<N>[.p/<W>]` and, of this project, `tile/payloads/<N>[.p/<W>]`.
///
/// `N` is written in groups of three digits, all but the last with `x` before it: 1234067 is
/// `x001/x234/067`. `W` is the number of hashes or entries of a tile that is not full.
public struct TilePath: Hashable, Sendable {
  /// What the resource holds.
  public enum Kind: Hashable, Sendable {
    /// Hashes of level `0...63`: leaf hashes at 0, roots of full tiles of the level below above it.
    case hashes(level: Int)
    /// Leaves, each behind its length.
    case entries
    /// Payloads, each behind its length, aligned with the leaves.
    case payloads
  }

  /// What the resource holds.
  public let kind: Kind
  /// Place in the row of resources of the same kind, from 0.
  public let index: UInt64
  /// Number of hashes or entries, 1 to 256.
  public let width: Int

  /// Hashes or entries in a full resource.
  public static let fullWidth = 256

  /// Nil unless `1 <= width <= 256` and the level, if there is one, is within `0...63`.
  public init?(_ kind: Kind, index: UInt64, width: Int = TilePath.fullWidth) {
    guard (1...Self.fullWidth).contains(width) else { return nil }
    if case .hashes(let level) = kind {
      guard (0...63).contains(level) else { return nil }
    }
    self.init(unchecked: kind, index: index, width: width)
  }

  private init(unchecked kind: Kind, index: UInt64, width: Int) {
    self.kind = kind
    self.index = index
    self.width = width
  }

  /// Reads a path, without a slash in front. Nil unless it is the one spelling of a path.
  public init?(_ path: String) {
    guard path.utf8.count <= 64 else { return nil }
    var elements = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)[
      ...]
    guard elements.popFirst()?.elementsEqual("tile".utf8) == true, let second = elements.popFirst()
    else {
      return nil
    }
    let kind: Kind
    switch String(Substring(second)) {
    case "entries": kind = .entries
    case "payloads": kind = .payloads
    default:
      guard let level = Decimal.decode(second, maximum: 63) else { return nil }
      kind = .hashes(level: Int(level))
    }
    var width = Self.fullWidth
    if elements.count >= 2, let last = elements.last,
      elements.dropLast().last?.suffix(2).elementsEqual(".p".utf8) == true
    {
      guard let number = Decimal.decode(last, maximum: 255) else { return nil }
      width = Int(number)
      elements.removeLast()
    }
    var index: UInt64 = 0
    for element in elements {
      let digits = element.filter { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard let group = UInt64(String(decoding: digits, as: UTF8.self)) else { return nil }
      let (product, overflow) = index.multipliedReportingOverflow(by: 1000)
      let (sum, carry) = product.addingReportingOverflow(group)
      guard !overflow, !carry else { return nil }
      index = sum
    }
    // Comparing with the spelling this type gives refuses every other one.
    guard let parsed = TilePath(kind, index: index, width: width),
      parsed.path.utf8.elementsEqual(path.utf8)
    else { return nil }
    self = parsed
  }

  /// Whether the resource is not full.
  public var isPartial: Bool { width < Self.fullWidth }

  /// The full resource at the same place.
  public var full: TilePath {
    TilePath(unchecked: kind, index: index, width: Self.fullWidth)
  }

  /// The path, without a slash in front.
  public var path: String {
    let name =
      switch kind {
      case .hashes(let level): String(level)
      case .entries: "entries"
      case .payloads: "payloads"
      }
    let suffix = isPartial ? ".p/\(width)" : ""
    return "tile/\(name)/\(Self.encode(index))\(suffix)"
  }

  private static func encode(_ index: UInt64) -> String {
    var text = group(index % 1000)
    var rest = index / 1000
    while rest > 0 {
      text = "x\(group(rest % 1000))/\(text)"
      rest /= 1000
    }
    return text
  }

  private static func group(_ number: UInt64) -> String {
    let digits = String(number)
    return String(repeating: "0", count: 3 - digits.count) + digits
  }
}

extension TilePath {
  /// Number of hashes at `level` in a tree of `size` leaves: `floor(size / 256^level)`.
  public static func hashCount(level: Int, size: UInt64) -> UInt64 {
    level >= 0 && level < 8 ? size >> UInt64(8 * level) : 0
  }

  /// The width of resource `index` among `count` hashes or entries; 0 if it does not exist.
  public static func width(index: UInt64, count: UInt64) -> Int {
    let full = count / UInt64(fullWidth)
    if index < full { return fullWidth }
    return index == full ? Int(count % UInt64(fullWidth)) : 0
  }

  /// The path of resource `index` of `kind` in a tree of `size` leaves; nil if it does not exist.
  public static func required(_ kind: Kind, index: UInt64, size: UInt64) -> TilePath? {
    var count = size
    if case .hashes(let level) = kind { count = hashCount(level: level, size: size) }
    return TilePath(kind, index: index, width: width(index: index, count: count))
  }
}

extension TilePath: CustomStringConvertible {
  /// The path.
  public var description: String { path }
}
