// SPDX-License-Identifier: Apache-2.0

/// What a parser accepts at most. Each limit bounds memory or time before the work is done.
public struct JSONLimits: Sendable {
  /// Length of the whole text in bytes.
  public var maxBytes: Int
  /// Arrays and objects inside one another. Values above 512 count as 512, which keeps recursion small.
  public var maxDepth: Int
  /// Length of one string or member name in UTF-8 bytes, unescaped.
  public var maxStringBytes: Int
  /// Length of one number's text in bytes.
  public var maxNumberBytes: Int
  /// Values in the whole text, each array and object counted as one more.
  public var maxItems: Int
  /// Members of one object.
  public var maxMembers: Int

  /// Limits; the defaults are those of `standard`.
  public init(
    maxBytes: Int = 16 << 20,
    maxDepth: Int = 64,
    maxStringBytes: Int = 64 << 10,
    maxNumberBytes: Int = 32,
    maxItems: Int = 1_000_000,
    maxMembers: Int = 65_536
  ) {
    self.maxBytes = maxBytes
    self.maxDepth = maxDepth
    self.maxStringBytes = maxStringBytes
    self.maxNumberBytes = maxNumberBytes
    self.maxItems = maxItems
    self.maxMembers = maxMembers
  }

  /// The limits of a small message: depth 4, 100 values, 16 members of an object.
  public static func message(maxBytes: Int, maxStringBytes: Int = 256) -> JSONLimits {
    JSONLimits(
      maxBytes: maxBytes, maxDepth: 4, maxStringBytes: maxStringBytes, maxItems: 100,
      maxMembers: 16)
  }

  /// 16 MiB, depth 64, strings of 64 KiB, numbers of 32 bytes, a million values,
  /// 65,536 members per object.
  public static let standard = JSONLimits()
}
