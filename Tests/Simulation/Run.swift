// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import LedgerFiles
import Sequencing
import Synchronization
import TestSupport

/// One run: everything that happens follows from the seed.
///
/// Boxes append, witnesses cosign, clients submit and readers read, while processes end, power is lost,
/// disks fail or fill up, messages go astray, clocks are set back and backups are put back. Then
/// everything works, and what came of it is checked:
///
/// * no two signed checkpoints, none read, of which neither continues the other (unless an old state
///   was put back or copied: then no two that a witness cosigned, and no two that a quorum cosigned);
/// * no witness goes back;
/// * no receipt for a tree that fewer than a quorum cosigned;
/// * what was acknowledged is in the log, at its place; what has a receipt, in any case;
/// * every claim is made once;
/// * every tree that is read is whole;
/// * an honest box comes back, and answers everybody.
package struct Run: Sendable {
  /// The seed.
  package let seed: UInt64
  /// What it was about.
  package let plan: Plan
  /// What must not have happened and did.
  package let violations: [String]
  /// How often what happened.
  package let counts: [String: Int]
  /// What happened, if that was asked for.
  package let trace: [String]

  /// Runs to the end on this thread.
  package init(seed: UInt64, defect: Defect? = nil, isTraced: Bool = false) throws {
    var generator = SeededGenerator(seed: seed)
    let plan = Plan(&generator)
    let scene = try Scene(
      plan: plan, defect: defect, seed: seed, generator: generator, isTraced: isTraced)
    let world = scene.world
    if !world.time.run({ await scene.play() }) { world.violate("nothing goes on any more") }
    self.seed = seed
    self.plan = plan
    violations = world.violations
    counts = world.counts
    trace = world.trace
  }
}

/// Who takes part in a run.
struct Scene: Sendable {
  let world: World
  let base: PreparedLog
  let boxes: [SimulatedBox]
  let witnesses: [SimulatedWitness]

  init(
    plan: Plan, defect: Defect?, seed: UInt64, generator: SeededGenerator, isTraced: Bool
  ) throws {
    base = try PreparedLog.of(plan.baseSize)
    let key = try TestEntry.signer().verifierKey
    let first = base.contents.checkpoint ?? []
    let history = History(origin: key.name, first: first, tree: base.tree)
    let world = World(
      plan: plan, defect: defect, generator: generator,
      time: VirtualTime(seed: ~seed), history: history, isTraced: isTraced)
    self.world = world
    let witnesses = try (0..<plan.witnesses).map {
      try SimulatedWitness($0 + 1, world: world, logKey: key)
    }
    self.witnesses = witnesses
    let names = witnesses.map(\.name).joined(separator: " ")
    let policy =
      witnesses.isEmpty
      ? WitnessPolicy.none
      : try WitnessPolicy(
        [UInt8](
          (witnesses.map { "witness \($0.name) \($0.key.vkey)\n" }.joined()
            + "group g \(plan.quorum) \(names)\nquorum g\n").utf8))
    let contents = base.contents
    func storage() -> MemoryStorage { MemoryStorage(contents) { history.commit($0.new) } }
    let shared = storage()
    let machines = [
      Machine("box", disk: Disk(base.image), storage: shared, world: world),
      Machine(
        "second box", disk: Disk(base.image),
        storage: plan.setting == .shared ? shared : storage(), world: world),
    ]
    boxes = machines.prefix(plan.setting == .shared || plan.setting == .cloned ? 2 : 1).map {
      SimulatedBox($0, world: world, policy: policy, witnesses: witnesses)
    }
  }

  func play() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.boxes[0].supervise() }
      if boxes.count > 1 { group.addTask { await self.startSecond() } }
      group.addTask { await self.operate() }
      group.addTask { await self.read() }
      await submitAll()
      world.end()
    }
    Verdict(world: world, base: base, boxes: boxes).give()
  }

  /// The second box begins with a copy of the first one's files, and of its storage or the same.
  private func startSecond() async {
    await world.pause(0...(world.plan.chaos / 2))
    let first = boxes[0].machine
    let second = boxes[1].machine
    second.disk.restore(first.disk.image.settled)
    if world.plan.setting == .cloned { second.storage.restore(first.storage.contents) }
    await boxes[1].supervise()
  }

  // MARK: Clients

  private func submitAll() async {
    await withTaskGroup(of: Void.self) { group in
      for client in 0..<world.plan.clients { group.addTask { await self.submit(client) } }
    }
    // The last cosignatures, when everything works.
    while !world.isCalm { await world.time.sleep(10) }
    await world.time.sleep(500)
  }

  private func submit(_ client: Int) async {
    let end = world.plan.chaos + 6000
    for number in 0..<world.plan.itemsPerClient {
      await world.pause(0...(world.plan.chaos / world.plan.itemsPerClient))
      // Now and then two that exclude each other.
      let own = 1_000_000 + 1000 * client + number
      let item = TestEntry.item(
        own, subject: world.chance(1, of: 5) ? 2_000_000 + world.number(0...20) : own)
      while true {
        await world.pause(0...world.plan.delay)
        guard let box = world.pick(boxes) else { return }
        let isLost = !world.isCalm && world.chance(world.plan.losses, of: 100)
        if let outcome = await box.submit(item), !isLost {
          if outcome == .refused { break }
          break
        }
        if world.time.now > end {
          if world.isHonest { world.violate("client \(client) gets no answer") }
          return
        }
        await world.pause(10...60)
      }
    }
  }

  // MARK: Readers

  private func read() async {
    while !world.isOver {
      await world.pause(20...200)
      guard let machine = world.pick(boxes)?.machine else { return }
      Verdict.read(
        machine.disk.image, of: machine.name, verifyingAll: world.chance(1, of: 8), world)
    }
  }

  // MARK: The operator, and misfortune

  private func operate() async {
    var backup: Backup?
    while world.time.now < world.plan.chaos {
      await world.pause(5...120)
      guard let box = world.pick(boxes) else { return }
      let machine = box.machine
      switch world.number(0...9) {
      case 0:
        world.note("\(machine.name) is killed")
        machine.kill()
      case 1, 2:
        world.note("\(machine.name) loses power")
        machine.losePower()
      case 3: world.pick(witnesses)?.crash()
      case 4:
        machine.setFull(true)
        await world.pause(5...60)
        machine.setFull(false)
      case 5: world.setClock(by: -world.number(1...100_000))
      case 6, 7:
        if world.plan.setting == .restored { backUpOrPutBack(box, &backup) }
      case 8 where world.plan.setting == .shared:
        // A box that lags too far behind gets the files of the other one.
        guard box.halted != nil, let other = boxes.first(where: { $0.machine !== machine }) else {
          break
        }
        machine.disk.restore(other.machine.disk.image.settled)
        box.setHalted(nil)
      default: break
      }
    }
    world.note("everything works")
    world.calm()
  }

  private typealias Backup = (image: DiskImage, contents: MemoryStorage.Contents)

  private func backUpOrPutBack(_ box: SimulatedBox, _ backup: inout Backup?) {
    let machine = box.machine
    guard let old = backup else {
      backup = (machine.disk.image.settled, machine.storage.contents)
      return
    }
    guard world.chance(1, of: 2) else { return }
    world.note("\(machine.name) is put back to an old backup")
    world.count("restored")
    machine.kill()
    machine.disk.restore(old.image)
    machine.storage.restore(old.contents)
    box.setHalted(nil)
    backup = nil
  }
}
