// SPDX-License-Identifier: Apache-2.0

import CommandLineSupport
import Cryptography
import Election
import Foundation
import Groups
import Ledger
import LedgerFiles
import StrictJSON
import Verification

/// Five ways to falsify the record. Each copy is as good as its forger can make it: a dishonest box
/// signs new checkpoints, a dishonest commission and voter sign what they change.
struct Tampering {
  let scene: DemoScene

  /// An entry of the record, taken apart.
  struct Item {
    var entry: LedgerEntry
    var payload: [UInt8]
  }

  func play() async throws {
    scene.step("five copies of the record are tampered with, and the verifier runs on each")
    let items = try readAll()
    let state = try await scene.state()
    try await copyWithChangedByte()
    try await rebuilt("a cast ballot is left out", rule: .eg9A, try withoutCast(items))
    try await rebuilt(
      "a ballot holds a vote too many", rule: .eg6D, try withExtraVote(items, state))
    try await rebuilt("a total is raised by one", rule: .eg10B, try withRaisedTotal(items, state))
    try await rebuilt(
      "a trustee's confirmation is signed by the commission", rule: .log6,
      try withForeignSignature(items))
  }

  private func readAll() throws -> [Item] {
    let directory: RecordDirectory
    do { directory = try RecordDirectory(path: scene.record) } catch { throw ProgramError(error) }
    var items: [Item] = []
    try ProgramError.naming(scene.record) {
      try directory.forEachEntry { _, entry, payload in
        items.append(Item(entry: try LedgerEntry(bytes: entry), payload: payload))
      }
    }
    return items
  }

  // MARK: The five

  /// One byte of one stored payload, nothing else.
  private func copyWithChangedByte() async throws {
    let copy = "\(scene.work)/tampered-byte"
    do { try FileManager.default.copyItem(atPath: scene.record, toPath: copy) } catch {
      throw ProgramError(.inputOutput, "\(copy): \(error)")
    }
    let directory: RecordDirectory
    do { directory = try RecordDirectory(path: copy) } catch { throw ProgramError(error) }
    let width = Int(min(directory.size, 256))
    let path = "\(copy)/tile/payloads/000" + (width == 256 ? "" : ".p/\(width)")
    var bytes = try Files.read(path, limit: 1 << 30)
    let target = Array("\"alpha\":\"".utf8)
    guard let position = bytes.firstRange(of: target)?.upperBound else {
      throw ProgramError(.wrong, "\(path): no ballot")
    }
    bytes[position] = bytes[position] == 0x30 ? 0x31 : 0x30
    try Files.write(bytes, to: path)
    try expectFailure(copy, "one digit of a stored ballot is changed", .log4)
  }

  private func withoutCast(_ items: [Item]) throws -> [Item] {
    let type = EntryType.ballotCast.rawValue
    guard let position = items.lastIndex(where: { $0.entry.type == type }) else {
      throw ProgramError(.wrong, "no cast ballot")
    }
    var changed = items
    changed.remove(at: position)
    return changed
  }

  private func withExtraVote(_ items: [Item], _ state: ElectionState) throws -> [Item] {
    let type = EntryType.ballotSubmitted.rawValue
    guard let context = state.context,
      let position = items.firstIndex(where: { $0.entry.type == type }),
      case .pseudonym(let pseudonym) = items[position].entry.author
    else { throw ProgramError(.wrong, "no ballot") }
    var submitted = try ProgramError.naming("ballot") {
      try BallotSubmitted(bytes: items[position].payload, in: state.group)
    }
    submitted.ballot.addVote(context)
    for number in 1...scene.voterCount {
      let voter = DemoVoter(number: number)
      let key = try scene.voterKey(voter)
      if key.publicKey == pseudonym {
        return try replacing(items, position, submitted, by: .pseudonym(pseudonym), key, state)
      }
    }
    throw ProgramError(.wrong, "no wallet for the ballot")
  }

  private func withRaisedTotal(_ items: [Item], _ state: ElectionState) throws -> [Item] {
    let group = state.group
    guard let context = state.context,
      let first = items.firstIndex(where: { $0.entry.type == EntryType.tallyDecrypted.rawValue }),
      let last = items.firstIndex(where: { $0.entry.type == EntryType.resultCertified.rawValue })
    else { throw ProgramError(.wrong, "no result") }
    var decrypted = try ProgramError.naming("tally.decrypted") {
      try TallyDecrypted(bytes: items[first].payload, in: group)
    }
    var certified = try ProgramError.naming("result.certified") {
      try ResultCertified(bytes: items[last].payload, in: group)
    }
    let power = decrypted.contests[0].options[0].power
    decrypted.contests[0].options[0].total += 1
    decrypted.contests[0].options[0].power = group.vartimeMultiply(
      power, context.voteKey.element)
    certified.contests[0].options[0].total += 1
    let key = try scene.commissionKey()
    let once = try replacing(items, first, decrypted, by: .commission, key, state)
    return try replacing(once, last, certified, by: .commission, key, state)
  }

  private func withForeignSignature(_ items: [Item]) throws -> [Item] {
    let type = EntryType.trusteeConfirmation.rawValue
    guard let position = items.firstIndex(where: { $0.entry.type == type }) else {
      throw ProgramError(.wrong, "no confirmation")
    }
    var changed = items
    let key = try scene.commissionKey()
    let (author, payload) = (items[position].entry.author, items[position].payload)
    do {
      changed[position].entry = try LedgerEntry.signed(
        type: type, by: author, payload: payload, electionID: try scene.electionID(), key: key)
    } catch { throw ProgramError(.wrong, "\(error)") }
    return changed
  }

  // MARK: Helpers

  private func replacing<Payload: EntryPayload>(
    _ items: [Item], _ position: Int, _ payload: Payload, by author: Author,
    _ key: borrowing Ed25519.PrivateKey, _ state: ElectionState
  ) throws -> [Item] {
    var changed = items
    do {
      let file = try EntryFile.signed(
        payload, by: author, electionID: state.electionID, key: key, in: state.group)
      changed[position] = Item(entry: file.entry, payload: file.payload)
    } catch { throw ProgramError(.wrong, "\(error)") }
    return changed
  }

  /// Writes a whole new record with a checkpoint of the box, and runs the verifier.
  private func rebuilt(_ what: String, rule: RuleID, _ items: [Item]) async throws {
    let folder = "\(scene.work)/tampered-\(rule.rawValue)"
    try Files.makeFolder(folder)
    do {
      var writer = try RecordWriter.create(directory: folder, signer: try scene.boxSigner())
      _ = try writer.append(batch: items.map { (entry: $0.entry.bytes, payload: $0.payload) })
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.inputOutput, "\(folder): \(error)")
    }
    try expectFailure(folder, what, rule)
  }

  private func expectFailure(_ folder: String, _ what: String, _ rule: RuleID) throws {
    let outcome = try scene.processes.expect("verifier", ["record", folder, "--json"], status: 1)
    let reader = try ProgramError.naming("verifier record") {
      JSONReader(try JSONValue(parsing: Array(outcome.output.utf8)))
    }
    let fields = try reader.openFields()
    var failed: [String] = []
    for line in try fields["rules"].array() {
      let line = try line.openFields()
      if try line["result"].string() == "failed" { failed.append(try line["id"].string()) }
    }
    guard try fields["verdict"].string() == "failed", failed.contains(rule.rawValue) else {
      throw ProgramError(
        .wrong,
        "\(what): the verifier named \(failed.joined(separator: ", ")), not \(rule.rawValue)")
    }
    Console.print("    rejected: \(what) (\(rule.rawValue))")
  }
}
