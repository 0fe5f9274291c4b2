// SPDX-License-Identifier: Apache-2.0

public import StrictJSON

/// A file of the record that could not be read.
public struct ElectionGuardRecordError: Error, Equatable, Sendable {
  /// The file: `record.json` or `manifest.json`.
  public let file: String
  /// Place and rule.
  public let error: JSONError
}
