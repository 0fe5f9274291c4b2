// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import Logging
import Service
import TestSupport
import WitnessService

/// A witness in this process, behind a server on a port of its own.
struct TestWitness: Sendable {
  let http: HTTP
  let key: CosignerKey

  static func run<Result: Sendable>(
    logs: [NoteVerifierKey]? = nil, store: any WitnessStore = MemoryWitnessStore(),
    rate: LogRate = LogRate(perMinute: 1_000_000, burst: 1_000_000),
    clock: @escaping @Sendable () -> UInt64 = { 1_800_000_000 },
    _ body: @escaping @Sendable (TestWitness) async throws -> Result
  ) async throws -> Result {
    let keys = try logs ?? [TestLog(0).key]
    let cosigner = try Cosigner(
      name: "witness.example",
      key: Ed25519.PrivateKey(seed: SecretBytes(copying: [UInt8](repeating: 9, count: 32))))
    let witness = WitnessCosigner(
      rules: WitnessRules(logKeys: keys), store: store, cosigner: cosigner, rate: rate,
      clock: clock)
    return try await withServer { onListening in
      var configuration = ServiceConfiguration(port: 0)
      configuration.limits.headerSeconds = 300
      configuration.limits.bodySeconds = 300
      try await WitnessServer(
        witness: witness, origins: keys.map(\.name), configuration: configuration,
        metrics: MetricsRegistry(),
        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        onListening: onListening
      ).run(signals: [])
    } _: { port in
      try await body(TestWitness(http: HTTP(port: port), key: witness.verifierKey))
    }
  }

  /// The checkpoint that an answer cosigns, checked as a log does.
  func cosigned(_ answer: HTTP.Answer, _ note: [UInt8]) throws -> Cosignature {
    let lines = try SignedNote.signatures(answer.body)
    let whole = try SignedNote(note).adding(lines)
    guard lines.count == 1, let cosignature = try whole.cosignature(of: key) else {
      throw LedgerError("answer", "one cosignature")
    }
    return cosignature
  }

  /// The size that is stored, as the witness serves it; nil for none.
  func storedSize() async throws -> UInt64? {
    let answer = try await http.latest(TestLog.origin)
    if answer.status == 404 { return nil }
    return try Checkpoint.verified(answer.body, cosigner: key).size
  }
}
