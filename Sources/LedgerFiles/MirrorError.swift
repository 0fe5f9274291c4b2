// SPDX-License-Identifier: Apache-2.0

public import Ledger

/// Why a copy of a record was not made, or not carried on.
public enum MirrorError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A file of the source is missing, or not what the signed checkpoint demands.
  case source(FileError)
  /// A file of the copy cannot be read or written.
  case copy(FileError)
  /// The copy is of another log than the source.
  case anotherLog
  /// The source shows a tree that is smaller than the copy's and agrees with it: an old view.
  case older(source: UInt64, copy: UInt64)
  /// The log signed two trees of which one is a lie.
  case equivocation(Equivocation)

  /// What happened, in one line.
  public var description: String {
    switch self {
    case .source(let error), .copy(let error): error.description
    case .anotherLog: "log.vkey: the copy is of another log"
    case .older(let source, let copy):
      "checkpoint: the source shows \(source) entries, the copy has \(copy)"
    case .equivocation: "checkpoint: contradicts the copy's; the log signed both"
    }
  }
}
