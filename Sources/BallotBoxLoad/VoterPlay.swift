// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Election
internal import Ledger
internal import NIOHTTP1
internal import StrictJSON

/// Plays a voter: sends a ballot, checks the promise, waits for the witnessed receipt and verifies it.
struct VoterPlay: Sendable {
  /// What promises and receipts are checked with.
  struct Keys: Sendable {
    let electionID: Digest
    let boxKey: Ed25519.PublicKey
    let logKey: NoteVerifierKey
    let policy: WitnessPolicy
  }

  let connections: LoadConnections
  let tally: LoadTally
  let keys: Keys
  /// Whether ballots are cast, too.
  let casts: Bool

  /// How long a voter tries.
  private static let patience = Duration.seconds(180)
  /// How long the server may let a question wait, in seconds.
  private static let wait = 30

  /// Sends a ballot.
  ///
  /// - Parameter due: when the voter came; times count from there.
  /// - Returns: whether the box promised it.
  func submit(_ ballot: PreparedBallot, due: ContinuousClock.Instant) async -> Bool {
    tally.count { $0.begun += 1 }
    let leaf = PreparedBallot.leafHash(ballot.submission)
    guard await send("/ballots", ballot.submission, leaf, ballot.code) else { return false }
    tally.promised(after: due.duration(to: .now))
    return true
  }

  /// Waits for the receipt of a ballot that was promised, and casts it if that is wanted.
  ///
  /// - Returns: how many receipts there are now; nil if there is none for this ballot.
  func collect(_ ballot: PreparedBallot, due: ContinuousClock.Instant) async -> Int? {
    let leaf = PreparedBallot.leafHash(ballot.submission)
    guard await receipt(ballot.code, leaf, isDecision: false) else { return nil }
    let count = tally.received(after: due.duration(to: .now))
    if casts {
      let leaf = PreparedBallot.leafHash(ballot.cast)
      if await send("/ballots/\(ballot.code.hex)/cast", ballot.cast, leaf, ballot.code),
        await receipt(ballot.code, leaf, isDecision: true)
      {
        tally.count { $0.decisions += 1 }
      }
    }
    return count
  }

  /// Posts an entry until it is decided about, and checks the promise.
  private func send(
    _ path: String, _ bytes: [UInt8], _ leaf: Digest, _ code: Digest
  ) async -> Bool {
    let answer = await ask(LoadRequest(method: .POST, path: path, body: bytes)) {
      tally.count { $0.submissionsRepeated += 1 }
    }
    guard let answer else { return false }
    guard answer.status == 202 else {
      tally.refused("\(path.prefix(9)): status \(answer.status) \(Self.start(answer.body))")
      return false
    }
    do {
      let promise = try InclusionPromise(bytes: answer.body)
      guard promise.electionID == keys.electionID, promise.leafHash == leaf,
        promise.confirmationCode == code, promise.isSignatureValid(key: keys.boxKey)
      else {
        tally.failed("a promise that does not hold")
        return false
      }
      return true
    } catch {
      tally.failed("a promise that cannot be read: \(error)")
      return false
    }
  }

  /// Asks for the receipt until it is there, and verifies it.
  private func receipt(_ code: Digest, _ leaf: Digest, isDecision: Bool) async -> Bool {
    let path = "/ballots/\(code.hex)?wait=\(Self.wait)"
    let end = ContinuousClock.now + Self.patience
    while ContinuousClock.now < end {
      let answer = await ask(LoadRequest(method: .GET, path: path)) {
        tally.count { $0.questionsRepeated += 1 }
      }
      guard let answer else { return false }
      guard answer.status == 200 || answer.status == 202 else {
        tally.failed("GET /ballots: status \(answer.status) \(Self.start(answer.body))")
        return false
      }
      do {
        guard let receipt = try Self.receipt(answer.body, isDecision: isDecision) else { continue }
        _ = try receipt.verify(leafHash: leaf, logKey: keys.logKey, policy: keys.policy)
        return true
      } catch {
        tally.failed("a receipt that does not hold: \(error)")
        return false
      }
    }
    tally.failed("no witnessed receipt within \(Self.patience)")
    return false
  }

  private static func receipt(
    _ body: [UInt8], isDecision: Bool
  ) throws -> InclusionReceipt? {
    let limits = JSONLimits(
      maxBytes: 2 * InclusionReceipt.maximumByteCount,
      maxStringBytes: InclusionReceipt.maximumByteCount)
    var fields = try JSONReader(JSONValue(parsing: body, limits: limits)).openFields()
    if isDecision {
      guard let decision = fields.optional("decision") else { return nil }
      fields = try decision.openFields()
    }
    guard let text = fields.optional("receipt") else { return nil }
    return try InclusionReceipt(
      Array(text.string(maxBytes: InclusionReceipt.maximumByteCount).utf8))
  }

  /// Sends a request until the answer is another one than 503 and 429.
  private func ask(_ request: LoadRequest, onBusy: () -> Void) async -> LoadAnswer? {
    let end = ContinuousClock.now + Self.patience
    do {
      while true {
        let answer = try await connections.exchange(request)
        guard answer.status == 503 || answer.status == 429 else { return answer }
        guard ContinuousClock.now < end else {
          tally.refused("busy for \(Self.patience)")
          return nil
        }
        onBusy()
        // Up to half is added, so that not all come back in one moment.
        let pause = Duration.seconds(max(1, answer.retryAfter ?? 1))
        try await Task.sleep(for: pause + pause * Double.random(in: 0...0.5))
      }
    } catch is CancellationError { return nil } catch {
      tally.failed("\(request.method.rawValue) \(request.path.prefix(9)): \(error)")
      return nil
    }
  }

  private static func start(_ body: [UInt8]) -> String {
    String(decoding: body.prefix(300).filter { (0x20...0x7E).contains($0) }, as: UTF8.self)
  }
}
