// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import Sequencing
import Synchronization

/// A witness that decides as `WitnessRules` do, and keeps what it cosigned on a disk of its own.
final class SimulatedWitness: Sendable {
  let name: String
  private let world: World
  private let cosigner: Cosigner
  private let rules: WitnessRules
  private let state = Mutex(State())

  private struct State {
    var stored: Checkpoint?
    /// What is on the disk; the same, but for a witness with a defect.
    var durable: Checkpoint?
    var process = 0
  }

  init(_ number: Int, world: World, logKey: NoteVerifierKey) throws {
    name = "w\(number)"
    self.world = world
    cosigner = try Cosigner(name: "example.org/\(name)", key: TestEntry.key(UInt8(100 + number)))
    rules = WitnessRules(logKeys: [logKey])
  }

  var key: CosignerKey { cosigner.verifierKey }

  /// The process ends, and with it every request; another one starts.
  func crash() {
    world.note("\(name) starts again")
    state.withLock { state in
      state.process += 1
      state.stored = state.durable
    }
  }

  /// Answers a request; nil if the process ended before it could.
  func receive(_ body: [UInt8]) async -> (status: Int, type: String, body: [UInt8])? {
    let process = state.withLock { $0.process }
    let request: AddCheckpointRequest
    do { request = try AddCheckpointRequest(body) } catch {
      return answer(.malformed(error))
    }
    let stored = state.withLock { $0.stored }
    let decided = rules.decide(request, stored: stored)
    let checkpoint: Checkpoint
    let note: SignedNote
    switch decided {
    case .refuse(let refusal):
      guard world.defect == .witnessBelieves, refusal.status == 422 || refusal.status == 409 else {
        return answer(refusal)
      }
      do {
        note = try SignedNote(request.note)
        checkpoint = try Checkpoint(text: note.text)
      } catch { return answer(refusal) }
    case .cosign(let accepted, let checked): (checkpoint, note) = (accepted, checked)
    }
    await world.pause(0...4)
    guard state.withLock({ $0.process == process }) else { return nil }
    let conflict = state.withLock { state -> UInt64? in
      guard state.stored == stored || world.defect == .witnessRace else {
        return state.stored?.size ?? 0
      }
      state.stored = checkpoint
      if world.defect != .witnessForgets || world.chance(1, of: 2) { state.durable = checkpoint }
      return nil
    }
    if let conflict { return answer(.conflict(storedSize: conflict)) }
    let line: [UInt8]
    do {
      let signature = try cosigner.cosign(checkpoint: note.text, time: world.wallClock)
      line = [UInt8](try note.adding([signature]).bytes.dropFirst(note.bytes.count))
    } catch {
      world.violate("\(name) cannot cosign: \(error)")
      return nil
    }
    world.sawCosigned([UInt8](note.text.utf8), by: name)
    world.note("\(name) cosigns \(checkpoint.size)")
    await world.pause(0...2)
    guard state.withLock({ $0.process == process }) else { return nil }
    return (200, "text/plain", line)
  }

  private func answer(
    _ refusal: WitnessRefusal
  ) -> (status: Int, type: String, body: [UInt8]) {
    (refusal.status, refusal.contentType, refusal.body)
  }
}

/// A box's way to a witness: messages are lost, late, repeated, out of order.
struct SimulatedConnection: WitnessConnection {
  let world: World
  let witness: SimulatedWitness

  private var isLost: Bool { !world.isCalm && world.chance(world.plan.losses, of: 100) }

  private func travel() async { await world.pause(0...(world.isCalm ? 2 : world.plan.delay)) }

  func add(_ request: AddCheckpointRequest) async throws(WitnessUnreachable) -> WitnessAnswer {
    let body = request.bytes
    if !world.isCalm, world.chance(world.plan.repeats, of: 100) {
      let late = world.number(1...300)
      world.time.start {
        await world.time.sleep(late)
        _ = await witness.receive(body)
      }
    }
    await travel()
    if isLost { throw WitnessUnreachable("lost on the way there") }
    let answer = await witness.receive(body)
    await travel()
    guard let answer, !isLost else { throw WitnessUnreachable("lost on the way back") }
    do {
      return try WitnessAnswer(
        status: answer.status, contentType: answer.type, body: answer.body)
    } catch { throw WitnessUnreachable("\(error)") }
  }
}
