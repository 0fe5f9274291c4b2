// SPDX-License-Identifier: Apache-2.0

import Ledger
import LedgerFiles
import Synchronization
import TestSupport
import Testing

/// Files in memory that know what is on the disk. Contents are there when a write returns, as it waits;
/// a name is there when its directory was synchronized. Of every other change of a name a coin decides
/// whether the disk took it over.
final class PowerLossFileSystem: FileSystem {
  enum Node: Equatable, Sendable {
    case directory
    case file([UInt8])
  }

  private struct State {
    var current: [String: Node] = [:]
    var durable: [String: Node] = [:]
    var steps = 0
    var reads = 0
  }

  private let state: Mutex<State>
  private let lastStep: Int

  /// - Parameter lastStep: the last changing step that is done; then the power is lost.
  init(_ image: [String: Node] = [:], lastStep: Int = .max) {
    state = Mutex(State(current: image, durable: image))
    self.lastStep = lastStep
  }

  var isLost: Bool { state.withLock { $0.steps > lastStep } }

  /// What is on the disk after the loss.
  func image(_ seed: UInt64) -> [String: Node] {
    var coins = SeededGenerator(seed: seed)
    return state.withLock { state in
      var image: [String: Node] = [:]
      for path in Set(state.current.keys).union(state.durable.keys).sorted() {
        let takesCurrent = seed != 0 && coins.next() & 1 == 0
        if let node = takesCurrent ? state.current[path] : state.durable[path] {
          image[path] = node
        }
      }
      // What no name leads to is not there.
      return image.filter { path, _ in
        var parent = Self.parent(path)
        while !parent.isEmpty {
          guard image[parent] == .directory else { return false }
          parent = Self.parent(parent)
        }
        return true
      }
    }
  }

  private func change(_ path: String, _ body: (inout State) -> Bool) throws(FileError) {
    let isDone = state.withLock { state in
      state.steps += 1
      return state.steps <= lastStep && body(&state)
    }
    guard isDone else { throw FileError(path, "power") }
  }

  private func bytes(_ path: String) throws(FileError) -> [UInt8] {
    guard case .file(let bytes) = state.withLock({ $0.current[path] }) else {
      throw .missing(path)
    }
    return bytes
  }

  func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] { try bytes(path) }

  func read(_ path: String, at offset: Int, count: Int) throws(FileError) -> [UInt8] {
    let bytes = try bytes(path)
    guard offset + count <= bytes.count else { throw FileError(path, "long enough") }
    return [UInt8](bytes[offset..<offset + count])
  }

  func size(_ path: String) throws(FileError) -> Int { try bytes(path).count }

  func list(_ path: String) throws(FileError) -> [String] {
    let names = state.withLock { state in
      state.current.filter { Self.parent($0.key) == path }.map { key, node in
        (key.split(separator: "/").last.map(String.init) ?? "") + (node == .directory ? "/" : "")
      }
    }
    guard path.isEmpty || state.withLock({ $0.current[path] }) == .directory else {
      throw .missing(path)
    }
    return names.sorted()
  }

  private static func isPlace(_ path: String, _ state: State) -> Bool {
    let parent = parent(path)
    return parent.isEmpty || state.current[parent] == .directory
  }

  func makeDirectory(_ path: String) throws(FileError) {
    try change(path) { state in
      guard Self.isPlace(path, state) else { return false }
      if state.current[path] == nil { state.current[path] = .directory }
      return true
    }
  }

  func write(_ bytes: [UInt8], to path: String, permissions: UInt32) throws(FileError) {
    try change(path) { state in
      guard Self.isPlace(path, state) else { return false }
      state.current[path] = .file(bytes)
      return true
    }
  }

  func rename(_ path: String, to newPath: String) throws(FileError) {
    try change(path) { state in
      guard Self.isPlace(newPath, state) else { return false }
      state.current[newPath] = state.current.removeValue(forKey: path)
      return true
    }
  }

  func synchronizeDirectory(_ path: String) throws(FileError) {
    try change(path) { state in
      let names = Set(state.current.keys).union(state.durable.keys)
      for name in names where Self.parent(name) == path {
        state.durable[name] = state.current[name]
      }
      return true
    }
  }

  func remove(_ path: String) throws(FileError) {
    try change(path) { state in
      state.current[path] = nil
      return true
    }
  }

  func removeDirectory(_ path: String) throws(FileError) { try remove(path) }
}

/// An append that returned and is not there after a power failure, or one that was cut off and leaves
/// no record, would lose what voters were promised.
@Suite struct PowerLossTests {
  /// Sizes after the appends of one writer: within a tile, to its end, across it, over two of them.
  private static let sizes = [3, 250, 256, 257, 258, 515]

  /// The power goes at every step of every append. Seed 0: the disk holds only what was waited for.
  @Test(arguments: [0, 1, 2, 3] as [UInt64])
  func whatReturnedIsThere(_ seed: UInt64) throws {
    print("seed \(seed)")
    let all = try items(0..<(Self.sizes.last ?? 0))
    var base: [String: PowerLossFileSystem.Node] = [:]
    do {
      let files = PowerLossFileSystem()
      _ = try RecordWriter.create(files: files, signer: signer()).checkpoint
      base = files.image(0)
    }
    // The coin's disks are looked at behind every fourth step.
    let stride = seed == 0 ? 1 : 4
    var step = 1 + Int(seed)
    while true {
      let context: Comment = "power lost behind step \(step), seed \(seed)"
      let files = PowerLossFileSystem(base, lastStep: step)
      var writer = try RecordWriter.open(files: files, signer: signer(), verifyingAll: false)
      var acknowledged = 0
      var attempted = 0
      for size in Self.sizes {
        attempted = size
        do {
          _ = try writer.append(batch: [RecordWriter.Item](all[acknowledged..<size]))
          acknowledged = size
        } catch {
          #expect(error.rule == "power", context)
          break
        }
      }
      let survivor = PowerLossFileSystem(
        files.image(seed &* 0x1_0000 &+ UInt64(seed == 0 ? 0 : step)))
      let record = try RecordDirectory(files: survivor)
      #expect([acknowledged, attempted].contains(Int(record.size)), context)
      #expect(!record.verifyTree().contains { $0.kind != .leftover }, context)
      var next = 0
      try record.forEachEntry { _, entry, _ in
        if entry != all[next].entry { Issue.record("entry \(next) differs: \(context)") }
        next += 1
      }
      // It goes on from there.
      var again = try RecordWriter.open(files: survivor, signer: signer())
      _ = try again.append(batch: items(1000..<1002))
      #expect(
        !(try RecordDirectory(files: survivor)).verifyTree().contains { $0.kind != .leftover })
      if !files.isLost { break }
      step += stride
    }
    #expect(step > 60, "every append writes four files and waits for them")
  }
}
