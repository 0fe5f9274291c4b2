// SPDX-License-Identifier: Apache-2.0

public import CitizenAuthentication
public import Cryptography
public import Logging
internal import Metrics
public import Service
public import ServiceLifecycle

/// Reads authorities and revocation lists again while the server runs, so that new lists count without a restart.
/// Files that cannot be used change nothing: the former lists go on until they are over, and nobody is accepted
/// after that.
public struct CertificateRenewal: Service {
  /// What the files make.
  public struct Loaded: Sendable {
    /// The verifier.
    public let verifier: ClientCertificateVerifier
    /// SHA-256 of all files.
    public let digest: Digest

    /// A verifier and what it was made of.
    public init(verifier: ClientCertificateVerifier, digest: Digest) {
      self.verifier = verifier
      self.digest = digest
    }
  }

  private let door: CertificateDoor
  private let first: Loaded
  private let interval: Duration
  private let metrics: MetricsRegistry
  private let logger: Logger
  private let load: @Sendable () throws -> Loaded

  private static let gauge = "issuer_revocation_lists_end_timestamp_seconds"

  /// A renewal.
  ///
  /// - Parameters:
  ///   - first: what the door has now.
  ///   - interval: time between two looks.
  ///   - load: reads the files.
  public init(
    door: CertificateDoor, first: Loaded, interval: Duration, metrics: MetricsRegistry,
    logger: Logger, load: @escaping @Sendable () throws -> Loaded
  ) {
    self.door = door
    self.first = first
    self.interval = interval
    self.metrics = metrics
    self.logger = logger
    self.load = load
    metrics.describe(
      Self.gauge, "When the first of the revocation lists is over, seconds since 1970.")
  }

  /// Looks again and again until told to stop.
  public func run() async throws {
    await cancelWhenGracefulShutdown {
      var current = first.digest
      var trouble: String?
      show(first.verifier)
      while !Task.isCancelled {
        do { try await Task.sleep(for: interval) } catch { break }
        do {
          let loaded = try load()
          trouble = nil
          guard loaded.digest != current else { continue }
          current = loaded.digest
          door.renew(loaded.verifier)
          show(loaded.verifier)
          logger.notice("authorities and revocation lists were read again")
        } catch {
          // Once for each reason.
          if trouble != "\(error)" {
            logger.error(
              "authorities and revocation lists stay as they were",
              metadata: ["reason": "\(error)"])
          }
          trouble = "\(error)"
        }
      }
    }
  }

  private func show(_ verifier: ClientCertificateVerifier) {
    guard let end = verifier.nextUpdate else { return }
    Gauge(label: Self.gauge, factory: metrics).record(end)
  }
}
