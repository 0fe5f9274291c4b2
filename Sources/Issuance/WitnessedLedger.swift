// SPDX-License-Identifier: Apache-2.0

public import Election
public import Ledger

/// The election's record as an issuer follows it: folded, every rule checked, under a checkpoint that the log
/// signed and a quorum of witnesses cosigned.
public protocol WitnessedLedger: Sendable {
  /// The state under the newest such checkpoint.
  var state: ElectionState { get async }

  /// Sends an entry to the ballot box. An entry that it has already is no error.
  ///
  /// - Throws: ``IssuanceRefusal/unavailable(_:)`` when no answer came, ``IssuanceRefusal/refused(_:)`` with
  ///   the rule that the box names.
  func send(_ entry: EntryFile) async throws(IssuanceRefusal)

  /// Waits until a witnessed state meets a condition.
  ///
  /// - Returns: that state; nil if the time ran out.
  func wait(
    atMost time: Duration, until condition: @escaping @Sendable (ElectionState) -> Bool
  ) async -> ElectionState?
}

/// Why an issuer does not sign.
public enum IssuanceRefusal: Error, Sendable, Equatable {
  /// Not on the roll, or not shown to be: one answer for all reasons, so that nobody learns who is on it.
  case unknown
  /// Something else was signed for this place, or stands on the record: the proof, and the place of the record.
  case conflict(IssuedCredential?, entry: Int)
  /// The issuer has signed for another scope before, which is named.
  case otherScope(CredentialScope)
  /// Credentials are not issued in this phase.
  case closed(ElectionPhase)
  /// The message is not in the form, or does not fit the request.
  case form(String)
  /// Too many wrong questions about this entry.
  case tooMany
  /// The record of the request is not yet under a witnessed checkpoint. Ask again.
  case notWitnessed
  /// The ballot box refused the record of the request.
  case refused(String)
  /// A server, the key's holder or the disk did not answer.
  case unavailable(String)
}
