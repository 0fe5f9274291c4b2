// SPDX-License-Identifier: Apache-2.0

import Ledger
import Synchronization

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// An advisory lock on a file of its own, held until the process ends or releases it. The file stays:
/// removing it would let two processes lock two files of one name.
final class ProcessLock: Sendable {
  private let descriptor: Mutex<Int32?>

  /// Takes the lock without waiting.
  ///
  /// - Throws: ``StoreError/failed(_:)`` if another process has it, or the file cannot be made.
  init(_ path: String) throws(StoreError) {
    guard !path.utf8.contains(0) else { throw .failed("a lock needs a path") }
    let number = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard number >= 0 else { throw .failed("the lock cannot be made") }
    guard flock(number, LOCK_EX | LOCK_NB) == 0 else {
      _ = close(number)
      throw .refused("another process has the database")
    }
    descriptor = Mutex(number)
  }

  /// Gives the lock back.
  func release() {
    descriptor.withLock { number in
      if let held = number { _ = close(held) }
      number = nil
    }
  }

  deinit { release() }
}
