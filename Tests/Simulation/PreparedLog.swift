// SPDX-License-Identifier: Apache-2.0

package import Ledger
import LedgerFiles
import Sequencing
import Synchronization
package import TestSupport

/// A log of some size, made once and copied for each trial: entry n is `TestEntry.item(n)`.
package struct PreparedLog: Sendable {
  /// Number of entries.
  package let size: Int
  /// The files.
  package let image: DiskImage
  /// What its store holds.
  package let contents: MemoryStorage.Contents
  /// The tree.
  package let tree: MerkleFrontier

  private static let cache = Mutex<[Int: PreparedLog]>([:])

  /// The log of this size.
  package static func of(_ size: Int) throws -> PreparedLog {
    try cache.withLock { cache in
      if let made = cache[size] { return made }
      // Always from the beginning: what is left of smaller sizes must not depend on what was made
      // before.
      let made = try empty().extended(to: size)
      cache[size] = made
      return made
    }
  }

  private static func empty() throws -> PreparedLog {
    let disk = Disk()
    let writer = try RecordWriter.create(files: DiskFileSystem(disk), signer: TestEntry.signer())
    var contents = MemoryStorage.Contents()
    contents.checkpoint = [UInt8](writer.checkpoint.text.utf8)
    return PreparedLog(
      size: 0, image: disk.image.settled, contents: contents, tree: MerkleFrontier())
  }

  private func extended(to newSize: Int) throws -> PreparedLog {
    let numbers = [Int](size..<newSize)
    let image = try image(appending: numbers)
    var contents = contents
    var tree = tree
    for number in numbers {
      let item = TestEntry.item(number)
      let hash = MerkleTree.leafHash(item.entry)
      tree.append(hash)
      for claim in [LogClaim.leaf(hash)] + item.claims { contents.claims[claim] = UInt64(number) }
    }
    contents.checkpoint = try [UInt8](
      Checkpoint(
        origin: TestEntry.signer().verifierKey.name, size: UInt64(newSize), root: tree.root
      ).text.utf8)
    return PreparedLog(size: newSize, image: image, contents: contents, tree: tree)
  }

  /// The files with more entries, written without a fault and without a sequencer.
  package func image(appending numbers: [Int]) throws -> DiskImage {
    let disk = Disk(image)
    var writer = try RecordWriter.open(
      files: DiskFileSystem(disk), signer: TestEntry.signer(), verifyingAll: false)
    var rest = numbers[...]
    while !rest.isEmpty {
      let batch = rest.prefix(4096).map { TestEntry.item($0) }
      _ = try writer.append(batch: batch.map { (entry: $0.entry, payload: $0.payload) })
      rest = rest.dropFirst(4096)
    }
    return disk.image.settled
  }
}
