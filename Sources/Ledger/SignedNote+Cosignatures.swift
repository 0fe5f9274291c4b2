// SPDX-License-Identifier: Apache-2.0

extension SignedNote {
  /// The cosignature of `key`. Of several lines of the key, the one with the latest time.
  ///
  /// - Returns: nil if the key's name and ID are on no line.
  /// - Throws: ``LedgerError`` if a line of the key does not hold.
  public func cosignature(of key: CosignerKey) throws(LedgerError) -> Cosignature? {
    var latest: Cosignature?
    for line in signatures where key.form.owns(line) {
      let cosignature = try Cosignature(line, text: text, key: key)
      if cosignature.time > latest?.time ?? 0 { latest = cosignature }
    }
    return latest
  }

  /// This note with more signature lines behind its own, in the given order. Nothing is checked here.
  ///
  /// Each pair of name and key ID stands once: a line whose pair is there already is left out. So a
  /// cosignature with another time does not pile up behind the first one.
  ///
  /// - Throws: ``LedgerError`` above the limits of a note.
  public func adding(_ signatures: [Signature]) throws(LedgerError) -> SignedNote {
    var all = self.signatures
    for line in signatures where !all.contains(where: { $0.hasKey(of: line) }) { all.append(line) }
    return try SignedNote(text: text, signatures: all)
  }

  /// This note with the cosignature that `key`'s owner answered with. Lines of other keys in the
  /// answer are passed over (c2sp.org/tlog-witness).
  ///
  /// - Throws: ``LedgerError`` if the answer has no line of the key, or one that does not hold.
  public func adding(
    _ answer: [Signature], of key: CosignerKey
  ) throws(LedgerError) -> SignedNote {
    let lines = answer.filter { key.form.owns($0) }
    guard !lines.isEmpty else {
      throw LedgerError("witness answer", "a cosignature of \(key.name)")
    }
    for line in lines { _ = try Cosignature(line, text: text, key: key) }
    return try adding(lines)
  }

  /// This note with those signature lines only that belong to one of `keys`, each pair of name and
  /// key ID once: whoever keeps a note keeps no lines that nobody checked.
  ///
  /// - Throws: ``LedgerError`` as ``verify(_:)`` does.
  func checked(by keys: [NoteVerifierKey]) throws(LedgerError) -> SignedNote {
    _ = try verify(keys)
    var kept: [Signature] = []
    for line in signatures
    where keys.contains(where: { $0.form.owns(line) })
      && !kept.contains(where: { $0.hasKey(of: line) })
    {
      kept.append(line)
    }
    return try SignedNote(text: text, signatures: kept)
  }
}

extension Checkpoint {
  /// Reads a checkpoint by a witness's statement alone: what it stored, or what it serves. Whether the
  /// log signed is not asked; a log's key may have changed since.
  ///
  /// - Throws: ``LedgerError`` for a malformed note, or a missing or wrong cosignature of `cosigner`.
  public static func verified(
    _ note: [UInt8], cosigner: CosignerKey
  ) throws(LedgerError) -> Checkpoint {
    let note = try SignedNote(note)
    guard try note.cosignature(of: cosigner) != nil else {
      throw LedgerError("checkpoint", "a cosignature of \(cosigner.name)")
    }
    return try Checkpoint(text: note.text)
  }
}
