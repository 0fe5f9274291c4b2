// SPDX-License-Identifier: Apache-2.0

internal import CoreMetrics
internal import Hummingbird
internal import HummingbirdCore
internal import Metrics
internal import NIOCore
internal import Synchronization

/// All open connections, so that those that do nothing make room for those that ask.
///
/// It holds no address: a connection is an object, and the order in which they came is not kept
/// beyond the time since when each is in its state.
final class ConnectionRegistry: Sendable {
  private struct State {
    var open: [ObjectIdentifier: ConnectionRecord] = [:]
    /// Connections among them that are being closed to make room.
    var leaving = 0
    /// Whether room is looked for again in a moment.
    var isLooking = false

    var staying: Int { open.count - leaving }
  }

  let limits: ServiceLimits
  private let state = Mutex(State())
  private let gauge: Gauge
  private let closed: [ClosingReason: Counter]

  init(limits: ServiceLimits, metrics: MetricsRegistry) {
    self.limits = limits
    metrics.describe("http_connections", "Open connections.")
    metrics.describe("http_connections_closed_total", "Connections the server closed, by reason.")
    gauge = Gauge(label: "http_connections", factory: metrics)
    var counters: [ClosingReason: Counter] = [:]
    for reason in ClosingReason.allCases {
      counters[reason] = Counter(
        label: "http_connections_closed_total", dimensions: [("reason", reason.rawValue)],
        factory: metrics)
    }
    closed = counters
  }

  var count: Int { state.withLock { $0.open.count } }

  /// Counts a connection that the server ends itself.
  func count(_ reason: ClosingReason) { closed[reason]?.increment() }

  /// A record for a new connection. Makes room when the limit is near.
  func add(_ channel: any Channel) -> ConnectionRecord {
    let record = ConnectionRecord(channel)
    let (open, staying) = state.withLock { state in
      state.open[ObjectIdentifier(record)] = record
      return (state.open.count, state.staying)
    }
    gauge.record(open)
    if staying > limits.connections - headroom { makeRoom(on: channel.eventLoop) }
    return record
  }

  /// Closes twice the headroom at once, so that the search is made once for many. At the limit nothing is
  /// accepted that would look for room again; if nobody can be closed yet, this looks again in a moment.
  private func makeRoom(on loop: any EventLoop) {
    let isFull = count >= limits.connections
    guard close(2 * headroom, from: isFull ? [.idle, .stalled] : [.idle]) == 0, isFull else {
      return
    }
    let isFirst = state.withLock { state in
      defer { state.isLooking = true }
      return !state.isLooking
    }
    guard isFirst else { return }
    loop.scheduleTask(in: .milliseconds(100)) {
      let isNear = self.state.withLock { state in
        state.isLooking = false
        return state.staying > self.limits.connections - self.headroom
      }
      if isNear { self.makeRoom(on: loop) }
    }
  }

  func remove(_ record: ConnectionRecord) {
    let open = state.withLock { state in
      if state.open.removeValue(forKey: ObjectIdentifier(record)) != nil, record.isLeaving {
        state.leaving -= 1
      }
      return state.open.count
    }
    gauge.record(open)
  }

  /// Connections below the limit at which room is made.
  private var headroom: Int { max(1, limits.connections / 16) }

  /// Closes the bodies that are longest on their way, for when all places for requests are taken.
  func dropSlowBodies() { close(max(1, limits.requests / 16), from: [.stalled]) }

  /// What a connection has done for longer than whoever asks something needs; the cheapest first.
  private enum Rank: UInt8, Comparable {
    /// Nothing.
    case idle
    /// Its body, or the answer to it, is on its way.
    case stalled

    static func < (first: Self, second: Self) -> Bool { first.rawValue < second.rawValue }
  }

  /// Closes connections of these ranks, the cheapest first, among equals those that have been there
  /// longest; says how many.
  @discardableResult
  private func close(_ count: Int, from ranks: Set<Rank>) -> Int {
    let now = NIODeadline.now().uptimeNanoseconds
    let chosen = state.withLock { state in
      var candidates: [Candidate] = []
      for record in state.open.values where !record.isLeaving {
        guard let candidate = Candidate(record, now: now), ranks.contains(candidate.rank) else {
          continue
        }
        candidates.append(candidate)
      }
      let chosen = candidates.sorted().prefix(count).map(\.record)
      for record in chosen { record.leave() }
      state.leaving += chosen.count
      return chosen
    }
    for record in chosen {
      self.count(.room)
      record.channel.close(promise: nil)
    }
    return chosen.count
  }

  private struct Candidate: Comparable {
    let record: ConnectionRecord
    let rank: Rank
    let age: UInt64

    /// Nanoseconds that everybody is granted, so that who came just now is not closed before who sits.
    private static let grace: UInt64 = 1_000_000_000

    /// nil for a connection that is not to be closed.
    init?(_ record: ConnectionRecord, now: UInt64) {
      let (activity, since) = record.activity
      age = now > since ? now - since : 0
      guard age > Self.grace else { return nil }
      switch activity {
      case .waiting: rank = .idle
      case .moving: rank = .stalled
      case .working: return nil
      }
      self.record = record
    }

    static func < (first: Self, second: Self) -> Bool {
      first.rank == second.rank ? first.age > second.age : first.rank < second.rank
    }

    static func == (first: Self, second: Self) -> Bool {
      first.rank == second.rank && first.age == second.age
    }
  }
}

/// One open connection, as other threads may see it.
final class ConnectionRecord: Sendable {
  /// What a connection does.
  enum Activity: UInt8 {
    /// Nothing, or a head that is not complete.
    case waiting
    /// A body comes in, or an answer goes out and its receiver does not take it.
    case moving
    /// A request is worked on.
    case working
  }

  let channel: any Channel
  private let packed: Atomic<UInt64>
  private let leaving = Atomic<Bool>(false)

  init(_ channel: any Channel) {
    self.channel = channel
    packed = Atomic(Self.pack(.waiting, NIODeadline.now().uptimeNanoseconds))
  }

  /// The activity, and since when, in nanoseconds of the monotonic clock.
  var activity: (Activity, UInt64) {
    let value = packed.load(ordering: .relaxed)
    return (Activity(rawValue: UInt8(value & 3)) ?? .working, value & ~3)
  }

  func set(_ activity: Activity) {
    packed.store(Self.pack(activity, NIODeadline.now().uptimeNanoseconds), ordering: .relaxed)
  }

  /// Whether it is being closed to make room.
  var isLeaving: Bool { leaving.load(ordering: .relaxed) }

  func leave() { leaving.store(true, ordering: .relaxed) }

  private static func pack(_ activity: Activity, _ nanoseconds: UInt64) -> UInt64 {
    nanoseconds & ~3 | UInt64(activity.rawValue)
  }
}

/// Why the server ended a connection.
enum ClosingReason: String, CaseIterable {
  /// No complete head in time.
  case header
  /// A head that is too large.
  case size
  /// Bytes that are not HTTP.
  case malformed
  /// Idle for too long.
  case idle
  /// The answer was not taken.
  case write
  /// Room for others.
  case room
}

/// Tells Hummingbird to accept nothing above the limit. The backlog of the system waits then.
struct ConnectionAdmission: AvailableConnectionsDelegate {
  let maximum: Int
  private var open = 0

  init(maximum: Int) { self.maximum = maximum }

  mutating func connectionOpened() { open += 1 }
  mutating func connectionClosed() { open -= 1 }
  func isAcceptingNewConnections() -> Bool { open < maximum }
}

/// Errors of accepting, such as too many open files, are no reason to stop the server.
final class AcceptErrorHandler: ChannelInboundHandler, Sendable {
  typealias InboundIn = NIOAny

  func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
