// SPDX-License-Identifier: Apache-2.0

package import TestSupport

/// What a run is about, drawn from its seed.
package struct Plan: Sendable, CustomStringConvertible {
  /// Who appends to the log.
  package enum Setting: String, CaseIterable, Sendable {
    /// One box.
    case single
    /// Two boxes on one store, each with files of its own.
    case shared
    /// One box, put back to an old backup of store and files.
    case restored
    /// Two boxes, the second on a copy of store and files.
    case cloned
  }

  package let setting: Setting
  package let baseSize: Int
  package let witnesses: Int
  package let quorum: Int
  package let clients: Int
  package let itemsPerClient: Int
  package let maximumBatch: Int
  /// Ticks until everything works.
  package let chaos: Int
  /// Of 10,000 steps on the disk or calls of the store.
  package let crashes: Int
  package let errors: Int
  /// Of 100 messages.
  package let losses: Int
  package let repeats: Int
  /// Ticks a message may take.
  package let delay: Int

  package init(_ generator: inout SeededGenerator) {
    setting = Setting.allCases.randomElement(using: &generator) ?? .single
    baseSize = [0, 0, 1, 200, 250, 255, 256, 500].randomElement(using: &generator) ?? 0
    // Without witnesses, nothing protects whoever puts an old state back.
    witnesses = Int.random(
      in: (setting == .single || setting == .shared ? 0 : 1)...4, using: &generator)
    // Any two quorums share a witness.
    quorum = witnesses == 0 ? 0 : Int.random(in: (witnesses / 2 + 1)...witnesses, using: &generator)
    clients = Int.random(in: 2...6, using: &generator)
    itemsPerClient = Int.random(in: 1...20, using: &generator)
    maximumBatch = [1, 3, 20, 300].randomElement(using: &generator) ?? 3
    chaos = Int.random(in: 300...2500, using: &generator)
    crashes = [0, 20, 100, 300].randomElement(using: &generator) ?? 0
    errors = [0, 0, 20, 200].randomElement(using: &generator) ?? 0
    losses = [0, 5, 30, 80].randomElement(using: &generator) ?? 0
    repeats = [0, 10, 50].randomElement(using: &generator) ?? 0
    delay = [1, 10, 100].randomElement(using: &generator) ?? 1
  }

  package var description: String {
    "\(setting), from \(baseSize) entries, \(quorum) of \(witnesses) witnesses, \(clients) clients, "
      + "crashes \(crashes), errors \(errors), losses \(losses), repeats \(repeats), delay \(delay)"
  }
}

/// Something that is wrong on purpose, to show that the simulation finds it.
package enum Defect: String, CaseIterable, Sendable {
  /// A commit reaches the disk only later: the box publishes before it is durable.
  case publishBeforeCommit = "publish-before-commit"
  /// The store moves the lock whatever it is.
  case noCompareAndSwap = "no-compare-and-swap"
  /// A box replaces a batch that another one staged and committed.
  case stagingReplaced = "staging-replaced"
  /// The store makes claims that were made before.
  case noClaims = "no-claims"
  /// Contents are not waited for before a file gets its name.
  case noFileSync = "no-file-sync"
  /// Names are not waited for.
  case noDirectorySync = "no-directory-sync"
  /// A submission is acknowledged when it is taken in.
  case acknowledgeBeforeCommit = "acknowledge-before-commit"
  /// Receipts are given for the first cosignature, whatever the policy asks for.
  case receiptBeforeQuorum = "receipt-before-quorum"
  /// A witness answers before what it answered is on its disk.
  case witnessForgets = "witness-forgets"
  /// A witness keeps what it decided on, though another request came in between.
  case witnessRace = "witness-race"
  /// A witness cosigns whatever a known log signed.
  case witnessBelieves = "witness-believes"
}
