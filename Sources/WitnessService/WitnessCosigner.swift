// SPDX-License-Identifier: Apache-2.0

internal import Glibc
public import Ledger

/// A witness of logs (c2sp.org/tlog-witness): cosigns a tree only if it continues the one that it
/// cosigned before, and stores it durably before it says so.
///
/// Which request is cosigned is ``WitnessRules``' decision; this joins it with the store, the key and
/// the clock. Any number of requests may run at once: the store compares and replaces in one step, and
/// whoever comes too late is decided again from what is stored then.
public final class WitnessCosigner: Sendable {
  /// What is answered.
  public enum Answer: Hashable, Sendable {
    /// Status 200: the signature lines.
    case cosignature([UInt8])
    /// Another status, as the protocol has it.
    case refused(WitnessRefusal)
    /// Status 429: the log asks too often.
    case tooOften
  }

  private let rules: WitnessRules
  private let store: any WitnessStore
  private let cosigner: Cosigner
  private let rate: LogRate
  private let clock: @Sendable () -> UInt64

  /// A witness.
  ///
  /// - Parameters:
  ///   - rules: the logs that it knows.
  ///   - store: its memory.
  ///   - cosigner: its key.
  ///   - rate: how often a log may ask.
  ///   - clock: seconds since 1970-01-01T00:00:00Z.
  public init(
    rules: WitnessRules, store: any WitnessStore, cosigner: consuming Cosigner,
    rate: LogRate = LogRate(), clock: @escaping @Sendable () -> UInt64 = WitnessCosigner.now
  ) {
    self.rules = rules
    self.store = store
    self.cosigner = cosigner
    self.rate = rate
    self.clock = clock
  }

  /// The system's clock.
  public static let now: @Sendable () -> UInt64 = { UInt64(max(0, time(nil))) }

  /// What others verify with.
  public var verifierKey: CosignerKey { cosigner.verifierKey }

  /// Answers a request's body.
  ///
  /// - Throws: ``StoreError/failed(_:)``: nothing is cosigned then, nor later.
  public func addCheckpoint(_ body: [UInt8]) async throws(StoreError) -> Answer {
    let request: AddCheckpointRequest
    do { request = try AddCheckpointRequest(body) } catch { return .refused(.malformed(error)) }
    // Nothing is looked up for strangers.
    guard !rules.keys(origin: request.origin).isEmpty else {
      return answer(rules.decide(request, stored: nil))
    }
    // Whoever loses a race is told the size that won it: that takes one more round, and another one for
    // each further winner.
    for _ in 0..<Self.maximumRounds {
      let stored = try await latest(request.origin)
      switch rules.decide(request, stored: stored?.checkpoint) {
      case .refuse(let refusal): return .refused(refusal)
      case .cosign(let checkpoint, let note):
        guard rate.allows(request.origin) else { return .tooOften }
        let line = try sign(checkpoint)
        let new = try Self.add(line, to: note)
        do {
          try await store.replace(origin: request.origin, old: stored?.note, new: new)
          return .cosignature([UInt8](line.line.utf8))
        } catch .conflict { continue }
      }
    }
    return .tooOften
  }

  /// The note that was cosigned last for a log; nil if none was.
  ///
  /// - Throws: ``StoreError/failed(_:)``.
  public func latestNote(origin: String) async throws(StoreError) -> [UInt8]? {
    try await store.latest(origin: origin)
  }

  /// Reads what is stored for each log, as a start does.
  ///
  /// - Throws: ``StoreError/failed(_:)`` if a note was not cosigned with this witness's key.
  public func checkStore(origins: [String]) async throws(StoreError) {
    for origin in origins { _ = try await latest(origin) }
  }

  private static let maximumRounds = 8

  private func answer(_ decision: WitnessDecision) -> Answer {
    switch decision {
    case .refuse(let refusal): .refused(refusal)
    case .cosign: .refused(.conflict(storedSize: 0))
    }
  }

  private func latest(
    _ origin: String
  ) async throws(StoreError) -> (note: [UInt8], checkpoint: Checkpoint)? {
    guard let note = try await store.latest(origin: origin) else { return nil }
    do {
      return (note, try Checkpoint.verified(note, cosigner: verifierKey))
    } catch {
      throw .failed("the stored note of a log is not this witness's (\(error))")
    }
  }

  private func sign(_ checkpoint: Checkpoint) throws(StoreError) -> SignedNote.Signature {
    do { return try cosigner.cosign(checkpoint: checkpoint.text, time: clock()) } catch {
      throw .failed("no cosignature: \(error)")
    }
  }

  private static func add(
    _ line: SignedNote.Signature, to note: SignedNote
  ) throws(StoreError) -> [UInt8] {
    do { return try note.adding([line]).bytes } catch {
      throw .failed("no cosigned note: \(error)")
    }
  }
}
