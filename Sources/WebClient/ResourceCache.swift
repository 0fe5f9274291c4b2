// SPDX-License-Identifier: Apache-2.0

import LedgerFiles
import Synchronization

/// The bytes of one resource of a server.
enum Resource: Sendable {
  case memory([UInt8])
  case file(SpoolFile, size: Int)

  var size: Int {
    switch self {
    case .memory(let bytes): bytes.count
    case .file(_, let size): size
    }
  }

  /// Exactly `count` bytes from `offset` on, which the caller has compared with the size.
  func read(_ count: Int, at offset: Int) throws(FileError) -> [UInt8] {
    switch self {
    case .memory(let bytes): [UInt8](bytes[offset..<offset + count])
    case .file(let file, _): try file.read(count, at: offset)
    }
  }
}

/// Resources that never change, as many as fit. Who asks for one that another thread is getting waits for
/// that thread.
final class ResourceCache: Sendable {
  /// One resource's place; its lock is held while the resource is got.
  private final class Slot: Sendable {
    let content = Mutex<Resource?>(nil)
  }

  private struct Item {
    let slot: Slot
    /// Bytes in memory and in files, once it is there.
    var size = (memory: 0, files: 0)
    var lastUse: UInt64
  }

  private struct State {
    var items: [String: Item] = [:]
    var uses: UInt64 = 0
    var size = (memory: 0, files: 0)
  }

  private static let maximumCount = 4096

  private let memory: Int
  private let files: Int
  private let state = Mutex(State())

  init(memory: Int, files: Int) {
    self.memory = memory
    self.files = files
  }

  /// What is kept under the path, or what `get` gives.
  func resource(
    _ path: String, get: () throws(FileError) -> Resource
  ) throws(FileError) -> Resource {
    let slot = state.withLock { state in
      state.uses += 1
      var item = state.items[path] ?? Item(slot: Slot(), lastUse: 0)
      item.lastUse = state.uses
      state.items[path] = item
      return item.slot
    }
    do {
      let (resource, isNew) = try slot.content.withLock { content throws(FileError) in
        if let content { return (content, false) }
        let made = try get()
        content = made
        return (made, true)
      }
      if isNew { keep(path, slot, resource) }
      return resource
    } catch {
      // The next one tries again.
      state.withLock { state in
        if state.items[path]?.slot === slot, state.items[path]?.size ?? (0, 0) == (0, 0) {
          state.items[path] = nil
        }
      }
      throw error
    }
  }

  private func keep(_ path: String, _ slot: Slot, _ resource: Resource) {
    state.withLock { state in
      guard var item = state.items[path], item.slot === slot else { return }
      switch resource {
      // What an entry costs besides its bytes.
      case .memory(let bytes): item.size.memory = bytes.count + 256
      case .file(_, let size): item.size = (256, size)
      }
      state.items[path] = item
      state.size.memory += item.size.memory
      state.size.files += item.size.files
      while state.size.memory > memory || state.size.files > files
        || state.items.count > Self.maximumCount
      {
        let oldest = state.items.filter { $0.key != path && $0.value.size.memory > 0 }
          .min { $0.value.lastUse < $1.value.lastUse }
        guard let oldest else { return }
        state.size.memory -= oldest.value.size.memory
        state.size.files -= oldest.value.size.files
        state.items[oldest.key] = nil
      }
    }
  }

  /// Bytes that are kept, for tests.
  var size: (memory: Int, files: Int) { state.withLock { $0.size } }
}
