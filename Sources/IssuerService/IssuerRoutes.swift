// SPDX-License-Identifier: Apache-2.0

internal import BlindSignatures
internal import Cryptography
internal import Election
internal import HTTPTypes
public import Hummingbird
public import Issuance
internal import Ledger
internal import Metrics
public import Service
internal import StrictJSON

/// The issuer's routes (`Specs/openapi/issuer.yaml`).
///
/// Whoever is not on the roll, or does not show who they are, gets one answer in one time: the routes say nothing
/// about the roll.
public struct IssuerRoutes: Sendable {
  let desk: IssuerDesk
  let ledger: any WitnessedLedger
  let limits: ServiceLimits
  let attempts: AttemptLimit
  let metrics: IssuerMetrics
  let asking: ConcurrencyLimit
  let door: CitizenDoor?

  /// How long every refusal takes that must not tell anything: longer than the desk looks for a reason.
  static let refusalTime = IssuerDesk.catchingUp + .seconds(1)

  /// Routes over a desk.
  /// - Parameter door: for citizens with identifiers; without it fields of a proxy and tokens are not looked at.
  public init(
    desk: IssuerDesk, ledger: any WitnessedLedger, limits: ServiceLimits, attempts: AttemptLimit,
    metrics: IssuerMetrics, asking: ConcurrencyLimit, door: CitizenDoor? = nil
  ) {
    self.desk = desk
    self.ledger = ledger
    self.limits = limits
    self.attempts = attempts
    self.metrics = metrics
    self.asking = asking
    self.door = door
  }

  /// Adds the routes.
  public func add(to router: Router<ServiceContext>) {
    let group = router.group("v1")
    group.add(middleware: asking.middleware())
    group.post("entry") { request, context in try await entry(request, context) }
    group.post("issue") { request, context in try await issue(request, context) }
    group.get("issue/:request") { _, context in try await lost(context) }
    group.post("cancel") { request, _ in try await cancel(request) }
    router.get("v1/directory") { _, _ in try await directory() }
  }

  // MARK: Asking

  private func entry(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let start = ContinuousClock.now
    let body = try await request.boundedBody(EntryQuestion.maximumByteCount, limits: limits)
    let question: EntryQuestion
    do { question = try EntryQuestion(bytes: body) } catch { throw Self.form("\(error)") }
    var place: AttemptLimit.Place?
    if case .keys(let question) = question {
      place = AttemptLimit.Place(district: question.district, index: question.index)
    }
    if let place {
      guard await attempts.mayTry(place) else { throw refused(.tooMany) }
    }
    do throws(IssuanceRefusal) {
      let answer: RollAnswer
      switch question {
      case .keys(let question): answer = try await desk.entry(question)
      case .identified(let question):
        guard let citizen = try await citizen(request, context, question) else { throw .unknown }
        answer = try await desk.entry(of: citizen)
      }
      return .uncached(.ok, answer.json.canonicalBytes(), contentType: "application/json")
    } catch { throw try await problem(error, place, since: start) }
  }

  private func issue(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let start = ContinuousClock.now
    let body = try await request.boundedBody(IssueMessage.maximumByteCount, limits: limits)
    let message: IssueMessage
    do { message = try IssueMessage(bytes: body, in: await ledger.state.group) } catch {
      throw Self.form("\(error)")
    }
    let place = AttemptLimit.Place(
      district: message.record.district, index: message.record.index)
    guard await attempts.mayTry(place) else { throw refused(.tooMany) }
    do throws(IssuanceRefusal) {
      let citizen = try await citizen(request, context, message)
      let answer = try await desk.issue(message, citizen: citizen)
      metrics.issued()
      return .uncached(.ok, answer.json.canonicalBytes(), contentType: "application/json")
    } catch { throw try await problem(error, place, since: start) }
  }

  /// Who asks for the own entry.
  private func citizen(
    _ request: Request, _ context: ServiceContext, _ question: IdentifiedQuestion
  ) async throws(IssuanceRefusal) -> CitizenIdentity? {
    guard let door else { return nil }
    let scope = try await scope
    // Without a token there is nothing to bind.
    let random = question.token?.random ?? SHA256.hash([])
    return try await door.citizen(
      request, context, token: question.token?.bytes,
      boundTo: IdentifiedQuestion.nonce(scope: scope, random: random))
  }

  /// Who asks for a signature.
  private func citizen(
    _ request: Request, _ context: ServiceContext, _ message: IssueMessage
  ) async throws(IssuanceRefusal) -> CitizenIdentity? {
    guard let door else { return nil }
    let scope = try await scope
    return try await door.citizen(
      request, context, token: message.idToken, boundTo: message.record.request(in: scope).hash)
  }

  private var scope: CredentialScope {
    get async throws(IssuanceRefusal) {
      guard let scope = await ledger.state.scope else { throw .unavailable("there is no election") }
      return scope
    }
  }

  private func lost(_ context: ServiceContext) async throws -> Response {
    guard let text = context.parameters.get("request"), let request = Digest(hex: text) else {
      throw Problem(.notFound)
    }
    let answer: IssueAnswer?
    do throws(IssuanceRefusal) { answer = try await desk.answer(to: request) } catch {
      throw refused(error)
    }
    guard let answer else { throw Problem(.notFound) }
    return .uncached(.ok, answer.json.canonicalBytes(), contentType: "application/json")
  }

  private func cancel(_ request: Request) async throws -> Response {
    let body = try await request.boundedBody(limits.bodyBytes, limits: limits)
    let file: EntryFile
    do { file = try EntryFile(bytes: body) } catch { throw Self.form("\(error)") }
    guard file.entry.type == EntryType.credentialCancelled.rawValue else {
      throw Self.form("an entry of the type \(EntryType.credentialCancelled.rawValue)")
    }
    do throws(IssuanceRefusal) { try await ledger.send(file) } catch { throw refused(error) }
    let leaf = JSONValue.object([
      JSONMember(name: "version", value: .integer(1)),
      JSONMember(name: "leaf", value: .string(file.entry.leafHash.hex)),
    ])
    return .uncached(.accepted, leaf.canonicalBytes(), contentType: "application/json")
  }

  private func directory() async throws -> Response {
    let state = await ledger.state
    guard let terms = state.terms, let electionID = state.electionID,
      let issuer = terms.issuer(desk.identity.number)
    else { throw Problem.busy(retryAfter: 10) }
    let value = JSONValue.object([
      JSONMember(name: "version", value: .integer(1)),
      JSONMember(name: "election", value: .string(electionID.hex)),
      JSONMember(name: "issuer", value: .integer(Int64(desk.identity.number))),
      JSONMember(name: "name", value: .string(issuer.name)),
      JSONMember(
        name: "keys", value: .array(issuer.credentialKeys.map { .string($0.keyID.hex) })),
    ])
    return .uncached(.ok, value.canonicalBytes(), contentType: "application/json")
  }

  // MARK: Refusing

  private func problem(
    _ refusal: IssuanceRefusal, _ place: AttemptLimit.Place?, since start: ContinuousClock.Instant
  ) async throws -> Problem {
    if refusal == .unknown {
      if let place { await attempts.failed(place) }
      try await Task.sleep(until: start + Self.refusalTime, clock: .continuous)
    }
    return refused(refusal)
  }

  private func refused(_ refusal: IssuanceRefusal) -> Problem {
    metrics.refused(refusal)
    return refusal.problem
  }

  private static func form(_ detail: String) -> Problem {
    Problem(
      .badRequest, type: "urn:urna:problem:form", title: "The body is not in the form.",
      detail: detail)
  }
}

extension IssuanceRefusal {
  /// The answer over HTTP.
  var problem: Problem {
    switch self {
    case .unknown:
      return Problem(
        .forbidden, type: "urn:urna:problem:unknown", title: "Nothing was issued.",
        detail:
          "The request does not belong to an entry of the roll, or does not show that it does.")
    case .conflict(let earlier, let entry):
      var extensions: [JSONMember] = []
      if entry >= 0 {
        extensions.append(JSONMember(name: "entry", value: .integer(Int64(entry))))
      }
      if let earlier {
        extensions += [
          JSONMember(name: "request", value: .string(earlier.request.hex)),
          JSONMember(
            name: "record", value: .string(String(decoding: earlier.record, as: UTF8.self))),
          JSONMember(
            name: "blindSignature", value: .string(Hex.encode(earlier.blindSignature))),
        ]
      }
      return Problem(
        .conflict, type: "urn:urna:problem:conflict",
        title: "Another request of this entry was recorded before.",
        detail: "The earlier request is signed with the entry's keys.", extensions: extensions)
    case .otherScope:
      return Problem(
        .unprocessableContent, type: "urn:urna:problem:scope",
        title: "The issuer has signed for another election or petition.")
    case .closed(let phase):
      return Problem(
        .gone, type: "urn:urna:problem:phase", title: "No credentials are issued now.",
        detail: "The election is in the phase \(phase.rawValue).")
    case .form(let detail):
      return Problem(
        .unprocessableContent, type: "urn:urna:problem:request",
        title: "The request cannot be signed.", detail: detail)
    case .tooMany:
      return Problem(
        .tooManyRequests, detail: "Too many requests about this entry failed.",
        headers: [.retryAfter: "600"])
    case .notWitnessed:
      return Problem.busy(
        retryAfter: 2, detail: "The request is recorded, and not yet witnessed. Ask again.")
    case .refused(let reason):
      let title = "The ballot box refused the record of the request."
      guard let rule = RuleID(rawValue: reason) else {
        return Problem(.unprocessableContent, type: "urn:urna:problem:request", title: title)
      }
      let item: JSONValue = ["id": .string(rule.rawValue), "sentence": .string(rule.sentence)]
      return Problem(
        .unprocessableContent, type: "urn:urna:problem:rule", title: title,
        extensions: [
          JSONMember(name: "rule", value: .string(rule.rawValue)),
          JSONMember(name: "rules", value: .array([item])),
        ])
    case .unavailable: return Problem.busy(retryAfter: 5, detail: "The issuer cannot work now.")
    }
  }

  /// One word for metrics.
  var reason: String {
    switch self {
    case .unknown: "unknown"
    case .conflict: "conflict"
    case .otherScope: "scope"
    case .closed: "phase"
    case .form: "form"
    case .tooMany: "attempts"
    case .notWitnessed: "witnesses"
    case .refused: "rule"
    case .unavailable: "unavailable"
    }
  }
}

/// `issuer_issued_total`, `issuer_refused_total{reason}`.
public struct IssuerMetrics: Sendable {
  private let registry: MetricsRegistry

  /// Metrics of a registry.
  public init(registry: MetricsRegistry) {
    self.registry = registry
    registry.describe("issuer_issued_total", "Answers with a signature, repeated ones among them.")
    registry.describe("issuer_refused_total", "Requests that were not signed, by reason.")
  }

  func issued() { Counter(label: "issuer_issued_total", factory: registry).increment() }

  func refused(_ refusal: IssuanceRefusal) {
    Counter(
      label: "issuer_refused_total", dimensions: [("reason", refusal.reason)], factory: registry
    ).increment()
  }
}
