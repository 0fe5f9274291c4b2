// SPDX-License-Identifier: Apache-2.0

package import LedgerFiles
import Synchronization

/// A disk that several file systems share.
package final class Disk: Sendable {
  private struct State {
    var image: DiskImage
    var late: [(wait: Int, change: @Sendable (inout DiskImage) -> Void)] = []
  }

  private let state: Mutex<State>

  /// A disk with these files.
  package init(_ image: DiskImage = DiskImage()) { state = Mutex(State(image: image)) }

  /// What is on it now.
  package var image: DiskImage { state.withLock { $0.image } }

  /// Puts other contents in their place.
  package func restore(_ image: DiskImage) { state.withLock { $0 = State(image: image) } }

  /// Changes what is on it.
  package func change(_ body: @Sendable (inout DiskImage) -> Void) {
    state.withLock { body(&$0.image) }
  }

  func beginStep() {
    state.withLock { state in
      let due = state.late.filter { $0.wait <= 1 }
      state.late = state.late.filter { $0.wait > 1 }.map { ($0.wait - 1, $0.change) }
      for (_, change) in due { change(&state.image) }
    }
  }

  func delay(by steps: Int, _ change: @escaping @Sendable (inout DiskImage) -> Void) {
    state.withLock { $0.late.append((steps, change)) }
  }
}

/// What happens at a step of a file system.
package enum DiskEffect: Hashable, Sendable {
  /// The step is done.
  case done
  /// Nothing is done, an error is reported.
  case fails
  /// The step is done, yet an error is reported.
  case failsButPersists
  /// An error is reported; of a write, this many hundredths are done.
  case torn(Int)
  /// An error is reported; the step is done just before the one that comes so many steps after.
  case delayed(steps: Int)
  /// The step is done as far as programs see it, but does not reach the disk.
  case doneInMemory
  /// The step is done now, and once more so many steps after.
  case duplicated(steps: Int)
}

/// A step of a file system.
package struct DiskStep: Hashable, Sendable {
  /// What is done.
  package enum Kind: Hashable, Sendable {
    /// Nothing is changed.
    case read
    /// A file is written.
    case write
    /// A name is made, replaced or removed.
    case name
    /// Names are waited for.
    case synchronize
  }

  /// What is done.
  package let kind: Kind
  /// To what.
  package let path: String
  /// The bytes of a write.
  package let bytes: [UInt8]
}

/// The files below the top of a ``Disk``. Before each step a gate is asked what happens.
package struct DiskFileSystem: FileSystem {
  /// The disk.
  package let disk: Disk
  private let gate: @Sendable (DiskStep) -> DiskEffect

  /// The files of `disk`.
  package init(
    _ disk: Disk, gate: @escaping @Sendable (DiskStep) -> DiskEffect = { _ in .done }
  ) {
    self.disk = disk
    self.gate = gate
  }

  private func look<R>(
    _ path: String, _ body: (DiskImage) throws(FileError) -> R
  ) throws(FileError) -> R {
    disk.beginStep()
    guard gate(DiskStep(kind: .read, path: path, bytes: [])) == .done else {
      throw FileError(path, "injected")
    }
    return try body(disk.image)
  }

  private func change(
    _ kind: DiskStep.Kind, _ path: String, bytes: [UInt8] = [],
    torn: (@Sendable (inout DiskImage, Int) -> Void)? = nil,
    inMemory: (@Sendable (inout DiskImage) -> Void)? = nil,
    _ body: @escaping @Sendable (inout DiskImage) -> Void
  ) throws(FileError) {
    disk.beginStep()
    switch gate(DiskStep(kind: kind, path: path, bytes: bytes)) {
    case .done:
      disk.change(body)
      return
    case .doneInMemory:
      disk.change(inMemory ?? body)
      return
    case .duplicated(let steps):
      disk.change(body)
      disk.delay(by: steps, body)
      return
    case .fails: break
    case .failsButPersists: disk.change(body)
    case .torn(let hundredths): if let torn { disk.change { torn(&$0, hundredths) } }
    case .delayed(let steps): disk.delay(by: steps, body)
    }
    throw FileError(path, "injected")
  }

  package func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    try look(path) { (disk) throws(FileError) in
      guard let bytes = disk.bytes(path) else { throw .missing(path) }
      guard bytes.count <= limit else { throw FileError(path, "at most \(limit) bytes") }
      return bytes
    }
  }

  package func read(_ path: String, at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    try look(path) { (disk) throws(FileError) in
      guard let bytes = disk.bytes(path) else { throw .missing(path) }
      guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else {
        throw FileError(path, "long enough")
      }
      return [UInt8](bytes[offset..<(offset + count)])
    }
  }

  package func size(_ path: String) throws(FileError) -> Int {
    try look(path) { (disk) throws(FileError) in
      guard let bytes = disk.bytes(path) else { throw .missing(path) }
      return bytes.count
    }
  }

  package func list(_ path: String) throws(FileError) -> [String] {
    try look(path) { (disk) throws(FileError) in
      guard disk.isDirectory(path) else { throw .missing(path) }
      return disk.names(in: path)
    }
  }

  /// What the machine refuses whatever the gate says.
  private func require(_ condition: Bool, _ path: String, _ rule: String) throws(FileError) {
    guard condition else { throw FileError(path, rule) }
  }

  package func makeDirectory(_ path: String) throws(FileError) {
    try require(disk.image.isDirectory(DiskImage.parent(path)), path, "below a directory")
    try change(.name, path) { $0.makeDirectory(path) }
  }

  package func write(
    _ bytes: [UInt8], to path: String, permissions: UInt32
  ) throws(FileError) {
    try require(disk.image.isDirectory(DiskImage.parent(path)), path, "below a directory")
    try change(
      .write, path, bytes: bytes,
      torn: { disk, hundredths in
        let part = [UInt8](bytes.prefix(bytes.count * hundredths / 100))
        disk.set(path, DiskImage.Node(bytes: part, isSynchronized: false))
      },
      inMemory: { $0.set(path, DiskImage.Node(bytes: bytes, isSynchronized: false)) }
    ) { $0.set(path, DiskImage.Node(bytes: bytes)) }
  }

  package func rename(_ path: String, to newPath: String) throws(FileError) {
    try require(disk.image.bytes(path) != nil, path, "is there")
    try change(.name, newPath) { disk in
      // A step that comes late or again may find its file gone.
      if disk.bytes(path) != nil { disk.rename(path, to: newPath) }
    }
  }

  package func synchronizeDirectory(_ path: String) throws(FileError) {
    try require(disk.image.isDirectory(path), path, "is a directory")
    try change(.synchronize, path, inMemory: { _ in }) { $0.synchronize(path) }
  }

  package func remove(_ path: String) throws(FileError) {
    try change(.name, path) { $0.set(path, nil) }
  }

  package func removeDirectory(_ path: String) throws(FileError) {
    try require(disk.image.names(in: path).isEmpty, path, "is empty")
    try change(.name, path) { $0.removeDirectory(path) }
  }
}
