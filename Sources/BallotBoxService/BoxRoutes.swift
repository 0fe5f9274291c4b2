// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Election
public import Hummingbird
internal import Ledger
internal import Sequencing
public import Service
internal import StrictJSON

/// The box's routes (`Specs/openapi/ballot-box.yaml`): what is submitted, and what became of it.
public struct BoxRoutes: Sendable {
  let box: BallotBox
  let intake: Intake
  let board: WitnessedBoard
  let metrics: BoxMetrics
  let limits: ServiceLimits
  let submitting: ConcurrencyLimit
  let waiting: ConcurrencyLimit

  /// How long a request may wait for its receipt, in seconds.
  public static let maximumWait = 60

  /// Routes over the parts of a box.
  /// - Parameters:
  ///   - submitting: how many requests may submit entries, and wait for their batch.
  ///   - waiting: how many requests may wait for receipts.
  public init(
    box: BallotBox, intake: Intake, board: WitnessedBoard, metrics: BoxMetrics,
    limits: ServiceLimits, submitting: ConcurrencyLimit, waiting: ConcurrencyLimit
  ) {
    self.box = box
    self.intake = intake
    self.board = board
    self.metrics = metrics
    self.limits = limits
    self.submitting = submitting
    self.waiting = waiting
  }

  /// Adds the routes.
  public func add(to router: Router<ServiceContext>) {
    let submissions = router.group()
    submissions.add(middleware: submitting.middleware())
    submissions.post("ballots") { request, _ in
      try await submit(request, accepting: [.ballotSubmitted], code: nil)
    }
    submissions.post("ballots/:code/cast") { request, context in
      try await submit(request, accepting: [.ballotCast], code: digest(context, "code"))
    }
    submissions.post("ballots/:code/challenge") { request, context in
      try await submit(request, accepting: [.ballotChallenged], code: digest(context, "code"))
    }
    submissions.post("entries") { request, _ in
      try await submit(request, accepting: Self.generalTypes, code: nil)
    }
    let waits = router.group()
    waits.add(middleware: waiting.middleware())
    waits.get("ballots/:code") { request, context in
      try await ballot(digest(context, "code"), wait: wait(request))
    }
    waits.get("entries/:leaf") { request, context in
      try await entry(digest(context, "leaf"), wait: wait(request))
    }
  }

  /// All but ballots and decisions about them: what the commission, the trustees and the issuers send, and
  /// voters about their credentials. The configuration begins a log, and is given to the box by its operator.
  static let generalTypes = Set(EntryType.allCases).subtracting([
    .configuration, .batch, .ballotSubmitted, .ballotCast, .ballotChallenged,
  ])

  // MARK: Submitting

  private func submit(
    _ request: Request, accepting types: Set<EntryType>, code: Digest?
  ) async throws -> Response {
    let file = try await entryFile(request)
    guard let type = EntryType(rawValue: file.entry.type), types.contains(type) else {
      metrics.refused(reason: "type")
      throw Problem.wrongPlace("This address takes no entry of the type \(file.entry.type).")
    }
    if let code, file.confirmationCode(in: await box.state.group) != code {
      metrics.refused(reason: "code")
      throw Problem.wrongPlace("The entry is about another ballot than the address.")
    }
    // What is in the log is answered from the log, in whatever phase the election is now: whoever sends
    // it again, and anybody can, takes nobody's place in the pool.
    if let promise = try await box.promise(forPublished: file) {
      metrics.repeated()
      return accepted(promise)
    }
    let findings = await box.state.precheck(file)
    guard !findings.hasFailures else {
      metrics.refused(findings)
      throw Problem.refused(findings)
    }
    switch try await answer(about: file) {
    case .promised(let promise): return accepted(promise)
    case .refused(let findings): throw Problem.refused(findings)
    }
  }

  private func accepted(_ promise: InclusionPromise) -> Response {
    let place = promise.confirmationCode.map { "/ballots/\($0.hex)" }
    return .uncached(
      .accepted, promise.bytes, contentType: "application/json",
      headers: [.location: place ?? "/entries/\(promise.leafHash.hex)"])
  }

  private func entryFile(_ request: Request) async throws -> EntryFile {
    let bytes = try await request.boundedBody(limits.bodyBytes, limits: limits)
    do { return try EntryFile(bytes: bytes) } catch {
      metrics.refused(reason: "form")
      throw Problem(
        .badRequest, type: "urn:urna:problem:form", title: "The body is no entry.",
        detail: "\(error)")
    }
  }

  private func answer(about file: EntryFile) async throws -> Answer {
    do { return try await intake.submit(file) } catch let error as IntakeError {
      metrics.refused(reason: "\(error)")
      switch error {
      case .full: throw Problem.busy(retryAfter: 2, detail: "The box has too much to do.")
      case .closed: throw Problem.busy(retryAfter: 10, detail: "The box is stopping.")
      case .tooManyOfAuthor:
        throw Problem(
          .tooManyRequests, detail: "Other entries of this author are being decided about.",
          headers: [.retryAfter: "2"])
      }
    }
  }

  // MARK: Asking

  private func ballot(_ code: Digest, wait: Duration) async throws -> Response {
    guard let known = await published(code) else { throw Problem(.notFound) }
    let isWitnessed = await board.wait(forSize: UInt64(known.newest) + 1, atMost: wait)
    // While this waited a decision may have been published.
    let ballot = await published(code) ?? known
    let head = await board.head
    var members = [
      JSONMember(name: "version", value: .integer(1)),
      JSONMember(name: "code", value: .string(code.hex)),
      JSONMember(name: "entry", value: .integer(Int64(ballot.entry))),
      JSONMember(name: "status", value: .string(ballot.status)),
    ]
    if let receipt = try receipt(ballot.entry, head) {
      members.append(JSONMember(name: "receipt", value: receipt))
    }
    if ballot.newest != ballot.entry {
      var decision = [JSONMember(name: "entry", value: .integer(Int64(ballot.newest)))]
      if let receipt = try receipt(ballot.newest, head) {
        decision.append(JSONMember(name: "receipt", value: receipt))
      }
      members.append(JSONMember(name: "decision", value: .object(decision)))
    }
    let isComplete = isWitnessed && UInt64(ballot.newest) < head?.checkpoint.size ?? 0
    return .uncached(
      isComplete ? .ok : .accepted, JSONValue.object(members).canonicalBytes(),
      contentType: "application/json")
  }

  /// What is published of a ballot: its entry, its newest entry, its status. The state runs ahead of
  /// that while a batch is written, and nobody is told what a crash could still undo.
  private func published(
    _ code: Digest
  ) async -> (entry: Int, newest: Int, status: String)? {
    guard let ballot = await box.state.ballots.ballot(code) else { return nil }
    let size = box.sequencer.head.checkpoint.size
    guard UInt64(ballot.entry) < size else { return nil }
    switch ballot.decision {
    case .cast(let entry) where UInt64(entry) < size: return (ballot.entry, entry, "cast")
    case .challenged(let entry) where UInt64(entry) < size:
      return (ballot.entry, entry, "challenged")
    default: return (ballot.entry, ballot.entry, "submitted")
    }
  }

  private func entry(_ leaf: Digest, wait: Duration) async throws -> Response {
    guard let index = try await box.sequencer.index(ofLeaf: leaf),
      index < box.sequencer.head.checkpoint.size
    else { throw Problem(.notFound) }
    let isWitnessed = await board.wait(forSize: index + 1, atMost: wait)
    var members = [
      JSONMember(name: "version", value: .integer(1)),
      JSONMember(name: "entry", value: .integer(Int64(clamping: index))),
      JSONMember(name: "leaf", value: .string(leaf.hex)),
    ]
    if let receipt = try receipt(Int(clamping: index), await board.head) {
      members.append(JSONMember(name: "receipt", value: receipt))
    }
    return .uncached(
      isWitnessed ? .ok : .accepted, JSONValue.object(members).canonicalBytes(),
      contentType: "application/json")
  }

  /// The receipt of an entry under a witnessed checkpoint; nil if it does not reach so far.
  private func receipt(_ index: Int, _ head: WitnessedBoard.Head?) throws -> JSONValue? {
    guard let head, UInt64(clamping: index) < head.checkpoint.size else { return nil }
    let receipt = try InclusionReceipt(
      index: UInt64(clamping: index),
      proof: TileTree(box.tiles, size: head.checkpoint.size).inclusionProof(
        index: UInt64(clamping: index)),
      checkpoint: head.note)
    return .string(String(decoding: receipt.bytes, as: UTF8.self))
  }

  private func digest(_ context: ServiceContext, _ name: String) throws -> Digest {
    guard let text = context.parameters.get(name), let digest = Digest(hex: text) else {
      throw Problem(.notFound)
    }
    return digest
  }

  private func wait(_ request: Request) throws -> Duration {
    guard let text = request.uri.queryParameters["wait"] else { return .zero }
    guard let seconds = Decimal.decode(text.utf8, maximum: UInt64(Self.maximumWait)) else {
      throw Problem(
        .badRequest, detail: "wait: whole seconds from 0 to \(Self.maximumWait)")
    }
    return .seconds(Int64(seconds))
  }
}

extension Problem {
  /// The entry breaks rules: the first one in words, all of them by name.
  static func refused(_ findings: Findings) -> Problem {
    let failures = findings.failures
    var seen = Set<RuleID>()
    let rules = failures.map(\.rule).filter { seen.insert($0).inserted }
    return Problem(
      .unprocessableContent, type: "urn:urna:problem:rule",
      title: failures.first?.rule.sentence ?? "The entry breaks a rule.",
      detail: failures.first?.detail,
      extensions: [
        JSONMember(name: "rule", value: .string(failures.first?.rule.rawValue ?? "")),
        JSONMember(
          name: "rules",
          value: .array(
            rules.prefix(32).map {
              ["id": .string($0.rawValue), "sentence": .string($0.sentence)]
            })),
      ])
  }

  static func wrongPlace(_ detail: String) -> Problem {
    Problem(
      .unprocessableContent, type: "urn:urna:problem:address",
      title: "The entry was sent to the wrong address.", detail: detail)
  }
}
