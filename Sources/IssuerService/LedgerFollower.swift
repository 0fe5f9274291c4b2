// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import Dispatch
public import Election
public import Issuance
public import Ledger
internal import LedgerFiles
public import Logging
public import ServiceLifecycle
internal import Synchronization
internal import Verification
public import WebClient

/// Follows the record behind a ballot box's URL: every checkpoint must be signed by the log and cosigned by the
/// policy's quorum, every entry keep every rule, and the tree continue the one before. What does not is not acted
/// on.
public final class LedgerFollower: WitnessedLedger, Service {
  private let client: WebClient
  private let electionID: Digest
  private let logger: Logger
  private let interval: Duration
  private let shared: Mutex<Shared>
  private let executor = BlockingExecutor()

  private struct Shared {
    var fold: RecordFold
    var problem: String?
    /// When a look last found a record that holds.
    var lastGood = ContinuousClock.now
    var waiting: [UInt64: Waiting] = [:]
    var next: UInt64 = 0
  }

  private struct Waiting {
    let condition: @Sendable (ElectionState) -> Bool
    let continuation: CheckedContinuation<ElectionState?, Never>
  }

  /// How long the witnesses of a checkpoint that was just published may take.
  static let patience = Duration.seconds(20)

  /// Reads and checks the record that is there now. A checkpoint that the witnesses have not cosigned yet is waited
  /// for.
  ///
  /// - Parameters:
  ///   - electionID: the election that is expected.
  ///   - interval: time between two looks.
  /// - Throws: ``Issuance/IssuanceRefusal/unavailable(_:)`` with the reason.
  public static func start(
    _ client: WebClient, electionID: Digest, interval: Duration = .milliseconds(500),
    logger: Logger
  ) async throws(IssuanceRefusal) -> LedgerFollower {
    let end = ContinuousClock.now + patience
    while true {
      do throws(LedgerTrouble) {
        let fold = try await BlockingExecutor().run { () throws(LedgerTrouble) in
          try await Self.look(client, nil, electionID)
        }
        return LedgerFollower(client, electionID, fold, interval, logger)
      } catch {
        guard error.isPassing, ContinuousClock.now < end else {
          throw .unavailable("\(client.address.description): \(error.reason)")
        }
      }
      do { try await Task.sleep(for: interval) } catch { throw .unavailable("cancelled") }
    }
  }

  private init(
    _ client: WebClient, _ electionID: Digest, _ fold: RecordFold, _ interval: Duration,
    _ logger: Logger
  ) {
    self.client = client
    self.electionID = electionID
    self.interval = interval
    self.logger = logger
    shared = Mutex(Shared(fold: fold))
  }

  /// The state under the newest checkpoint that holds.
  public var state: ElectionState { shared.withLock { $0.fold.state } }

  /// Why the last look found nothing that holds; nil if it did.
  public var problem: String? { shared.withLock { $0.problem } }

  /// Looks again and again until told to stop.
  public func run() async throws {
    await cancelWhenGracefulShutdown { [self] in
      while !Task.isCancelled {
        await look()
        do { try await Task.sleep(for: interval) } catch { break }
      }
    }
    let waiting = shared.withLock { shared in
      defer { shared.waiting = [:] }
      return Array(shared.waiting.values)
    }
    for item in waiting { item.continuation.resume(returning: nil) }
  }

  private func look() async {
    let before = shared.withLock { $0.fold }
    do throws(LedgerTrouble) {
      let (client, electionID) = (client, electionID)
      let fold = try await executor.run { () throws(LedgerTrouble) in
        try await Self.look(client, before, electionID)
      }
      let (ready, wasBroken) = shared.withLock { shared in
        let wasBroken = shared.problem != nil
        shared.fold = fold
        shared.problem = nil
        shared.lastGood = .now
        let ready = shared.waiting.filter { $0.value.condition(fold.state) }
        for key in ready.keys { shared.waiting[key] = nil }
        return (Array(ready.values), wasBroken)
      }
      if wasBroken { logger.notice("the record holds again") }
      for item in ready { item.continuation.resume(returning: fold.state) }
    } catch {
      let isNew = shared.withLock { shared in
        // The witnesses of a new checkpoint need a moment; the state before it is good until then.
        if error.isPassing, shared.lastGood + Self.patience > .now { return false }
        defer { shared.problem = error.reason }
        return shared.problem != error.reason
      }
      if isNew {
        logger.warning("the record is not followed", metadata: ["reason": "\(error.reason)"])
      }
    }
  }

  /// Waits for a state.
  public func wait(
    atMost time: Duration, until condition: @escaping @Sendable (ElectionState) -> Bool
  ) async -> ElectionState? {
    let current = state
    if condition(current) { return current }
    let number = shared.withLock { shared in
      shared.next += 1
      return shared.next
    }
    let alarm = Task { [weak self] in
      do { try await Task.sleep(for: time) } catch { return }
      self?.giveUp(number)
    }
    defer { alarm.cancel() }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let done: ElectionState?? = shared.withLock { shared in
          // The state may have come while this was set up.
          if condition(shared.fold.state) { return .some(shared.fold.state) }
          if Task.isCancelled { return .some(nil) }
          shared.waiting[number] = Waiting(condition: condition, continuation: continuation)
          return nil
        }
        if let done { continuation.resume(returning: done) }
      }
    } onCancel: {
      giveUp(number)
    }
  }

  private func giveUp(_ number: UInt64) {
    let waiting = shared.withLock { $0.waiting.removeValue(forKey: number) }
    waiting?.continuation.resume(returning: nil)
  }

  /// Sends an entry to the box. What the box promises is not relied on: the follower looks for itself.
  public func send(_ entry: EntryFile) async throws(IssuanceRefusal) {
    let answer: BoxClient.Answer
    do { answer = try await BoxClient(client).submit(entry, to: .entries) } catch {
      throw .unavailable("the ballot box: \(error)")
    }
    guard case .problem(let problem) = answer else { return }
    switch problem.status {
    case 429, 500...: throw .unavailable("the ballot box has too much to do")
    default: throw .refused(problem.rules.first ?? problem.title)
    }
  }

  /// The fold brought up to the newest witnessed checkpoint.
  private static func look(
    _ client: WebClient, _ before: RecordFold?, _ electionID: Digest
  ) async throws(LedgerTrouble) -> RecordFold {
    let fold: RecordFold
    let record: RecordDirectory
    do {
      record = try RecordDirectory(files: RemoteFiles(client))
      if let before {
        guard record.size > before.tree.size else {
          // An older view is not wrong: servers in between may lag. An equal one must be the same.
          if record.size == before.tree.size, record.checkpoint.root != before.tree.root {
            throw LedgerTrouble("the log shows another history")
          }
          return before
        }
        try requireQuorum(record, before.state)
        var later = before
        try await later.advance(over: record, depth: .everything)
        fold = later
      } else {
        fold = try await RecordFold.fold(record, depth: .everything)
        try requireQuorum(record, fold.state)
      }
    } catch let error as LedgerTrouble { throw error } catch { throw LedgerTrouble("\(error)") }
    guard fold.state.electionID == electionID else {
      throw LedgerTrouble("the record is of another election")
    }
    if let failure = fold.findings.failures.first {
      throw LedgerTrouble("\(failure.rule.rawValue) fails at \(failure.place): \(failure.detail)")
    }
    guard fold.tree.root == record.checkpoint.root else {
      throw LedgerTrouble("the entries are not those of the checkpoint")
    }
    return fold
  }

  private static func requireQuorum(
    _ record: RecordDirectory, _ state: ElectionState
  ) throws(LedgerTrouble) {
    guard let configuration = state.configuration, configuration.logKey == record.logKey.vkey else {
      throw LedgerTrouble("the configuration names another log key")
    }
    do throws(LedgerError) {
      _ = try configuration.witnessPolicy.verify(record.checkpointNote, logKey: record.logKey)
    } catch { throw LedgerTrouble("\(error)", isPassing: true) }
  }
}

/// Why a look at the record led to nothing.
struct LedgerTrouble: Error {
  let reason: String
  /// Whether the witnesses are missing, who may need a moment.
  let isPassing: Bool

  init(_ reason: String, isPassing: Bool = false) {
    self.reason = reason
    self.isPassing = isPassing
  }
}

/// Runs work that waits for servers on threads of its own, so that requests are answered meanwhile.
final class BlockingExecutor: TaskExecutor {
  private let queue = DispatchQueue(label: "urna.ledger", attributes: .concurrent)

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = unsafe asUnownedTaskExecutor()
    queue.async { unsafe job.runSynchronously(on: executor) }
  }

  /// Runs `body` here.
  func run<Value: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () async throws(Failure) -> Value
  ) async throws(Failure) -> Value {
    let task = Task(executorPreference: self) { () async -> Result<Value, Failure> in
      do throws(Failure) { return .success(try await body()) } catch { return .failure(error) }
    }
    return try await task.value.get()
  }
}
