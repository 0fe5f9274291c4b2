// SPDX-License-Identifier: Apache-2.0

/// The durable memory of a witness: for each log, the note that it cosigned last, with the log's
/// signature and the witness's cosignatures. The bytes are served as they are at the monitoring prefix
/// (c2sp.org/tlog-witness).
///
/// Every call is durable when it returns. A call that throws ``StoreError/failed(_:)`` may or may not
/// have taken effect: no cosignature is given out after it.
public protocol WitnessStore: Sendable {
  /// The note that was stored last for `origin`; nil if none was.
  func latest(origin: String) async throws(StoreError) -> [UInt8]?

  /// Stores `new` if what is stored for `origin` is still `old` (nil: nothing), comparing and storing
  /// in one step. Without that, of two requests at once the one for the smaller tree could be stored
  /// last, and the witness would have gone back.
  ///
  /// - Throws: ``StoreError/conflict`` if something else is stored. Nothing is changed then.
  func replace(origin: String, old: [UInt8]?, new: [UInt8]) async throws(StoreError)
}
