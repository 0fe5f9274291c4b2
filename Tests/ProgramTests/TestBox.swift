// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import Foundation
import Ledger
import LedgerFiles
import StrictJSON
import Synchronization
import TestSupport
import Testing

/// A ballot box over HTTP that a test can make dishonest: the record's files as they lie there, admission by
/// the real program, and answers that the test may change. It holds the real box's keys.
final class TestBox: Sendable {
  /// What a test changes.
  struct Tricks: Sendable {
    /// Instead of admitting what was posted.
    var post: @Sendable (Int, RawServer.Request, RawServer.Connection) -> Answer = { _, _, _ in
      .honest
    }
    /// The promise, given the honest one.
    var promise: @Sendable (InclusionPromise) -> [UInt8] = { $0.bytes }
    /// The answer about an entry, given the honest one; nil for a plain 404.
    var fate: @Sendable (JSONValue) -> [UInt8]? = { $0.canonicalBytes() }
  }

  /// What becomes of a request.
  enum Answer {
    /// It is admitted and promised.
    case honest
    /// It is admitted, and the connection cut off in the middle of the answer.
    case cutOff
    /// The test has answered.
    case done
  }

  let record: String
  private let opened: VotingRecord
  private let folder: TemporaryFolder
  private let tricks: Tricks
  private let server = Mutex<FolderServer?>(nil)
  private let count = Mutex(0)
  /// One program writes the record at a time.
  private let admission = Mutex(())

  init(_ opened: VotingRecord, record: String, tricks: Tricks = Tricks()) throws {
    self.opened = opened
    self.record = record
    self.tricks = tricks
    folder = try TemporaryFolder("box")
    let made = try FolderServer(
      record,
      answering: { [weak self] request, connection in
        self?.answer(request, connection) ?? .end
      })
    server.withLock { $0 = made }
  }

  var address: String { server.withLock { $0?.address } ?? "" }

  /// How many entries were posted.
  var posts: Int { count.withLock { $0 } }

  /// The key that signs entries and promises.
  static func key(_ opened: VotingRecord) throws -> Ed25519.PrivateKey {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: opened.box)))
    return try Ed25519.PrivateKey(seed: SecretBytes(copying: Array(bytes[44..<76])))
  }

  private func answer(
    _ request: RawServer.Request, _ connection: RawServer.Connection
  ) -> FolderServer.Answer {
    do {
      if request.head.hasPrefix("POST ") { return try submit(request, connection) }
      guard request.path.hasPrefix("entries/") else { return .file }
      let leaf = String(request.path.dropFirst(8).prefix(64))
      guard let fate = try fate(leaf), let bytes = tricks.fate(fate) else {
        connection.answer(404)
        return .answered
      }
      connection.answer(200, ["Content-Type: application/json"], body: bytes)
    } catch {
      connection.answer(500, body: Array("\(error)".utf8))
    }
    return .answered
  }

  private func submit(
    _ request: RawServer.Request, _ connection: RawServer.Connection
  ) throws -> FolderServer.Answer {
    let number = count.withLock {
      $0 += 1
      return $0
    }
    let trick = tricks.post(number, request, connection)
    if case .done = trick { return .answered }
    let entry = try EntryFile(bytes: request.body)
    let file = try folder.write(request.body, to: "entry-\(number)")
    let run = try admission.withLock { _ in try opened.accept([file], into: record) }
    guard run.status == 0 else {
      let rule = RuleID.allCases.first { run.output.contains(" \($0.rawValue): ") }
      connection.answer(
        422, ["Content-Type: application/problem+json"],
        body: JSONValue.object([
          JSONMember(name: "title", value: .string("refused")),
          JSONMember(name: "rules", value: [["id": .string(rule?.rawValue ?? "")]]),
        ]).canonicalBytes())
      return .answered
    }
    if case .cutOff = trick {
      connection.send("HTTP/1.1 202 Accepted\r\nContent-Le")
      return .end
    }
    let promise = try InclusionPromise.signed(
      electionID: SHA256.hash(EntryFile(bytes: Self.bytes(opened.entry("configuration"))).payload),
      leafHash: entry.entry.leafHash,
      confirmationCode: entry.confirmationCode(in: ElectionState().group),
      deadline: Int(Date().timeIntervalSince1970) + 60, key: Self.key(opened))
    connection.answer(202, ["Content-Type: application/json"], body: tricks.promise(promise))
    return .answered
  }

  private func fate(_ leaf: String) throws -> JSONValue? {
    let record = try RecordDirectory(path: record)
    var found: UInt64?
    try record.forEachEntry { index, entry, _ in
      if MerkleTree.leafHash(entry).hex == leaf { found = index }
    }
    guard let found else { return nil }
    let receipt = try record.receipt(at: found)
    return .object([
      JSONMember(name: "entry", value: .integer(Int64(found))),
      JSONMember(name: "leaf", value: .string(leaf)),
      JSONMember(name: "receipt", value: .string(String(decoding: receipt.bytes, as: UTF8.self))),
      JSONMember(name: "version", value: 1),
    ])
  }

  static func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }
}

extension JSONValue {
  /// Whether an object has a member.
  func has(_ name: String) -> Bool {
    guard case .object(let members) = self else { return false }
    return members.contains { $0.name == name }
  }

  /// An object with a member replaced, or left out.
  func with(_ name: String, _ value: JSONValue?) -> JSONValue {
    guard case .object(let members) = self else { return self }
    var kept = members.filter { $0.name != name }
    if let value { kept.append(JSONMember(name: name, value: value)) }
    return .object(kept)
  }
}
