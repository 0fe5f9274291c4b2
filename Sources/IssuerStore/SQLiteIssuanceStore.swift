// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Election
import Foundation
import GRDB
public import Issuance
public import Ledger
import LedgerStore

/// An ``Issuance/IssuanceStore`` in one SQLite file; one file for each scope and issuer. What was kept is on the
/// disk before an answer goes out, and never changes. Shown to keep the rules of the protocol by
/// `IssuanceStoreConformance`.
public struct SQLiteIssuanceStore: IssuanceStore {
  private let file: DatabaseFile

  /// Makes a database in which nothing was signed. Blocks.
  ///
  /// - Throws: `StoreError` if there is a database at `path`, or it cannot be written.
  public static func createNew(path: String) throws(StoreError) -> SQLiteIssuanceStore {
    SQLiteIssuanceStore(file: try DatabaseFile.create(path, kind: .issuance))
  }

  /// Opens the database at `path`. Blocks, longer the more was signed.
  ///
  /// - Throws: `StoreError` if there is none, it is of another kind, damaged, or cannot be written.
  public static func openExisting(path: String) throws(StoreError) -> SQLiteIssuanceStore {
    SQLiteIssuanceStore(file: try DatabaseFile.open(path, kind: .issuance) { _ in })
  }

  /// Binds the database to a scope, unless it is bound.
  public func bind(to scope: CredentialScope) async throws(StoreError) -> CredentialScope {
    try await file.write("binding to a scope") { db in
      try db.execute(
        sql: "INSERT OR IGNORE INTO scope (only, name, id) VALUES (1, ?, ?)",
        arguments: [scope.name, Data(scope.id.bytes)])
      guard let row = try Row.fetchOne(db, sql: "SELECT name, id FROM scope"),
        let name = String.fromDatabaseValue(row["name"]),
        let id = Data.fromDatabaseValue(row["id"]).flatMap({ Digest($0) }),
        let bound = CredentialScope(name: name, id: id)
      else { throw StoreError.failed("the database is damaged") }
      return bound
    }
  }

  /// What was signed for a place.
  public func issued(at place: IssuancePlace) async throws(StoreError) -> IssuedCredential? {
    try await file.read("looking for a credential") { db in try Self.issued(at: place, db) }
  }

  /// What was signed for a request.
  public func issued(request: Digest) async throws(StoreError) -> IssuedCredential? {
    try await file.read("looking for a request") { db in
      try Row.fetchOne(
        db, sql: "SELECT * FROM issued WHERE request = ?", arguments: [Data(request.bytes)]
      ).map(Self.credential)
    }
  }

  /// Keeps credentials, of each place the first.
  public func keep(
    _ credentials: [IssuedCredential]
  ) async throws(StoreError) -> [IssuedCredential] {
    try await file.write("keeping credentials") { db in
      try credentials.map { credential in
        if let earlier = try Self.issued(at: credential.place, db) { return earlier }
        let place = credential.place
        try db.execute(
          sql: """
            INSERT INTO issued (district, entry, attempt, record, request, signature)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
          arguments: [
            place.district, place.index, place.attempt, Data(credential.record),
            Data(credential.request.bytes), Data(credential.blindSignature),
          ])
        return credential
      }
    }
  }

  /// How many credentials were signed, by district.
  public func counts() async throws(StoreError) -> [Int: Int] {
    try await file.read("counting") { db in
      var counts: [Int: Int] = [:]
      let rows = try Row.fetchAll(
        db, sql: "SELECT district, count(*) AS number FROM issued GROUP BY district")
      for row in rows {
        guard let district = Int.fromDatabaseValue(row["district"]),
          let number = Int.fromDatabaseValue(row["number"])
        else { throw StoreError.failed("the database is damaged") }
        counts[district] = number
      }
      return counts
    }
  }

  /// Keeps sealed evidence durably.
  ///
  /// - Returns: its SHA-256.
  public func keep(evidence: [UInt8]) async throws(StoreError) -> Digest {
    let digest = SHA256.hash(evidence)
    try await file.write("keeping evidence") { db in
      try db.execute(
        sql: "INSERT OR IGNORE INTO evidence (digest, sealed) VALUES (?, ?)",
        arguments: [Data(digest.bytes), Data(evidence)])
    }
    return digest
  }

  /// Sealed evidence; nil if there is none.
  public func evidence(_ digest: Digest) async throws(StoreError) -> [UInt8]? {
    try await file.read("looking for evidence") { db in
      try Data.fetchOne(
        db, sql: "SELECT sealed FROM evidence WHERE digest = ?", arguments: [Data(digest.bytes)]
      ).map { [UInt8]($0) }
    }
  }

  /// Ends the connection.
  public func close() throws(StoreError) { try file.close() }

  private static func issued(at place: IssuancePlace, _ db: Database) throws -> IssuedCredential? {
    try Row.fetchOne(
      db, sql: "SELECT * FROM issued WHERE district = ? AND entry = ? AND attempt = ?",
      arguments: [place.district, place.index, place.attempt]
    ).map(credential)
  }

  private static func credential(_ row: Row) throws -> IssuedCredential {
    guard let district = Int.fromDatabaseValue(row["district"]),
      let entry = Int.fromDatabaseValue(row["entry"]),
      let attempt = Int.fromDatabaseValue(row["attempt"]),
      let record = Data.fromDatabaseValue(row["record"]),
      let request = Data.fromDatabaseValue(row["request"]).flatMap({ Digest($0) }),
      let signature = Data.fromDatabaseValue(row["signature"])
    else { throw StoreError.failed("the database is damaged") }
    return IssuedCredential(
      place: IssuancePlace(district: district, index: entry, attempt: attempt),
      record: [UInt8](record), request: request, blindSignature: [UInt8](signature))
  }
}
