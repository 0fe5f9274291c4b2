// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import ElectoralRoll
public import Election
import Foundation
import GRDB
public import Ledger
import LedgerStore

/// The electoral roll in one SQLite file: made once, completed with the keys of the letters, then copied to every
/// issuer and only read. Personal: it says who is entitled.
public struct SQLiteRoll: Sendable {
  private let file: DatabaseFile

  /// An entry as it is written.
  public struct Row: Hashable, Sendable {
    /// The district's number, from 1.
    public let district: Int
    /// i, from 1.
    public let index: Int
    /// The administration's reference.
    public let citizen: String
    /// ``Election/RollIdentity/digest(ofIdentifier:)``; nil for an entry that is known by keys.
    public let identifier: Digest?
    /// salt_i
    public let salt: Digest
    /// K_i; empty until the letters are made, and for identified citizens.
    public var keys: [Ed25519.PublicKey]

    /// An entry from its parts.
    public init(
      district: Int, index: Int, citizen: String, identifier: Digest?, salt: Digest,
      keys: [Ed25519.PublicKey] = []
    ) {
      self.district = district
      self.index = index
      self.citizen = citizen
      self.identifier = identifier
      self.salt = salt
      self.keys = keys
    }

    /// The entry as the roll's tree has it; nil while its keys are missing.
    public func leaf(register: Digest) -> RollLeaf? {
      let identity: RollIdentity
      if let identifier {
        identity = .identifier(identifier)
      } else if !keys.isEmpty {
        identity = .keys(keys)
      } else {
        return nil
      }
      return RollLeaf(
        register: register, district: district, index: index, salt: salt, identity: identity)
    }
  }

  /// Keeps a roll that was made, all of it in one transaction; without names and addresses.
  ///
  /// - Throws: `StoreError` if there is a file at `path`, or it cannot be written.
  public static func create(
    path: String, _ draft: RollDraft
  ) async throws(StoreError) -> SQLiteRoll {
    let roll = SQLiteRoll(file: try DatabaseFile.create(path, kind: .roll))
    try await roll.file.write("writing the roll") { db in
      try db.execute(
        sql: "INSERT INTO roll (only, register) VALUES (1, ?)",
        arguments: [Data(draft.register.bytes)])
      for district in draft.districts {
        try db.execute(
          sql: "INSERT INTO district (number, label, voters, key_entries) VALUES (?, ?, ?, ?)",
          arguments: [district.number, district.label, district.voters, district.keyEntries])
      }
      let insertion = try db.makeStatement(
        sql: """
          INSERT INTO entry (district, entry, citizen, identifier, salt, keys)
          VALUES (?, ?, ?, ?, ?, ?)
          """)
      for row in draft.rows {
        try insertion.execute(arguments: [
          row.district, row.index, row.citizen, row.identifier.map { Data($0.bytes) },
          Data(row.salt.bytes), Data(),
        ])
      }
    }
    return roll
  }

  /// Opens a roll. Blocks, longer the larger it is.
  ///
  /// - Throws: `StoreError` if there is none, it is of another kind, damaged, or cannot be written.
  public static func open(path: String) throws(StoreError) -> SQLiteRoll {
    SQLiteRoll(file: try DatabaseFile.open(path, kind: .roll) { _ in })
  }

  /// register_id
  public func register() async throws(StoreError) -> Digest {
    try await file.read("reading the roll") { db in
      guard
        let bytes = try Data.fetchOne(db, sql: "SELECT register FROM roll WHERE only = 1"),
        let digest = Digest(bytes)
      else { throw StoreError.failed("the roll is damaged") }
      return digest
    }
  }

  /// The districts, by number.
  public func districts() async throws(StoreError) -> [RollDistrict] {
    try await file.read("reading the roll") { db in
      try GRDB.Row.fetchAll(db, sql: "SELECT * FROM district ORDER BY number").map { row in
        guard let number = Int.fromDatabaseValue(row["number"]),
          let label = String.fromDatabaseValue(row["label"]),
          let voters = Int.fromDatabaseValue(row["voters"]),
          let keys = Int.fromDatabaseValue(row["key_entries"])
        else { throw StoreError.failed("the roll is damaged") }
        return RollDistrict(label: label, number: number, voters: voters, keyEntries: keys)
      }
    }
  }

  /// The entries of a district, by number.
  public func rows(district: Int) async throws(StoreError) -> [Row] {
    try await file.read("reading the roll") { db in
      try GRDB.Row.fetchAll(
        db, sql: "SELECT * FROM entry WHERE district = ? ORDER BY entry", arguments: [district]
      ).map(Self.row)
    }
  }

  /// An entry; nil if there is none.
  public func row(district: Int, index: Int) async throws(StoreError) -> Row? {
    try await file.read("reading the roll") { db in
      try GRDB.Row.fetchOne(
        db, sql: "SELECT * FROM entry WHERE district = ? AND entry = ?",
        arguments: [district, index]
      ).map(Self.row)
    }
  }

  /// The entry of an identified citizen; nil if there is none.
  public func row(identifier: Digest) async throws(StoreError) -> Row? {
    try await file.read("reading the roll") { db in
      try GRDB.Row.fetchOne(
        db, sql: "SELECT * FROM entry WHERE identifier = ?", arguments: [Data(identifier.bytes)]
      ).map(Self.row)
    }
  }

  /// The entry of a citizen by the administration's reference; nil if there is none.
  public func row(citizen: String) async throws(StoreError) -> Row? {
    try await file.read("reading the roll") { db in
      try GRDB.Row.fetchOne(
        db, sql: "SELECT * FROM entry WHERE citizen = ?", arguments: [citizen]
      ).map(Self.row)
    }
  }

  /// Sets the keys of the letters: of every entry that is known by keys, once.
  ///
  /// - Parameter keys: by district and number.
  /// - Throws: `StoreError.conflict` if an entry has keys already, or is not known by keys.
  public func complete(
    _ keys: [(district: Int, index: Int, keys: [Ed25519.PublicKey])]
  ) async throws(StoreError) {
    try await file.write("writing keys") { db in
      let update = try db.makeStatement(
        sql: """
          UPDATE entry SET keys = ?
          WHERE district = ? AND entry = ? AND identifier IS NULL AND length(keys) = 0
          """)
      for entry in keys {
        try update.execute(arguments: [
          Data(entry.keys.flatMap(\.bytes)), entry.district, entry.index,
        ])
        guard db.changesCount == 1 else { throw StoreError.conflict }
      }
    }
  }

  /// Ends the connection.
  public func close() throws(StoreError) { try file.close() }

  private static func row(_ row: GRDB.Row) throws -> Row {
    guard let district = Int.fromDatabaseValue(row["district"]),
      let index = Int.fromDatabaseValue(row["entry"]),
      let citizen = String.fromDatabaseValue(row["citizen"]),
      let salt = Data.fromDatabaseValue(row["salt"]).flatMap({ Digest($0) }),
      let bytes = Data.fromDatabaseValue(row["keys"])
    else { throw StoreError.failed("the roll is damaged") }
    let identifier = Data.fromDatabaseValue(row["identifier"]).flatMap { Digest($0) }
    let width = Ed25519.keyByteCount
    let keys = stride(from: 0, to: bytes.count, by: width).compactMap {
      Ed25519.PublicKey(bytes.dropFirst($0).prefix(width))
    }
    return Row(
      district: district, index: index, citizen: citizen, identifier: identifier, salt: salt,
      keys: keys)
  }
}
