// SPDX-License-Identifier: Apache-2.0

import GRDB
public import Ledger

extension StoreError {
  /// What an error of SQLite means here: its name, its number and what was being done. Messages of
  /// SQLite are left out, as they may quote values.
  init(_ error: any Error, while action: String) {
    switch error {
    case let error as StoreError: self = error
    case let error as DatabaseError:
      self = .failed("\(error.extendedResultCode.shortName) while \(action)")
    default: self = .failed("interrupted while \(action)")
    }
  }

  var isFailure: Bool {
    if case .failed = self { true } else { false }
  }

  var reason: String {
    if case .failed(let reason) = self { reason } else { description }
  }
}

extension StoreError {
  /// A failure of which nothing is broken: what was asked for must not be done.
  static func refused(_ reason: String) -> StoreError { .failed(refusal + reason) }

  /// Whether a store refuses what it could do: a database that was rolled back, or that another
  /// process has.
  public var isRefusal: Bool { isFailure && reason.hasPrefix(Self.refusal) }

  private static let refusal = "refused: "
}

extension ResultCode {
  fileprivate var shortName: String {
    let name =
      switch primaryResultCode {
      case .SQLITE_FULL: "SQLITE_FULL"
      case .SQLITE_IOERR: "SQLITE_IOERR"
      case .SQLITE_READONLY: "SQLITE_READONLY"
      case .SQLITE_BUSY: "SQLITE_BUSY"
      case .SQLITE_LOCKED: "SQLITE_LOCKED"
      case .SQLITE_CORRUPT: "SQLITE_CORRUPT"
      case .SQLITE_NOTADB: "SQLITE_NOTADB"
      case .SQLITE_CANTOPEN: "SQLITE_CANTOPEN"
      case .SQLITE_PERM: "SQLITE_PERM"
      case .SQLITE_NOMEM: "SQLITE_NOMEM"
      case .SQLITE_CONSTRAINT: "SQLITE_CONSTRAINT"
      case .SQLITE_TOOBIG: "SQLITE_TOOBIG"
      default: "SQLite error"
      }
    return "\(name) (\(rawValue))"
  }
}
