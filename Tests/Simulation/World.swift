// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import Synchronization
import TestSupport

/// What everything in a run shares: chance, time, and who saw what.
final class World: Sendable {
  let plan: Plan
  let defect: Defect?
  let time: VirtualTime
  let history: History

  private struct State {
    var generator: SeededGenerator
    var isCalm = false
    var isOver = false
    var violations: [String] = []
    var trace: [String] = []
    var wallClock = 1_700_000_000
    var signed = Line()
    var read = Line()
    var receipts = Line()
    var witnesses: [String: Line] = [:]
    /// Who ever cosigned a tree.
    var cosigners: [[UInt8]: Set<String>] = [:]
    var acknowledged: [Digest: UInt64?] = [:]
    var counts: [String: Int] = [:]
  }

  private let state: Mutex<State>
  private let isTraced: Bool

  init(
    plan: Plan, defect: Defect?, generator: SeededGenerator, time: VirtualTime, history: History,
    isTraced: Bool
  ) {
    self.plan = plan
    self.defect = defect
    self.time = time
    self.history = history
    self.isTraced = isTraced
    state = Mutex(State(generator: generator))
  }

  // MARK: Chance and time

  func number(_ range: ClosedRange<Int>) -> Int {
    state.withLock { Int.random(in: range, using: &$0.generator) }
  }

  func chance(_ part: Int, of whole: Int) -> Bool { part > 0 && number(1...whole) <= part }

  func pick<Choice>(_ choices: [Choice]) -> Choice? {
    choices.isEmpty ? nil : choices[number(0...choices.count - 1)]
  }

  func losePower(_ image: inout DiskImage) {
    state.withLock { image.losePower(&$0.generator) }
  }

  func pause(_ range: ClosedRange<Int>) async { await time.sleep(number(range)) }

  /// Whether faults are over.
  var isCalm: Bool { state.withLock { $0.isCalm } }
  func calm() { state.withLock { $0.isCalm = true } }

  /// Whether everybody stops.
  var isOver: Bool { state.withLock { $0.isOver } }
  func end() { state.withLock { $0.isOver = true } }

  /// Seconds since 1970 as a witness's clock shows them; it may be set back.
  var wallClock: UInt64 { UInt64(state.withLock { $0.wallClock } + time.now / 10) }
  func setClock(by seconds: Int) { state.withLock { $0.wallClock += seconds } }

  // MARK: What was seen

  /// Whether the log's own signatures must never contradict each other. A box that was put back to an
  /// old state, or copied, cannot know better; then witnesses must.
  var isHonest: Bool { plan.setting == .single || plan.setting == .shared }

  func note(_ text: @autoclosure () -> String) {
    guard isTraced else { return }
    let line = "\(time.now): \(text())"
    state.withLock { $0.trace.append(line) }
  }

  func count(_ what: String) { state.withLock { $0.counts[what, default: 0] += 1 } }
  var counts: [String: Int] { state.withLock { $0.counts } }
  var trace: [String] { state.withLock { $0.trace } }

  func violate(_ text: String) {
    note("VIOLATION \(text)")
    state.withLock { $0.violations.append(text) }
  }

  var violations: [String] { state.withLock { $0.violations } }

  // adversary: L-03
  /// The log's signature was made.
  func sawSigned(_ name: [UInt8], by box: String) {
    count("signed")
    switch history.isCommitted(name) {
    case nil: violate("\(box) signed a tree that nobody meant to make")
    case false?: violate("\(box) signed a tree that was not committed")
    case true?: break
    }
    guard isHonest else { return }
    let problem = state.withLock { $0.signed.add(name, history) }
    if let problem { violate("signed by \(box): \(problem)") }
  }

  /// A reader got a checkpoint.
  func sawRead(_ name: [UInt8], of box: String) {
    count("read")
    guard isHonest else { return }
    let problem = state.withLock { $0.read.add(name, history) }
    if let problem { violate("read from \(box): \(problem)") }
  }

  /// A witness cosigned.
  func sawCosigned(_ name: [UInt8], by witness: String) {
    count("cosigned")
    let problem = state.withLock { state in
      state.cosigners[name, default: []].insert(witness)
      return state.witnesses[witness, default: Line()].add(name, history, mayGoBack: false)
    }
    if let problem { violate("cosigned by \(witness): \(problem)") }
  }

  /// Receipts were given under a checkpoint.
  func sawReceipt(_ name: [UInt8]) {
    count("receipt")
    let (problem, cosigners) = state.withLock { state in
      (state.receipts.add(name, history), state.cosigners[name]?.count ?? 0)
    }
    if let problem { violate("receipts: \(problem)") }
    if cosigners < plan.quorum { violate("receipts: \(cosigners) cosigners of \(plan.quorum)") }
  }

  /// The newest tree that receipts were given for.
  var receipted: [UInt8]? { state.withLock { $0.receipts.tip } }

  /// A submission was acknowledged, with its place if that is known.
  func sawAcknowledged(_ leaf: Digest, at index: UInt64?) {
    count("acknowledged")
    let other = state.withLock { state -> UInt64? in
      defer { state.acknowledged.updateValue(index, forKey: leaf) }
      guard case .some(.some(let other)) = state.acknowledged[leaf] else { return nil }
      return other
    }
    if isHonest, let other, let index, other != index {
      violate("one entry acknowledged at \(other) and at \(index)")
    }
  }

  var acknowledged: [Digest: UInt64?] { state.withLock { $0.acknowledged } }
}
