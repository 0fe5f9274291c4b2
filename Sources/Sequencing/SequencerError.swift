// SPDX-License-Identifier: Apache-2.0

public import Ledger
public import LedgerFiles

/// Why nothing more is appended.
public enum SequencerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The store failed, or another process moved the lock.
  case store(StoreError)
  /// A file of the record failed.
  case files(FileError)
  /// Store and record do not belong together.
  case inconsistent(String)
  /// An earlier step failed; what is durable is known only after opening again.
  case stopped

  /// What happened, in one line.
  public var description: String {
    switch self {
    case .store(let error): "\(error)"
    case .files(let error): "\(error)"
    case .inconsistent(let reason): reason
    case .stopped: "an earlier step failed; the record is opened again first"
    }
  }
}
