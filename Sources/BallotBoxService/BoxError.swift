// SPDX-License-Identifier: Apache-2.0

public import LedgerFiles
public import Sequencing

/// Why the box does not open, or stops. It rather stops than goes on with a log that it is not sure of.
public enum BoxError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Appending failed.
  case sequencer(SequencerError)
  /// The record cannot be read.
  case record(FileError)
  /// The record breaks a rule, or is not this box's.
  case refused(String)
  /// The configuration names other keys than the box has.
  case foreignKeys
  /// A signature could not be made, or the operating system gave no randomness.
  case cryptography(String)

  /// What happened, in one line.
  public var description: String {
    switch self {
    case .sequencer(let error): "\(error)"
    case .record(let error): "\(error)"
    case .refused(let reason): reason
    case .foreignKeys: "the configuration names other keys of the ballot box"
    case .cryptography(let reason): reason
    }
  }
}
