// SPDX-License-Identifier: Apache-2.0

public import StrictJSON

/// A file of the record that could not be read.
public struct ElectionGuardRecordError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file: `record.json` or `manifest.json`.
  public let file: String
  /// Place and rule.
  public let error: JSONError

  /// An error from its parts.
  public init(file: String, error: JSONError) {
    self.file = file
    self.error = error
  }

  /// `file: path: rule`
  public var description: String { "\(file): \(error)" }
}

/// A record in the JSON format of the known-answer record of ElectionGuard 2.1.0, for which the
/// specification itself defines no serialisation: `Specs/electionguard.md`.
///
/// Two files: `manifest.json`, whose bytes are hashed, and `record.json` with everything else.
public enum ElectionGuardRecord {
  /// The file with everything but the manifest.
  public static let recordFile = "record.json"
  /// The file with contests and ballot styles.
  public static let manifestFile = "manifest.json"
  /// The longest `record.json` that is read, in bytes.
  public static let maximumRecordByteCount = 256 << 20
  /// The longest `manifest.json` that is read, in bytes.
  public static let maximumManifestByteCount = 16 << 20

  /// Verifies a record. Verifications 1 to 14 run; 15 to 19, on pre-encrypted ballots, do not exist
  /// yet and are reported as not checked when the record has such ballots.
  /// - Parameters:
  ///   - record: the bytes of `record.json`.
  ///   - manifest: the bytes of `manifest.json`.
  /// - Throws: ``ElectionGuardRecordError`` for a file that is not in the format. A number that is
  ///   out of range is a finding of the rule that says so, not an error.
  public static func verify(
    record: [UInt8], manifest: [UInt8], cores: Int = Cores.count
  ) async throws(ElectionGuardRecordError) -> VerificationReport {
    try await verify(record: record, manifest: manifest, cores: cores, cache: nil)
  }

  /// The same with outcomes kept from other variants of the record; for mutation runs.
  package static func verify(
    record: [UInt8], manifest: [UInt8], cores: Int = Cores.count,
    cache: ElectionGuardCheckCache?
  ) async throws(ElectionGuardRecordError) -> VerificationReport {
    let outline = try ElectionGuardManifest.parse(manifest)
    let content = try ElectionGuardRecordContent.parse(record, manifest: outline)
    let verification = ElectionGuardVerification(
      content: content, manifest: outline, manifestBytes: manifest, cache: cache)
    return await verification.report(cores: cores)
  }
}
