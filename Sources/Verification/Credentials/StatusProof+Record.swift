// SPDX-License-Identifier: Apache-2.0

public import Election
internal import Ledger
public import LedgerFiles
internal import StrictJSON

extension StatusProof {
  /// Why a record gives no proof.
  public enum Unavailable: Error, Hashable, Sendable {
    /// The list is not frozen yet.
    case notFrozen
    /// The roll has no such entry.
    case noEntry
    /// An entry of the record cannot be read.
    case record(String)
  }

  /// The proof about an entry of the roll, from a record that was folded without failures.
  ///
  /// - Parameters:
  ///   - state: the state that the record leads to.
  ///   - district: the district's number, from 1.
  ///   - index: i, from 1.
  ///   - roll: what says whose entry it is; nil for a proof about the number only.
  /// - Throws: ``Unavailable``.
  public static func make(
    from record: RecordDirectory, _ state: ElectionState, district: Int, index: Int,
    roll: RollOpening? = nil
  ) throws(Unavailable) -> StatusProof {
    guard let frozen = state.frozenEntry else { throw .notFrozen }
    guard let status = state.issuanceStatus(district: district, index: index),
      let path = state.issuancePath(district: district, index: index)
    else { throw .noEntry }
    guard let note = String(validating: record.checkpointNote, as: UTF8.self) else {
      throw .record("checkpoint: UTF-8")
    }
    func entry(_ index: Int) throws(Unavailable) -> Entry {
      do {
        return try Entry(
          leaf: LedgerEntry(bytes: record.entry(at: UInt64(index))),
          payload: record.payload(at: UInt64(index)),
          path: record.receipt(at: UInt64(index)).proof)
      } catch { throw .record("\(error)") }
    }
    return StatusProof(
      configuration: try entry(0), frozen: try entry(frozen), frozenIndex: frozen,
      checkpoint: note, status: status, path: path, roll: roll, in: state.group)
  }
}
