// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
public import Ledger
internal import Logging
internal import Service
internal import Synchronization

/// A witness for measurements: the rules of c2sp.org/tlog-witness over real HTTP, with a memory that
/// ends with the process. A real witness keeps its memory on a disk.
public final class LoadWitness: Sendable {
  private let rules: WitnessRules
  private let cosigner: CosignerBox
  private let port: Int
  private let stored = Mutex<Checkpoint?>(nil)

  /// Keeps what cannot be copied where it can be shared.
  private final class CosignerBox: Sendable {
    let cosigner: Cosigner

    init(_ cosigner: consuming Cosigner) { self.cosigner = cosigner }
  }

  /// The witness with a number, counted from 0, of an election.
  public init(
    _ number: Int, of election: LoadElection, logKey: NoteVerifierKey, port: Int
  ) throws {
    rules = WitnessRules(logKeys: [logKey])
    cosigner = CosignerBox(try election.cosigner(number))
    self.port = port
  }

  /// Serves until the task is cancelled.
  ///
  /// - Parameter onListening: called with the port when requests can come.
  /// - Throws: ``LoadError/server(_:)``, as when the port is taken.
  public func run(onListening: @escaping @Sendable (Int) async -> Void) async throws {
    let runner = ServiceRunner(
      configuration: ServiceConfiguration(host: "127.0.0.1", port: port),
      logger: Logger(label: "witness") { _ in SwiftLogNoOpLogHandler() },
      metrics: MetricsRegistry(), onListening: onListening
    ) { router in
      router.post(RouterPath(AddCheckpointRequest.path)) { request, _ in
        let bytes = try await request.boundedBody(
          AddCheckpointRequest.maximumByteCount, limits: ServiceLimits())
        return try self.answer(bytes)
      }
    }
    do { try await runner.run(signals: []) } catch is CancellationError {
      throw CancellationError()
    } catch {
      throw LoadError.server(
        "the witness does not serve on port \(port), which the election's policy names: \(error); "
          + "free the port, or prepare again")
    }
  }

  private func answer(_ bytes: [UInt8]) throws -> Response {
    let request: AddCheckpointRequest
    do { request = try AddCheckpointRequest(bytes) } catch {
      return Self.refusal(.malformed(error))
    }
    // Deciding and remembering are one step: of two requests the smaller tree must not win.
    return try stored.withLock { stored in
      switch rules.decide(request, stored: stored) {
      case .refuse(let refusal): return Self.refusal(refusal)
      case .cosign(let checkpoint, let note):
        let line = try cosigner.cosigner.cosign(
          checkpoint: note.text, time: UInt64(max(1, Date().timeIntervalSince1970)))
        stored = checkpoint
        return .uncached(.ok, Array(line.line.utf8), contentType: "text/plain; charset=utf-8")
      }
    }
  }

  private static func refusal(_ refusal: WitnessRefusal) -> Response {
    .uncached(
      HTTPResponse.Status(code: refusal.status), refusal.body, contentType: refusal.contentType)
  }
}
