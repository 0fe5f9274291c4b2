// SPDX-License-Identifier: Apache-2.0

internal import Dispatch
internal import Synchronization

/// Something whose contents are waited for.
final class FileWait: Sendable {
  private let descriptor: Descriptor
  private let name: String

  init(_ descriptor: consuming Descriptor, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  private final class Failure: Sendable {
    let first = Mutex<FileError?>(nil)
  }

  private static let queue = DispatchQueue(label: "urna.disk", attributes: .concurrent)
  /// Threads at most.
  private static let width = 16

  /// Waits until the contents of all are on the disk, on several threads.
  ///
  /// - Throws: one of the errors there were; every one of them was waited for then, too.
  static func all(_ waits: [FileWait]) throws(FileError) {
    let failure = Failure()
    let group = DispatchGroup()
    let threads = min(width, waits.count)
    for thread in 1..<max(1, threads) {
      queue.async(group: group) { run(waits, from: thread, threads, failure) }
    }
    run(waits, from: 0, max(1, threads), failure)
    group.wait()
    if let error = failure.first.withLock({ $0 }) { throw error }
  }

  private static func run(
    _ waits: [FileWait], from first: Int, _ threads: Int, _ failure: Failure
  ) {
    for index in stride(from: first, to: waits.count, by: threads) {
      do throws(FileError) { try waits[index].wait() } catch {
        failure.first.withLock { $0 = $0 ?? error }
      }
    }
  }

  private func wait() throws(FileError) { try descriptor.synchronize(name: name) }
}
