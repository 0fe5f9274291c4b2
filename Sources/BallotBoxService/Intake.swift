// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
public import Election
public import Ledger

/// Why an entry was not taken in. Nothing was decided about it; it can be sent again.
public enum IntakeError: Error, Equatable, Sendable {
  /// The pool is full.
  case full
  /// The author has as many entries in the pool as one author may have.
  case tooManyOfAuthor
  /// The box is stopping.
  case closed
}

/// What the box answers about an entry.
public enum Answer: Sendable {
  /// It is in the log, and promised to be shown by the deadline.
  case promised(InclusionPromise)
  /// It breaks rules, and is not in the log.
  case refused(Findings)
}

/// The pool: where entries wait for their batch, in memory only.
///
/// Bounded in entries, bytes, entries of one author and waiting callers. Which of a batch's entries came
/// first is not known even here: a batch is sorted by hash (`Specs/entries.md`), and no entry carries a
/// time.
public actor Intake {
  /// How much may wait.
  public struct Limits: Sendable {
    /// Entries of one batch; a pool of that many is decided at once.
    public var batchEntries = 256
    /// How long the first entry of a batch waits for others.
    public var batchInterval: Duration = .seconds(1)
    /// Entries that wait.
    public var entries = 4096
    /// Bytes that wait.
    public var bytes = 256 << 20
    /// Entries of one voter that wait.
    public var entriesOfVoter = 2
    /// Entries of another author that wait. An issuer may have half of all.
    public var entriesOfOthers = 64
    /// Callers that wait for the same entry.
    public var callersOfEntry = 8

    /// The standard limits.
    public init() {}
  }

  /// Who waits for an entry's answer.
  package struct Ticket: Sendable {
    package let file: EntryFile
    package var callers: [CheckedContinuation<Answer, any Error>]
    /// How many batches were taken before it came.
    fileprivate let round: UInt64
  }

  private let limits: Limits
  private var tickets: [Digest: Ticket] = [:]
  private var bytes = 0
  private var countOfAuthor: [Author: Int] = [:]
  private var isClosed = false
  private var round: UInt64 = 0
  private var firstArrival: ContinuousClock.Instant?
  /// The one consumer, while it waits; resumed whenever it may have something to do.
  private var consumer: CheckedContinuation<Void, Never>?

  /// An empty pool.
  public init(limits: Limits = Limits()) { self.limits = limits }

  /// Entries that wait.
  public var count: Int { tickets.count }

  /// Waits for the answer about an entry. The same entry twice in one pool gets one answer.
  ///
  /// - Throws: ``IntakeError``, or what stopped the box.
  public func submit(_ file: EntryFile) async throws -> Answer {
    guard !isClosed else { throw IntakeError.closed }
    let leaf = file.entry.leafHash
    if let waiting = tickets[leaf] {
      guard waiting.callers.count < limits.callersOfEntry else { throw IntakeError.full }
    } else {
      guard tickets.count < limits.entries, bytes + file.payload.count <= limits.bytes else {
        throw IntakeError.full
      }
      let author = file.entry.author
      guard countOfAuthor[author, default: 0] < limit(of: author) else {
        throw IntakeError.tooManyOfAuthor
      }
      countOfAuthor[author, default: 0] += 1
      bytes += file.payload.count
      tickets[leaf] = Ticket(file: file, callers: [], round: round)
      if firstArrival == nil { firstArrival = .now }
    }
    return try await withCheckedThrowingContinuation { continuation in
      tickets[leaf]?.callers.append(continuation)
      wakeConsumer()
    }
  }

  private func limit(of author: Author) -> Int {
    switch author {
    case .pseudonym, .citizen: limits.entriesOfVoter
    case .commission, .ballotBox, .trustee: limits.entriesOfOthers
    // Many citizens ask through one issuer.
    case .issuer: limits.entries / 2
    }
  }

  /// The next batch: as soon as the pool holds enough, or its first entry has waited long enough. What
  /// remains keeps its place.
  ///
  /// - Returns: nil once the pool is closed and empty.
  package func next() async -> [Ticket]? {
    while true {
      if tickets.isEmpty {
        if isClosed { return nil }
        await wait(until: nil)
        continue
      }
      if isClosed || tickets.count >= limits.batchEntries { return take() }
      let due = (firstArrival ?? .now) + limits.batchInterval
      if ContinuousClock.now >= due { return take() }
      await wait(until: due)
    }
  }

  private func take() -> [Ticket] {
    let taken = choice()
    round += 1
    for ticket in taken {
      tickets[ticket.file.entry.leafHash] = nil
      bytes -= ticket.file.payload.count
      let author = ticket.file.entry.author
      countOfAuthor[author, default: 0] -= 1
      if countOfAuthor[author, default: 0] <= 0 { countOfAuthor[author] = nil }
    }
    firstArrival = tickets.isEmpty ? nil : .now
    return taken
  }

  /// Who is in the next batch: whoever came before more of the earlier batches, so that nobody is
  /// overtaken for ever; among those who came between the same two batches, chance.
  private func choice() -> [Ticket] {
    guard tickets.count > limits.batchEntries else { return Array(tickets.values) }
    var chosen: [Ticket] = []
    let rounds = Dictionary(grouping: tickets.values, by: \.round)
    for (_, group) in rounds.sorted(by: { $0.key < $1.key }) {
      chosen += group.shuffled().prefix(limits.batchEntries - chosen.count)
      if chosen.count == limits.batchEntries { break }
    }
    return chosen
  }

  private func wait(until due: ContinuousClock.Instant?) async {
    let alarm = due.map { due in
      Task { [weak self] in
        do { try await Task.sleep(until: due, clock: .continuous) } catch { return }
        await self?.wakeConsumer()
      }
    }
    await withCheckedContinuation { consumer = $0 }
    alarm?.cancel()
  }

  private func wakeConsumer() {
    consumer?.resume()
    consumer = nil
  }

  /// Takes in nothing more; what waits is still decided.
  public func close() {
    isClosed = true
    wakeConsumer()
  }

  /// Answers everybody who waits with an error.
  package func fail(_ error: any Error) {
    isClosed = true
    for ticket in tickets.values { ticket.callers.forEach { $0.resume(throwing: error) } }
    tickets = [:]
    bytes = 0
    countOfAuthor = [:]
    wakeConsumer()
  }
}
