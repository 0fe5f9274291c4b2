// SPDX-License-Identifier: Apache-2.0

internal import Election
public import Ledger

/// The newest checkpoint that the policy's quorum has cosigned, and everybody who waits for the next.
public actor WitnessedBoard {
  /// The checkpoint with its cosignatures, as receipts carry it.
  public struct Head: Sendable {
    /// The tree.
    public let checkpoint: Checkpoint
    /// The note, with all signatures.
    public let note: [UInt8]
  }

  private struct Waiter {
    let size: UInt64
    let continuation: CheckedContinuation<Bool, Never>
  }

  /// The newest one; nil before the first.
  public private(set) var head: Head?
  private var waiters: [UInt64: Waiter] = [:]
  private var nextWaiter: UInt64 = 0
  private var isClosed = false
  private let maximumWaiters: Int

  /// How many wait.
  package var waiterCount: Int { waiters.count }

  /// A board without a checkpoint.
  /// - Parameter maximumWaiters: how many may wait; nobody waits beyond that.
  public init(maximumWaiters: Int = 10_000) { self.maximumWaiters = maximumWaiters }

  /// Shows a newer checkpoint.
  public func show(_ head: Head) {
    guard head.checkpoint.size >= (self.head?.checkpoint.size ?? 0) else { return }
    self.head = head
    for (number, waiter) in waiters where waiter.size <= head.checkpoint.size {
      waiters[number] = nil
      waiter.continuation.resume(returning: true)
    }
  }

  /// Waits until a witnessed checkpoint holds `size` entries.
  ///
  /// - Returns: whether one does, at the latest after `time`.
  public func wait(forSize size: UInt64, atMost time: Duration) async -> Bool {
    if let head, head.checkpoint.size >= size { return true }
    guard time > .zero, !isClosed, waiters.count < maximumWaiters else { return false }
    let number = nextWaiter
    nextWaiter += 1
    let alarm = Task { [weak self] in
      do { try await Task.sleep(for: time) } catch { return }
      await self?.giveUp(number)
    }
    defer { alarm.cancel() }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if Task.isCancelled {
          continuation.resume(returning: false)
        } else {
          waiters[number] = Waiter(size: size, continuation: continuation)
        }
      }
    } onCancel: {
      // The waiter alone hangs on this; it decides nothing.
      Task { await self.giveUp(number) }
    }
  }

  private func giveUp(_ number: UInt64) {
    waiters.removeValue(forKey: number)?.continuation.resume(returning: false)
  }

  /// Sends everybody away; nobody waits from now on.
  public func close() {
    isClosed = true
    for waiter in waiters.values { waiter.continuation.resume(returning: false) }
    waiters = [:]
  }
}
