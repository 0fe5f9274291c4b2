// SPDX-License-Identifier: Apache-2.0

internal import Election
internal import Ledger

/// Keeps an issuer's store to one scope: the store is asked once, what it answers never changes.
actor ScopeBinding {
  private let store: any IssuanceStore
  private var bound: CredentialScope?

  init(_ store: any IssuanceStore) { self.store = store }

  /// Demands a scope.
  ///
  /// - Throws: ``IssuanceRefusal/otherScope(_:)`` with the scope that was signed for before.
  func require(_ scope: CredentialScope) async throws(IssuanceRefusal) {
    let bound: CredentialScope
    if let known = self.bound {
      bound = known
    } else {
      do throws(StoreError) { bound = try await store.bind(to: scope) } catch {
        throw .unavailable("\(error)")
      }
      self.bound = bound
    }
    guard bound == scope else { throw .otherScope(bound) }
  }
}
