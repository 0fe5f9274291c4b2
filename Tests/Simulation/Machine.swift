// SPDX-License-Identifier: Apache-2.0

import Ledger
import LedgerFiles
import Synchronization
import TestSupport

/// What outlives a box's processes: its disk, and the storage of its store, which two may share.
final class Machine: Sendable {
  let name: String
  let disk: Disk
  let storage: MemoryStorage
  private let world: World
  private let state = Mutex(State())

  private struct State {
    var life: Life?
    /// What a loss of power puts the storage back to, if a defect lets it.
    var unsynchronized: MemoryStorage.Contents?
    var isFull = false
  }

  init(_ name: String, disk: Disk, storage: MemoryStorage, world: World) {
    self.name = name
    self.disk = disk
    self.storage = storage
    self.world = world
  }

  var life: Life? { state.withLock { $0.life } }
  func setLife(_ life: Life?) { state.withLock { $0.life = life } }

  /// Whether the disk is full, or may only be read: every change fails.
  var isFull: Bool { state.withLock { $0.isFull } }
  func setFull(_ isFull: Bool) { state.withLock { $0.isFull = isFull } }

  func setUnsynchronized(_ contents: MemoryStorage.Contents) {
    state.withLock { $0.unsynchronized = contents }
  }

  /// Ends the process; the system goes on.
  func kill() { life?.end() }

  /// Ends the process and takes back what had not reached the disk.
  func losePower() {
    kill()
    world.count("power lost")
    disk.change { world.losePower(&$0) }
    if let contents = state.withLock({ $0.unsynchronized }), world.chance(1, of: 2) {
      storage.restore(contents)
    }
    state.withLock { $0.unsynchronized = nil }
  }
}

/// One process of a box: its steps on disk and store may fail, or be its last.
final class Life: Sendable {
  let machine: Machine
  private let world: World
  private let alive = Mutex(true)

  init(_ machine: Machine, world: World) {
    self.machine = machine
    self.world = world
  }

  var isAlive: Bool { alive.withLock { $0 } }
  func end() { alive.withLock { $0 = false } }

  var files: DiskFileSystem { DiskFileSystem(machine.disk, gate: gate) }

  private func gate(_ step: DiskStep) -> DiskEffect {
    guard isAlive else { return .fails }
    sawCheckpoint(step)
    if step.kind != .read, machine.isFull { return .fails }
    switch world.defect {
    case .noFileSync where step.kind == .write: return .doneInMemory
    case .noDirectorySync where step.kind == .synchronize: return .doneInMemory
    default: break
    }
    guard !world.isCalm else { return .done }
    let cut: [DiskEffect] = [
      .fails, .failsButPersists, .torn(world.number(0...100)), .delayed(steps: world.number(1...5)),
    ]
    if world.chance(world.plan.crashes, of: 10_000),
      let effect = world.pick([DiskEffect](cut.dropLast()))
    {
      world.note("\(machine.name) ends at \(step.kind) of \(step.path)")
      world.count("crash")
      end()
      return effect
    }
    if world.chance(world.plan.errors, of: 10_000), let effect = world.pick(cut) {
      world.note("\(machine.name) fails at \(step.kind) of \(step.path)")
      world.count("disk error")
      return effect
    }
    return .done
  }

  private func sawCheckpoint(_ step: DiskStep) {
    guard step.kind == .write, step.path.hasPrefix("checkpoint") else { return }
    do {
      let key = try TestEntry.signer().verifierKey
      let checkpoint = try Checkpoint.verified(step.bytes, logKey: key)
      world.sawSigned([UInt8](checkpoint.text.utf8), by: machine.name)
    } catch {
      world.violate("\(machine.name) writes what is no checkpoint: \(error)")
    }
  }

  /// What happens at a call of the store.
  func storeFault() -> StoreFault? {
    guard !world.isCalm else { return nil }
    if world.chance(world.plan.crashes, of: 1000) {
      world.note("\(machine.name) ends at a call of its store")
      world.count("crash")
      end()
      return world.pick([StoreFault.failNotPersisted, .failPersisted])
    }
    if world.chance(world.plan.errors, of: 1000) {
      world.count("store error")
      return world.pick(StoreFault.all)
    }
    return nil
  }
}
