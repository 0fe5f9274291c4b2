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
      return (state.open.count, state.open.count - state.leaving)
    }
    gauge.record(open)
    if staying > limits.connections - headroom {
      // Twice the headroom at once, so that the search is made once for many.
      close(
        2 * headroom, from: open >= limits.connections ? [.waiting, .moving] : [.waiting])
    }
    return record
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
  func dropSlowBodies() { close(max(1, limits.requests / 16), from: [.moving]) }

  /// Closes the connections that are longest in one of the activities, waiting ones first. One that
  /// moves gets a second at least.
  private func close(_ count: Int, from activities: Set<ConnectionRecord.Activity>) {
    let now = NIODeadline.now().uptimeNanoseconds
    let chosen = state.withLock { state in
      var candidates: [Candidate] = []
      for record in state.open.values where !record.isLeaving {
        let candidate = Candidate(record, now: now)
        guard activities.contains(candidate.activity) else { continue }
        guard candidate.activity == .waiting || candidate.age > 1_000_000_000 else { continue }
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
  }

  private struct Candidate: Comparable {
    let record: ConnectionRecord
    let activity: ConnectionRecord.Activity
    let age: UInt64

    init(_ record: ConnectionRecord, now: UInt64) {
      self.record = record
      let since: UInt64
      (activity, since) = record.activity
      age = now > since ? now - since : 0
    }

    static func < (first: Self, second: Self) -> Bool {
      first.activity == second.activity
        ? first.age > second.age : first.activity == .waiting
    }

    static func == (first: Self, second: Self) -> Bool {
      first.activity == second.activity && first.age == second.age
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
