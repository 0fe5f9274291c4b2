// SPDX-License-Identifier: Apache-2.0

package import BigIntegers
internal import Synchronization

/// A public base with tables of its powers, which are made when they are first needed.
public struct FixedBase: Sendable {
  /// The base.
  public let element: Element
  package let powers: Powers

  /// How powers of the base are computed.
  package enum Powers: Sendable {
    /// Any group, with GMP.
    case plain(FixedBaseTable<64>)
    /// The standard group, on an engine.
    case engine(EnginePowers)
  }

  /// Whether both share their tables. Two tables of one base are merely slower.
  func isSame(as other: FixedBase) -> Bool {
    switch (powers, other.powers) {
    case (.plain(let own), .plain(let others)): own === others
    case (.engine(let own), .engine(let others)): own === others
    default: false
    }
  }

  init(_ element: Element, in group: Group.Arithmetic) {
    self.element = element
    if let engine = group.engine {
      powers = .engine(EnginePowers(base: element.value, in: engine))
    } else {
      powers = .plain(
        FixedBaseTable(
          base: element.value, modulus: group.field, exponentLimbs: group.order.size))
    }
  }
}

/// The tables of one base on an engine: one for public exponents and one for secret ones.
package final class EnginePowers: Sendable {
  private let base: Natural<64>
  let engine: MontgomeryField
  private let publicTable = Mutex<PowerTable?>(nil)
  private let secretTable = Mutex<SecretPowerTable?>(nil)

  init(base: Natural<64>, in engine: MontgomeryField) {
    self.base = base
    self.engine = engine
  }

  /// The powers for public exponents.
  package var forPublic: PowerTable {
    publicTable.withLock { table in
      if let table { return table }
      let new = PowerTable(base: base, in: engine)
      table = new
      return new
    }
  }

  /// The powers for secret exponents.
  package var forSecrets: SecretPowerTable {
    secretTable.withLock { table in
      if let table { return table }
      let new = SecretPowerTable(base: base, in: engine)
      table = new
      return new
    }
  }
}
