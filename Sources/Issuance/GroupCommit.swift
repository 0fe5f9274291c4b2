// SPDX-License-Identifier: Apache-2.0

internal import Ledger

/// Joins the credentials of requests that come at the same time into one transaction: while one waits for the
/// disk, the next are collected.
public actor GroupCommit {
  private let store: any IssuanceStore
  private var waiting: [(IssuedCredential, CheckedContinuation<IssuedCredential, any Error>)] = []
  private var isWriting = false

  /// Most credentials of a transaction.
  static let maximumCount = 256

  /// Commits to a store.
  public init(_ store: any IssuanceStore) { self.store = store }

  /// Keeps a credential durably.
  ///
  /// - Returns: what the store holds for its place: this one, or the one that was there before.
  /// - Throws: `StoreError`.
  public func keep(_ credential: IssuedCredential) async throws -> IssuedCredential {
    try await withCheckedThrowingContinuation { continuation in
      waiting.append((credential, continuation))
      guard !isWriting else { return }
      isWriting = true
      Task { await writeAll() }
    }
  }

  private func writeAll() async {
    while !waiting.isEmpty {
      let part = Array(waiting.prefix(Self.maximumCount))
      waiting.removeFirst(part.count)
      do throws(StoreError) {
        let kept = try await store.keep(part.map(\.0))
        for (index, item) in part.enumerated() {
          if kept.indices.contains(index) {
            item.1.resume(returning: kept[index])
          } else {
            item.1.resume(throwing: StoreError.failed("an answer is missing"))
          }
        }
      } catch {
        for item in part { item.1.resume(throwing: error) }
      }
    }
    isWriting = false
  }
}
