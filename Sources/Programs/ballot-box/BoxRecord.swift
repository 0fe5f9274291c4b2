// SPDX-License-Identifier: Apache-2.0

import CommandLineSupport
import Cryptography
import Election
import Foundation
import Ledger
import LedgerFiles
import Verification

/// The record that the box keeps: its state, and appending a batch to it.
struct BoxRecord {
  let path: String
  private(set) var state: ElectionState
  private let payloads: any PayloadSource

  /// Opens the record, or begins an empty one.
  static func open(_ path: String, keys: borrowing BoxKeys) async throws -> BoxRecord {
    guard Files.exists("\(path)/checkpoint") else {
      return BoxRecord(path: path, state: ElectionState(), payloads: NoPayloads())
    }
    let directory: RecordDirectory
    let fold: RecordFold
    do {
      directory = try RecordDirectory(path: path, expecting: keys.logKey)
      // The box checked every entry when it admitted it.
      fold = try await RecordFold.fold(directory, depth: .structure)
    } catch let error as FileError { throw ProgramError(error, in: path) }
    if let failure = fold.findings.failures.first {
      throw ProgramError(
        .wrong, "\(path): \(failure.rule.rawValue) fails at \(failure.place): \(failure.detail)")
    }
    guard fold.tree.root == directory.checkpoint.root else {
      throw ProgramError(
        .wrong, "\(path): LOG-2 fails: the entries are not those of the checkpoint")
    }
    var state = fold.state
    if state.phase == .closed, let tally = await Aggregation.tally(state, directory) {
      state.keepRecomputed(tally)
    }
    return BoxRecord(path: path, state: state, payloads: RecordPayloads(record: directory))
  }

  /// Decides about the files and appends those that are admitted, in one batch.
  mutating func append(
    _ files: [EntryFile], keys: borrowing BoxKeys
  ) async throws -> BatchAdmission {
    var files = files
    var front: [EntryFile] = []
    var order = Array(files.indices)
    if state.size == 0 {
      let type = EntryType.configuration.rawValue
      guard let first = files.firstIndex(where: { $0.entry.type == type }) else {
        throw ProgramError(
          .refused, "\(path): a record begins with the entry election.configuration")
      }
      let beginning = await BatchAdmission.decide(
        [files[first]], opening: nil, after: state, payloads: payloads)
      if let refusal = beginning.refused.first { throw Self.error(refusal, file: "configuration") }
      front = beginning.admitted
      state = beginning.state
      files.remove(at: first)
      order.remove(at: first)
      try checkOwnKeys(keys)
    }
    let batch = BatchOpened(
      number: (state.batch?.number ?? 0) + 1,
      time: max(state.batch?.time ?? 0, Int(Date().timeIntervalSince1970)))
    let opening = try ProgramError.naming(path) {
      try EntryFile.signed(
        batch, by: .ballotBox, electionID: state.electionID, key: keys.entries, in: state.group)
    }
    let overlay = FrontPayloads(base: payloads, front: front.map(\.payload))
    let admission = await BatchAdmission.decide(
      files, opening: opening, after: state, payloads: overlay)
    // A batch in which nothing but its own entry stands would only be noise.
    let admitted = front + (admission.admitted.count > 1 ? admission.admitted : [])
    if !admitted.isEmpty {
      try write(admitted, keys: keys)
      if admission.admitted.count > 1 { state = admission.state }
    }
    return admission.renumbered(order)
  }

  /// The configuration must name this box's keys, or nobody could check what it signs.
  private func checkOwnKeys(_ keys: borrowing BoxKeys) throws(ProgramError) {
    guard state.configuration?.logKey == keys.logKey.vkey,
      state.configuration?.ballotBoxKey == keys.entries.publicKey
    else { throw ProgramError(.refused, "\(keys.path): the configuration names other keys") }
  }

  private func write(_ entries: [EntryFile], keys: borrowing BoxKeys) throws(ProgramError) {
    let batch = entries.map { (entry: $0.entry.bytes, payload: $0.payload) }
    do {
      if Files.exists("\(path)/checkpoint") {
        var writer = try RecordWriter.open(directory: path, signer: try keys.signer())
        _ = try writer.append(batch: batch)
      } else {
        try Files.makeFolder(path)
        var writer = try RecordWriter.create(directory: path, signer: try keys.signer())
        _ = try writer.append(batch: batch)
      }
    } catch let error as FileError {
      throw ProgramError(.inputOutput, "\(path): \(error)")
    } catch { throw ProgramError(.inputOutput, "\(path): \(error)") }
  }

  static func error(_ refusal: BatchAdmission.Refusal, file: String) -> ProgramError {
    let failure = refusal.findings.failures.first
    return ProgramError(
      .wrong,
      "\(file): refused by \(failure?.rule.rawValue ?? "the rulebook"): "
        + "\(failure?.rule.sentence ?? "") (\(failure?.detail ?? ""))")
  }
}

private struct NoPayloads: PayloadSource {
  func payload(at index: Int) -> [UInt8]? { nil }
}

/// The payloads before the batch: those of the record, or the configuration of a new one.
private struct FrontPayloads: PayloadSource {
  let base: any PayloadSource
  let front: [[UInt8]]

  func payload(at index: Int) -> [UInt8]? {
    front.indices.contains(index) ? front[index] : base.payload(at: index)
  }
}
