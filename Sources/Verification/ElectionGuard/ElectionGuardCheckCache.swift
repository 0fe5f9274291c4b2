// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Election
internal import Groups
internal import Synchronization

/// Outcomes of expensive checks, by everything that they depend on. For verifying many variants of
/// one record, which share most ballots; a single verification gains nothing from it.
package final class ElectionGuardCheckCache: Sendable {
  /// A part of what a check depends on.
  enum Part: Hashable {
    case ballot(EncryptedBallot)
    case trustee(TrusteeKeys)
    case hash(Digest)
    case place(String)
    case manifest([UInt8])
    case counts(Int, Int)
    case keys(Element, Element)
  }

  private struct Storage {
    var findings: [[Part]: Findings] = [:]
    var contexts: [[Part]: ElectionContext] = [:]
  }

  private let storage = Mutex(Storage())

  /// An empty cache.
  package init() {}

  func known(_ key: [Part]) -> Findings? { storage.withLock { $0.findings[key] } }

  func keep(_ findings: Findings, _ key: [Part]) {
    storage.withLock { $0.findings[key] = findings }
  }

  func context(_ key: [Part], _ make: () -> ElectionContext) -> ElectionContext {
    if let known = storage.withLock({ $0.contexts[key] }) { return known }
    let context = make()
    storage.withLock { $0.contexts[key] = context }
    return context
  }
}
