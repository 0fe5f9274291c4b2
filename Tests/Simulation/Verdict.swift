// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import LedgerFiles
import Sequencing
import TestSupport

/// What is checked while a run goes on and when it is over.
struct Verdict {
  let world: World
  let base: PreparedLog
  let boxes: [SimulatedBox]

  /// A reader takes the checkpoint, and everything that it stands for must be there.
  static func read(
    _ image: DiskImage, of name: String, verifyingAll: Bool, _ world: World
  ) {
    do {
      let record = try RecordDirectory(files: DiskFileSystem(Disk(image)))
      let text = [UInt8](record.checkpoint.text.utf8)
      world.sawRead(text, of: name)
      guard verifyingAll else { return }
      for problem in record.verifyTree() where problem.kind != .leftover {
        world.violate("\(name) serves a damaged tree: \(problem)")
      }
    } catch { world.violate("\(name) serves no record: \(error)") }
  }

  func give() {
    for box in boxes {
      Self.read(box.machine.disk.image, of: box.machine.name, verifyingAll: true, world)
    }
    checkHalted()
    if let text = final() {
      checkAcknowledged(in: text)
      checkReceipts(in: text)
    }
    for box in boxes where box.halted == nil { checkClaims(box.machine) }
  }

  private func checkHalted() {
    let halted = boxes.compactMap(\.halted)
    switch world.plan.setting {
    case .single:
      if let reason = halted.first { world.violate("the only box stays down: \(reason)") }
    case .shared:
      // Whoever committed last can always go on.
      if halted.count == boxes.count { world.violate("both boxes stay down: \(halted)") }
    case .restored, .cloned: break
    }
  }

  /// The tree in which everything must be: of boxes on one store, the lock's.
  private func final() -> [UInt8]? {
    world.isHonest ? boxes.first?.machine.storage.contents.checkpoint : world.receipted
  }

  private func checkAcknowledged(in text: [UInt8]) {
    guard world.isHonest else { return }
    let leaves = world.history.leaves(of: text)
    var places: [Digest: Int] = [:]
    for (place, leaf) in leaves.enumerated() {
      if places.updateValue(place, forKey: leaf) != nil { world.violate("an entry is there twice") }
    }
    for (leaf, index) in world.acknowledged {
      guard let place = places[leaf] else {
        world.violate("an acknowledged entry is not in the log")
        continue
      }
      if let index, index != UInt64(base.size + place) {
        world.violate("an acknowledged entry is at another place")
      }
    }
  }

  private func checkReceipts(in text: [UInt8]) {
    guard let receipted = world.receipted else {
      if world.isHonest { world.violate("no receipt was ever given") }
      return
    }
    if !world.history.isPrefix(receipted, of: text) {
      world.violate("what has receipts is not in the log")
    }
    // When everything works, everything gets its receipt.
    if world.isHonest, receipted != text {
      world.violate("the last entries get no receipt")
    }
  }

  /// The claims are those that the leaves make, each once.
  private func checkClaims(_ machine: Machine) {
    let contents = machine.storage.contents
    guard let text = contents.checkpoint else {
      return world.violate("\(machine.name) lost its lock")
    }
    let made = base.contents.claims.count + 2 * world.history.leaves(of: text).count
    if contents.claims.count != made {
      world.violate(
        "\(machine.name) has \(contents.claims.count) claims for \(made) that its leaves make")
    }
    for (place, leaf) in world.history.leaves(of: text).enumerated()
    where contents.claims[.leaf(leaf)] != UInt64(base.size + place) {
      world.violate("\(machine.name) has a leaf without its claim")
    }
  }
}
