// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Election
internal import Ledger
internal import NIOCore
internal import NIOPosix
internal import Synchronization

#if canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// Sends prepared ballots to a box over HTTP, verifies everything that comes back, and measures.
public struct LoadRun: Sendable {
  /// When ballots are sent.
  public enum Pace: Sendable {
    /// At these times, faster or slower than the profile's own: whoever comes does not wait for those
    /// before.
    case open(Arrivals, speed: Double)
    /// So many clients, each of which sends the next ballot when it has the promise for the last.
    case closed(clients: Int)
  }

  /// What the run needs to know.
  public struct Settings: Sendable {
    /// When ballots are sent.
    public var pace: Pace
    /// How many ballots.
    public var ballots: Int
    /// Connections at most; a request beyond waits, and is counted.
    public var connections = 1024
    /// Voters on their way at most; one beyond comes later than the curve says, and is counted.
    public var voters = 20_000
    /// Whether ballots are cast.
    public var casts = false

    /// Settings with the standard limits.
    public init(pace: Pace, ballots: Int) {
      self.pace = pace
      self.ballots = ballots
    }
  }

  private let settings: Settings
  private let reader: BallotBundleReader
  private let play: VoterPlay
  private let connections: LoadConnections
  private let tally: LoadTally
  private let group: MultiThreadedEventLoopGroup

  /// A run against a server on this machine.
  ///
  /// - Parameters:
  ///   - folder: where the bundles are.
  ///   - configuration: the election's, for the box's keys and the witness policy.
  public init(
    _ settings: Settings, folder: String, port: Int, electionID: Digest,
    configuration: ElectionConfiguration
  ) throws {
    self.settings = settings
    reader = BallotBundleReader(folder: folder, count: settings.ballots)
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    connections = LoadConnections(port: port, maximum: settings.connections, group: group)
    tally = LoadTally()
    play = VoterPlay(
      connections: connections, tally: tally,
      keys: .init(
        electionID: electionID, boxKey: configuration.ballotBoxKey,
        logKey: try NoteVerifierKey(vkey: configuration.logKey),
        policy: configuration.witnessPolicy),
      casts: settings.casts)
  }

  /// How many ballots have receipts now.
  public var receipts: Int { tally.counts.receipts }

  /// Sends everything, and waits for the last receipt.
  ///
  /// - Parameters:
  ///   - server: the server's process, whose figures go into the report.
  ///   - progress: called with the number of receipts, for each.
  /// - Throws: ``LoadError``, `CancellationError`.
  public func run(
    server: Int32, progress: @escaping @Sendable (Int) -> Void
  ) async throws -> LoadReport {
    let samples = MemorySamples(process: server, total: settings.ballots)
    let before = ProcessFigures(process: server)
    let ownBefore = ProcessFigures(process: getpid())
    let begin = ContinuousClock.now
    let voters = Turnstile(settings.voters)
    let done: @Sendable (Int) -> Void = { count in
      samples.reached(count)
      progress(count)
    }
    switch settings.pace {
    case .open(let arrivals, let speed):
      try await follow(arrivals, speed: speed, voters: voters, done)
    case .closed(let clients): try await saturate(clients, voters: voters, done)
    }
    let elapsed = begin.duration(to: .now)
    let after = ProcessFigures(process: server)
    let ownAfter = ProcessFigures(process: getpid())
    connections.close()
    do { try await group.shutdownGracefully() } catch {
      throw LoadError.server("the client does not stop: \(error)")
    }
    return LoadReport(
      settings: settings, counts: tally.counts, times: tally.times,
      connections: connections.counts, elapsed: elapsed.seconds,
      server: FiguresDifference(before, after), client: FiguresDifference(ownBefore, ownAfter),
      isOneProcess: server == getpid(), memory: samples.all)
  }

  /// Open loop.
  private func follow(
    _ arrivals: Arrivals, speed: Double, voters: Turnstile,
    _ done: @escaping @Sendable (Int) -> Void
  ) async throws {
    let start = ContinuousClock.now
    try await withThrowingDiscardingTaskGroup { group in
      for time in arrivals.times.prefix(settings.ballots) {
        let due = start + .seconds(time / speed)
        if due > .now { try await Task.sleep(until: due, clock: .continuous) }
        if await voters.enter() { tally.count { $0.late += 1 } }
        guard let ballot = try reader.next() else { return }
        group.addTask {
          if await play.submit(ballot, due: due), let count = await play.collect(ballot, due: due) {
            done(count)
          }
          voters.leave()
        }
      }
    }
  }

  /// Closed loop. Receipts are collected beside it, so that no client waits for them.
  private func saturate(
    _ clients: Int, voters: Turnstile, _ done: @escaping @Sendable (Int) -> Void
  ) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      let promised = AsyncStream.makeStream(of: (PreparedBallot, ContinuousClock.Instant).self)
      group.addTask {
        defer { promised.continuation.finish() }
        try await withThrowingDiscardingTaskGroup { group in
          for _ in 0..<max(1, clients) {
            group.addTask {
              while !Task.isCancelled, let ballot = try reader.next() {
                _ = await voters.enter()
                let due = ContinuousClock.now
                if await play.submit(ballot, due: due) {
                  promised.continuation.yield((ballot, due))
                } else {
                  voters.leave()
                }
              }
            }
          }
        }
      }
      for await (ballot, due) in promised.stream {
        group.addTask {
          if let count = await play.collect(ballot, due: due) { done(count) }
          voters.leave()
        }
      }
    }
  }
}

/// Lets so many in at a time; the others wait in order.
final class Turnstile: Sendable {
  private struct State {
    var free: Int
    var waiters: [CheckedContinuation<Void, Never>] = []
    var first = 0
  }

  private let state: Mutex<State>

  init(_ places: Int) { state = Mutex(State(free: max(1, places))) }

  /// Waits for a place.
  ///
  /// - Returns: whether there was none at once.
  func enter() async -> Bool {
    let isFree = state.withLock { state in
      guard state.free > 0 else { return false }
      state.free -= 1
      return true
    }
    if isFree { return false }
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        if state.free > 0 {
          state.free -= 1
          return true
        }
        state.waiters.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
    return true
  }

  /// Gives the place to the next.
  func leave() {
    let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
      guard state.first < state.waiters.count else {
        state.waiters = []
        state.first = 0
        state.free += 1
        return nil
      }
      defer { state.first += 1 }
      return state.waiters[state.first]
    }
    waiter?.resume()
  }
}
