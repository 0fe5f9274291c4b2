// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import LedgerFiles
import Sequencing
import Synchronization
import TestSupport

/// A ballot box in short: a pool, `Sequencer`, `CosignatureCollector`. It acknowledges what was
/// appended, and gives receipts for what a quorum cosigned.
final class SimulatedBox: Sendable {
  /// What a submission came to.
  enum Outcome: Hashable, Sendable {
    case accepted(UInt64)
    case refused
  }

  private struct Unreachable: Error {}

  private struct Waiting {
    let item: Sequencer.Item
    let life: ObjectIdentifier
    let continuation: CheckedContinuation<Outcome?, Never>
  }

  let machine: Machine
  private let world: World
  private let policy: WitnessPolicy
  private let witnesses: [SimulatedWitness]
  private let pool = Mutex<[Waiting]>([])
  private let halt = Mutex<String?>(nil)

  init(
    _ machine: Machine, world: World, policy: WitnessPolicy, witnesses: [SimulatedWitness]
  ) {
    self.machine = machine
    self.world = world
    self.policy = policy
    self.witnesses = witnesses
  }

  /// Why the box does not start again by itself.
  var halted: String? { halt.withLock { $0 } }
  func setHalted(_ reason: String?) {
    if let reason { world.note("\(machine.name) stays down: \(reason)") }
    halt.withLock { $0 = reason }
  }

  /// Submits; nil if the box did not answer.
  func submit(_ item: Sequencer.Item) async -> Outcome? {
    guard let life = machine.life, life.isAlive else { return nil }
    if world.defect == .acknowledgeBeforeCommit {
      world.sawAcknowledged(MerkleTree.leafHash(item.entry), at: nil)
    }
    return await withCheckedContinuation { continuation in
      pool.withLock {
        $0.append(Waiting(item: item, life: ObjectIdentifier(life), continuation: continuation))
      }
    }
  }

  /// Starts the process again and again, until the end of the run.
  func supervise() async {
    while !world.isOver {
      if halted == nil { await live() }
      await world.pause(1...40)
    }
  }

  private func live() async {
    let life = Life(machine, world: world)
    machine.setLife(life)
    do {
      let writer = try RecordWriter.open(
        files: life.files, signer: TestEntry.signer(), verifyingAll: world.chance(1, of: 10))
      let store = SimulatedStore(world: world, life: life, machine: machine)
      let sequencer = try await Sequencer.open(store: store, writer: writer)
      let collector = CosignatureCollector(
        policy: policy, logKey: try TestEntry.signer().verifierKey,
        connections: Dictionary(
          uniqueKeysWithValues: witnesses.map {
            ($0.key, SimulatedConnection(world: world, witness: $0))
          }),
        tiles: RecordTiles(files: life.files))
      world.note("\(machine.name) starts at \(sequencer.head.checkpoint.size)")
      world.count("start")
      let first = try await collector.collect(sequencer.head.note, waitingForAll: true)
      if let dispute = first.dispute {
        setHalted(dispute)
      } else {
        try await keep(first, sequencer)
        await withTaskGroup(of: Void.self) { group in
          group.addTask { await self.append(sequencer, life) }
          group.addTask { await self.witness(sequencer, collector, life) }
        }
      }
    } catch let error as SequencerError {
      world.note("\(machine.name): \(error)")
      if let reason = error.inconsistency { setHalted(reason) }
    } catch let error as FileError {
      world.note("\(machine.name): \(error)")
      // What the disk holds is not what a record may hold, though nobody gets in the way.
      if world.isCalm, life.isAlive { setHalted("\(error)") }
    } catch {
      world.note("\(machine.name): \(error)")
    }
    life.end()
    machine.setLife(nil)
    let left = pool.withLock { pool in
      defer { pool = pool.filter { $0.life != ObjectIdentifier(life) } }
      return pool.filter { $0.life == ObjectIdentifier(life) }
    }
    for waiting in left { waiting.continuation.resume(returning: nil) }
  }

  // MARK: Appending

  private func append(_ sequencer: Sequencer, _ life: Life) async {
    while life.isAlive, !world.isOver {
      await world.pause(3...15)
      var batch = pool.withLock { pool in
        defer { pool.removeFirst(min(pool.count, world.plan.maximumBatch)) }
        return [Waiting](pool.prefix(world.plan.maximumBatch))
      }
      // Not the order of arrival, and a submission that came twice once.
      var known: [Digest: Waiting] = [:]
      batch = batch.filter { known.updateValue($0, forKey: leaf($0)) == nil }.sorted {
        leaf($0) < leaf($1)
      }
      do {
        while !batch.isEmpty {
          guard let claim = try await appendOnce(batch, sequencer) else { break }
          let refused = batch.filter { claims($0).contains(claim) }
          // If two of the batch exclude each other, the first of them stays.
          let dropped = refused.count > 1 ? [Waiting](refused.dropFirst()) : refused
          for waiting in dropped { try await refuse(waiting, sequencer) }
          batch = batch.filter { kept in !dropped.contains { leaf($0) == leaf(kept) } }
        }
      } catch {
        world.note("\(machine.name) stops: \(error)")
        for waiting in batch { waiting.continuation.resume(returning: nil) }
        life.end()
        return
      }
    }
  }

  private func leaf(_ waiting: Waiting) -> Digest { MerkleTree.leafHash(waiting.item.entry) }

  private func claims(_ waiting: Waiting) -> [LogClaim] {
    [.leaf(leaf(waiting))] + waiting.item.claims
  }

  /// Appends and answers; the claim that stood in the way, if one did.
  private func appendOnce(
    _ batch: [Waiting], _ sequencer: Sequencer
  ) async throws -> LogClaim? {
    let checkpoint: Checkpoint
    do {
      checkpoint = try await sequencer.append(batch.map(\.item))
    } catch {
      guard let claim = error.refusedClaim else { throw error }
      return claim
    }
    world.note("\(machine.name) appends to \(checkpoint.size)")
    let first = checkpoint.size - UInt64(batch.count)
    for (offset, waiting) in batch.enumerated() {
      let index = first + UInt64(offset)
      world.sawAcknowledged(leaf(waiting), at: index)
      waiting.continuation.resume(returning: .accepted(index))
    }
    return nil
  }

  private func refuse(_ waiting: Waiting, _ sequencer: Sequencer) async throws {
    if let index = try await sequencer.index(ofLeaf: leaf(waiting)) {
      // Submitted before: the same answer again.
      world.sawAcknowledged(leaf(waiting), at: index)
      waiting.continuation.resume(returning: .accepted(index))
    } else {
      world.count("refused")
      waiting.continuation.resume(returning: .refused)
    }
  }

  // MARK: Witnesses

  private func witness(
    _ sequencer: Sequencer, _ collector: CosignatureCollector, _ life: Life
  ) async {
    var done: [UInt8]?
    while life.isAlive, !world.isOver {
      await world.pause(2...20)
      if sequencer.head.note == done { continue }
      do {
        let round = try await collector.collect(sequencer.head.note)
        if let dispute = round.dispute, life.isAlive {
          setHalted(dispute)
          life.end()
          return
        }
        try await keep(round, sequencer)
        if round.witnessed.isQuorumMet { done = round.note }
      } catch {
        world.note("\(machine.name) stops: \(error)")
        life.end()
        return
      }
    }
  }

  private func keep(_ round: CosignatureCollector.Round, _ sequencer: Sequencer) async throws {
    let checkpoint = round.witnessed.checkpoint
    if !round.outcomes.isEmpty { _ = try await sequencer.publish(round.note, of: checkpoint) }
    let isEnough =
      round.witnessed.isQuorumMet
      || world.defect == .receiptBeforeQuorum && !round.witnessed.cosignatures.isEmpty
    if isEnough { world.sawReceipt([UInt8](checkpoint.text.utf8)) }
  }
}
