// SPDX-License-Identifier: Apache-2.0

public import StrictJSON
internal import Synchronization

/// What a run found.
public struct LoadReport: Sendable {
  let settings: LoadRun.Settings
  let counts: LoadTally.Counts
  let connections: LoadConnections.Counts
  let elapsed: Double
  let server: FiguresDifference
  let client: FiguresDifference
  /// Whether server and client are one process, whose figures cannot be told apart.
  let isOneProcess: Bool
  let memory: [MemorySamples.Sample]
  /// From the voter's coming to the promise.
  public let promise: LatencySummary
  /// From the voter's coming to the witnessed receipt.
  public let receipt: LatencySummary
  /// Ballots a second, from the first promise to the last.
  public let admittedPerSecond: Double
  /// Ballots a second, while they were sent; 0 in a closed loop.
  public let offeredPerSecond: Double

  init(
    settings: LoadRun.Settings, counts: LoadTally.Counts, times: LoadTally.Times,
    connections: LoadConnections.Counts, elapsed: Double, server: FiguresDifference,
    client: FiguresDifference, isOneProcess: Bool, memory: [MemorySamples.Sample]
  ) {
    self.settings = settings
    self.counts = counts
    self.connections = connections
    self.elapsed = elapsed
    self.server = server
    self.client = client
    self.isOneProcess = isOneProcess
    self.memory = memory
    promise = LatencySummary(times.promise)
    receipt = LatencySummary(times.receipt)
    admittedPerSecond = Self.rate(times.admissions)
    switch settings.pace {
    case .open(let arrivals, let speed):
      let times = arrivals.times.prefix(settings.ballots)
      let length = ((times.last ?? 0) - (times.first ?? 0)) / speed
      offeredPerSecond = length > 0 ? Double(times.count - 1) / length : 0
    case .closed: offeredPerSecond = 0
    }
  }

  /// Promises come in batches. The first batch ends the time in which the server was not yet busy, so
  /// it is left out of the count, and its moment begins the time.
  private static func rate(_ moments: [Float]) -> Double {
    guard let first = moments.first, let last = moments.last else { return 0 }
    // A batch's promises come within a few hundredths of a second.
    let rest = moments.drop { $0 < first + 0.2 }
    return last > first ? Double(rest.count) / Double(last - first) : 0
  }

  /// Receipts that hold.
  public var receipts: Int { counts.receipts }

  /// Whether every ballot has a promise and a receipt that hold, and every decision too if there were any.
  public var isClean: Bool {
    counts.failed == 0 && counts.refused == 0 && counts.receipts == settings.ballots
      && (!settings.casts || counts.decisions == settings.ballots)
  }

  /// The report as JSON. Times are in milliseconds, processor times too, memory in kibibytes.
  public var json: JSONValue {
    [
      "admittedPerSecond": Self.decimal(admittedPerSecond),
      "ballots": .integer(Int64(settings.ballots)),
      "client": client.json,
      "connections": [
        "limit": .integer(Int64(settings.connections)),
        "most": .integer(Int64(connections.most)),
        "opened": .integer(Int64(connections.opened)),
        "requestsThatWaited": .integer(Int64(connections.waited)),
        "sentAgain": .integer(Int64(connections.sentAgain)),
      ],
      "decisions": .integer(Int64(counts.decisions)),
      "failed": .integer(Int64(counts.failed)),
      "isOneProcess": .bool(isOneProcess),
      "late": .integer(Int64(counts.late)),
      "milliseconds": .integer(Int64(elapsed * 1000)),
      "offeredPerSecond": Self.decimal(offeredPerSecond),
      "promise": Self.json(promise),
      "questionsRepeated": .integer(Int64(counts.questionsRepeated)),
      "reasons": .array(counts.reasons.map { .string($0) }),
      "receipt": Self.json(receipt),
      "receipts": .integer(Int64(counts.receipts)),
      "refused": .integer(Int64(counts.refused)),
      "server": server.json,
      "serverMemory": .array(
        memory.map {
          [
            "kibibytes": .integer(Int64($0.resident / 1024)),
            "receipts": .integer(Int64($0.receipts)),
          ]
        }),
      "submissionsRepeated": .integer(Int64(counts.submissionsRepeated)),
    ]
  }

  private static func json(_ summary: LatencySummary) -> JSONValue {
    func milliseconds(_ seconds: Double) -> JSONValue { .integer(Int64(seconds * 1000)) }
    return [
      "count": .integer(Int64(summary.count)), "maximum": milliseconds(summary.maximum),
      "median": milliseconds(summary.median), "p90": milliseconds(summary.p90),
      "p99": milliseconds(summary.p99),
    ]
  }

  static func decimal(_ value: Double) -> JSONValue { .decimal(Decimals.text(value, 2)) }

  /// The report for people.
  public var lines: [String] {
    var lines = [
      "\(counts.begun) ballots sent, \(counts.promised) promised, \(counts.receipts) receipts verified"
        + (settings.casts ? ", \(counts.decisions) decisions with verified receipts" : ""),
      "\(counts.refused) refused, \(counts.failed) failed, \(counts.submissionsRepeated) ballots sent "
        + "again after 503 or 429, \(counts.questionsRepeated) questions for receipts",
    ]
    if offeredPerSecond > 0 {
      lines.append("offered \(Decimals.text(offeredPerSecond, 1)) ballots/s on average")
    }
    lines += [
      "admitted \(Decimals.text(admittedPerSecond, 1)) ballots/s",
      "to the promise: " + Self.text(promise),
      "to the witnessed receipt: " + Self.text(receipt),
      "\(connections.opened) connections opened, \(connections.most) of \(settings.connections) at "
        + "once; \(connections.waited) requests waited for one; \(counts.late) voters came late",
    ]
    if isOneProcess {
      lines.append("server, client and witnesses in one process: " + server.text(elapsed))
    } else {
      lines.append("server: " + server.text(elapsed))
      lines.append("client and witnesses: " + client.text(elapsed))
    }
    let samples = memory.map { "\($0.resident >> 20) MiB at \($0.receipts)" }
    lines.append("server's memory: " + samples.joined(separator: ", "))
    return lines + counts.reasons.map { "reason: \($0)" }
  }

  private static func text(_ summary: LatencySummary) -> String {
    func seconds(_ value: Double) -> String { Decimals.text(value, 2) }
    return "median \(seconds(summary.median)) s, 90 % \(seconds(summary.p90)) s, "
      + "99 % \(seconds(summary.p99)) s, most \(seconds(summary.maximum)) s"
  }
}

/// What a process used between two moments.
struct FiguresDifference: Sendable {
  private let user: Double
  private let system: Double
  private let mostResident: Int
  private let threads: [(name: String, seconds: Double)]

  init(_ before: ProcessFigures?, _ after: ProcessFigures?) {
    user = (after?.user ?? 0) - (before?.user ?? 0)
    system = (after?.system ?? 0) - (before?.system ?? 0)
    mostResident = after?.mostResident ?? 0
    threads = (after?.threads ?? [:]).map { name, seconds in
      (name, seconds - (before?.threads[name] ?? 0))
    }.sorted { $0.1 > $1.1 }
  }

  var json: JSONValue {
    [
      "mostResidentKibibytes": .integer(Int64(mostResident / 1024)),
      "systemMilliseconds": .integer(Int64(system * 1000)),
      "threadMilliseconds": .object(
        threads.prefix(8).sorted { $0.name < $1.name }.map {
          JSONMember(name: $0.name, value: .integer(Int64($0.seconds * 1000)))
        }),
      "userMilliseconds": .integer(Int64(user * 1000)),
    ]
  }

  func text(_ elapsed: Double) -> String {
    let used = user + system
    let share = elapsed > 0 ? Decimals.text(used / elapsed, 2) : "0"
    let names = threads.prefix(4).map { "\($0.name) \(Decimals.text($0.seconds, 1)) s" }
    return
      "\(Decimals.text(user, 1)) s + \(Decimals.text(system, 1)) s of the processors (\(share) of "
      + "one), \(mostResident >> 20) MiB at most; threads: " + names.joined(separator: ", ")
  }
}

/// The server's memory at the start, the quarters, and the end.
final class MemorySamples: Sendable {
  struct Sample: Sendable {
    let receipts: Int
    let resident: Int
  }

  private let process: Int32
  private let places: Set<Int>
  private let samples = Mutex<[Sample]>([])

  init(process: Int32, total: Int) {
    self.process = process
    places = Set((1...4).map { max(1, total * $0 / 4) })
    take(0)
  }

  var all: [Sample] { samples.withLock { $0 } }

  func reached(_ receipts: Int) {
    if places.contains(receipts) { take(receipts) }
  }

  private func take(_ receipts: Int) {
    guard let figures = ProcessFigures(process: process) else { return }
    samples.withLock { $0.append(Sample(receipts: receipts, resident: figures.resident)) }
  }
}

/// Numbers with a fixed number of decimals.
enum Decimals {
  static func text(_ value: Double, _ places: Int) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "0" }
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = Int((abs(value) * Double(scale)).rounded())
    let fraction = String(scaled % scale)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return sign + String(scaled) }
    return sign + "\(scaled / scale)."
      + String(repeating: "0", count: places - fraction.count) + fraction
  }
}
