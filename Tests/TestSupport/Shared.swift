// SPDX-License-Identifier: Apache-2.0

public import Foundation
public import Testing

/// Finds the material beside the repository (`../shared`): vectors, records of other software, schemas.
///
/// A suite that needs it is annotated `@Suite(.needsShared)`. Without the folder the suite is skipped
/// and says so; with `CI=true` the absence is a failure.
public enum Shared {
  /// The repository's top folder.
  public static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// `../shared` beside the repository, or the folder that `URNA_SHARED` names.
  public static let directory: URL = {
    if let named = ProcessInfo.processInfo.environment["URNA_SHARED"] {
      return URL(fileURLWithPath: named, isDirectory: true)
    }
    return repository.deletingLastPathComponent().appendingPathComponent("shared")
  }()

  /// Whether this run is the one that decides.
  public static let isContinuousIntegration =
    ProcessInfo.processInfo.environment["CI"] == "true"

  /// Whether the folder is there. Prints a line once when it is not.
  public static let isPresent: Bool = {
    let found = FileManager.default.fileExists(
      atPath: directory.appendingPathComponent("README.md").path)
    if !found {
      print("SKIPPED: \(directory.path) is absent; tests against outside vectors did not run")
    }
    return found
  }()

  /// The bytes of a file below `../shared`.
  public static func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: directory.appendingPathComponent(path)))
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips without `../shared`, unless `CI=true`: then the tests run and fail.
  public static var needsShared: Self {
    .enabled(
      if: Shared.isPresent || Shared.isContinuousIntegration,
      "../shared is absent: interoperability tests are skipped")
  }
}
