// SPDX-License-Identifier: Apache-2.0

/// A list of secret scalars. Arrays hold only copyable values, so the list is a chain of boxes, each
/// the single owner of one scalar.
public struct SecretScalars: ~Copyable, Sendable {
  final class Owner: Sendable {
    let scalar: SecretScalar
    init(_ scalar: consuming SecretScalar) { self.scalar = scalar }
  }

  private var boxes: [Owner]

  /// An empty list.
  public init() { boxes = [] }

  /// `count` scalars, made in order.
  public init<Failure: Error>(
    count: Int, _ make: (Int) throws(Failure) -> SecretScalar
  ) throws(Failure) {
    boxes = []
    boxes.reserveCapacity(count)
    for index in 0..<count { boxes.append(Owner(try make(index))) }
  }

  /// `count` uniform scalars from the operating system's generator.
  /// - Throws: `GroupError.randomnessUnavailable`.
  public static func random(count: Int, in group: Group) throws(GroupError) -> SecretScalars {
    try SecretScalars(count: count) { _ throws(GroupError) in try group.randomSecretScalar() }
  }

  /// A second list of the same scalars.
  public borrowing func copy() -> SecretScalars {
    var other = SecretScalars()
    other.boxes = boxes
    return other
  }

  /// Number of scalars; public.
  public var count: Int { boxes.count }

  /// Adds a scalar at the end.
  public mutating func append(_ scalar: consuming SecretScalar) { boxes.append(Owner(scalar)) }

  /// Lends the scalar at a position below `count`.
  public borrowing func with<Result: ~Copyable, Failure: Error>(
    _ index: Int, _ body: (borrowing SecretScalar) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(boxes[index].scalar)
  }
}
