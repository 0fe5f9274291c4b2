// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Election
public import Ledger
internal import WebClient

/// Sends entries to an election's ballot box, and believes nothing that it answers: a promise counts when the
/// box signed it for the leaf that this program computed, a receipt when it leads from that leaf to a
/// checkpoint that the log signed and the witnesses' quorum cosigned.
public struct Submission: Sendable {
  private let url: String
  private let client: BoxClient
  private let logKey: NoteVerifierKey
  private let configuration: ElectionConfiguration
  private let state: ElectionState
  private let waiting: Duration
  private let promisePath: String?
  private let receiptPath: String?

  /// How far the clocks of box and voter may be apart, in seconds.
  static let clockTolerance = 600

  /// What became of an entry.
  public enum Outcome: Sendable, Equatable {
    /// It stands in the log, and the receipt holds.
    case witnessed(entry: UInt64)
    /// The box promised to publish it by the deadline; no receipt came in time.
    case promised(deadline: Int)
    /// The box says that it stands in the log, and gave neither promise nor receipt in time.
    case known(entry: UInt64)

    /// Whether the box can be held to it.
    var isBinding: Bool {
      if case .known = self { false } else { true }
    }
  }

  init(
    _ location: RecordLocation, logKey: NoteVerifierKey, _ state: ElectionState,
    waiting: Duration, promisePath: String?, receiptPath: String?
  ) throws(ProgramError) {
    guard let client = location.client else {
      throw ProgramError(
        .usage, "--submit: the record is a folder",
        hint: "name the ballot box by its URL, or write a file with --output")
    }
    guard let configuration = state.configuration else {
      throw ProgramError(.incomplete, "\(location.name): the record has no configuration")
    }
    url = location.name
    self.client = BoxClient(client)
    self.logKey = logKey
    self.configuration = configuration
    self.state = state
    self.waiting = waiting
    self.promisePath = promisePath
    self.receiptPath = receiptPath
  }

  /// Sends an entry, and says in words what the sender has now and what to do next.
  /// - Throws: `ProgramError`: 1 refused by a rule, or an answer that is worthless; 3 no receipt in time;
  ///   4 no answer.
  public func send(_ entry: EntryFile) async throws(ProgramError) {
    try report(try await sent(entry), of: entry)
  }

  /// Says an outcome in words.
  func report(_ outcome: Outcome, of entry: EntryFile) throws(ProgramError) {
    switch outcome {
    case .witnessed(let index):
      Console.print("\(entry.entry.type): in the log at \(index), and the receipt holds")
      if let receiptPath { Console.print("keep \(receiptPath): it proves this without a server") }
    case .promised(let deadline):
      throw ProgramError(
        .incomplete,
        "the ballot box promised to publish the entry by \(UniversalTime.text(deadline)); "
          + "no receipt came in time",
        hint: promiseHint)
    case .known(let index):
      throw ProgramError(
        .incomplete,
        "the ballot box says that the entry is in the log at \(index); no receipt came in time",
        hint: "run the command again, or look for the entry in the record")
    }
  }

  private var promiseHint: String {
    guard let promisePath else { return "wait longer with --wait, keep promises with --promise" }
    return "after that time: verifier promise \(promisePath) --record \(url)"
  }

  /// The same without words.
  public func sent(_ entry: EntryFile) async throws(ProgramError) -> Outcome {
    let code = entry.confirmationCode(in: state.group)
    let leaf = entry.entry.leafHash
    let place = try place(of: entry, code)
    let answer: BoxClient.Answer
    do { answer = try await client.submit(entry, to: place) } catch {
      // The box may have it all the same.
      if let outcome = try await outcomeOfKnown(leaf) { return outcome }
      throw ProgramError(
        .inputOutput, "\(url)/\(error)",
        hint: "it is not known whether the box has the entry; sending it again does no harm")
    }
    switch answer {
    case .promise(let bytes):
      let promise = try checked(bytes, leaf: leaf, code: code)
      if let promisePath {
        try Files.write(promise.bytes, to: promisePath)
        Console.print(
          "the ballot box promised to publish the entry by \(UniversalTime.text(promise.deadline)); "
            + "keep \(promisePath)")
      }
      return try await receipt(of: leaf) ?? .promised(deadline: promise.deadline)
    case .problem(let problem):
      // An entry that came in before breaks rules when it comes again.
      if let outcome = try await outcomeOfKnown(leaf) { return outcome }
      throw error(problem)
    }
  }

  private func outcomeOfKnown(_ leaf: Digest) async throws(ProgramError) -> Outcome? {
    let fate: BoxClient.Fate
    do { fate = try await client.fate(ofLeaf: leaf, wait: 0) } catch { return nil }
    switch fate {
    case .unknown: return nil
    case .pending(let entry), .witnessed(let entry, _):
      return try await receipt(of: leaf) ?? .known(entry: entry)
    }
  }

  private func place(
    of entry: EntryFile, _ code: Digest?
  ) throws(ProgramError) -> BoxClient.Place {
    switch (EntryType(rawValue: entry.entry.type), code) {
    case (.ballotSubmitted, _?): .ballots
    case (.ballotCast, let code?): .cast(code)
    case (.ballotChallenged, let code?): .challenge(code)
    case (.ballotSubmitted, nil), (.ballotCast, nil), (.ballotChallenged, nil):
      throw ProgramError(.wrong, "the payload is not in the form of \(entry.entry.type)")
    default: .entries
    }
  }

  // MARK: Promises
  // adversary: L-05
  // adversary: L-10

  private func checked(
    _ bytes: [UInt8], leaf: Digest, code: Digest?
  ) throws(ProgramError) -> InclusionPromise {
    func worthless(_ reason: String) -> ProgramError {
      ProgramError(
        .wrong, "\(url): the ballot box's promise is worthless: \(reason)",
        hint: "do not rely on this box; tell the commission")
    }
    let promise: InclusionPromise
    do { promise = try InclusionPromise(bytes: bytes) } catch { throw worthless("\(error)") }
    guard promise.leafHash == leaf else {
      throw worthless("it is about another entry than the one that was sent")
    }
    guard promise.electionID == state.electionID else {
      throw worthless("it is about another election")
    }
    guard promise.confirmationCode == code else { throw worthless("it is about another ballot") }
    guard promise.isSignatureValid(key: configuration.ballotBoxKey) else {
      throw worthless("its signature is not the ballot box's")
    }
    let latest = UniversalTime.now + configuration.inclusionSeconds + Self.clockTolerance
    guard promise.deadline <= latest else {
      throw worthless(
        "its deadline \(UniversalTime.text(promise.deadline)) is later than the election's rules allow"
      )
    }
    return promise
  }

  // MARK: Receipts

  /// Waits for the receipt; nil when none came in time.
  private func receipt(of leaf: Digest) async throws(ProgramError) -> Outcome? {
    let end = ContinuousClock.now + waiting
    while true {
      let left = ContinuousClock.now.duration(to: end)
      let seconds = max(0, Int(left.components.seconds))
      var found: BoxClient.Fate?
      do { found = try await client.fate(ofLeaf: leaf, wait: min(seconds, 30)) } catch {
        // A box that is being started again answers later.
        if case .malformed = error { throw ProgramError(.wrong, "\(url)/\(error)") }
      }
      if case .witnessed(let entry, let bytes)? = found {
        try keep(bytes, entry: entry, leaf: leaf)
        return .witnessed(entry: entry)
      }
      guard ContinuousClock.now < end else { return nil }
      do { try await Task.sleep(for: .milliseconds(500)) } catch { return nil }
    }
  }
}

extension Submission {
  private func keep(
    _ bytes: [UInt8], entry: UInt64, leaf: Digest
  ) throws(ProgramError) {
    do {
      let receipt = try InclusionReceipt(bytes)
      guard receipt.index == entry else {
        throw LedgerError("receipt, index", "the place that the ballot box names")
      }
      _ = try receipt.verify(
        leafHash: leaf, logKey: logKey, policy: configuration.witnessPolicy)
    } catch {
      throw ProgramError(
        .wrong, "\(url): the ballot box's receipt does not hold: \(error)",
        hint: "do not rely on this box; tell the commission")
    }
    if let receiptPath { try Files.write(bytes, to: receiptPath) }
  }

  /// What the box refused, with the rule in words that are this program's own.
  // adversary: L-12
  private func error(_ problem: BoxProblem) -> ProgramError {
    var message = "\(url): refused: "
    if let name = problem.rules.first, let rule = RuleID(rawValue: name) {
      message += "\(rule.rawValue): \(rule.sentence)"
    } else {
      message += problem.title
    }
    if let detail = problem.detail { message += " (\(detail))" }
    switch problem.status {
    case 429, 500...:
      return ProgramError(
        .inputOutput, message, hint: "the entry was not taken in; send it again later")
    default:
      return ProgramError(
        .wrong, message,
        hint:
          "who finds this wrong hands the entry in another way: --output, and the file to the commission"
      )
    }
  }
}
