// SPDX-License-Identifier: Apache-2.0

import LedgerStore

extension DatabaseKind {
  /// The tables of ``SQLiteIssuanceStore``: what was signed, once for each place, sealed evidence by its digest, and
  /// the one scope of all of it. No time, no address.
  static let issuance = DatabaseKind(
    name: "an issuer", mark: "UrnI",
    migrations: [
      Migration(
        name: "1: issued, evidence",
        sql: """
          CREATE TABLE issued (
            district INTEGER NOT NULL CHECK (district > 0),
            entry INTEGER NOT NULL CHECK (entry > 0),
            attempt INTEGER NOT NULL CHECK (attempt >= 0),
            record BLOB NOT NULL,
            request BLOB NOT NULL UNIQUE CHECK (length(request) = 32),
            signature BLOB NOT NULL,
            PRIMARY KEY (district, entry, attempt)
          ) STRICT, WITHOUT ROWID;
          CREATE TABLE evidence (
            digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
            sealed BLOB NOT NULL
          ) STRICT, WITHOUT ROWID;
          """),
      Migration(
        name: "2: scope",
        sql: """
          CREATE TABLE scope (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            name TEXT NOT NULL,
            id BLOB NOT NULL CHECK (length(id) = 32)
          ) STRICT;
          """),
    ])

  /// The tables of ``SQLiteRoll``. `citizen` is the administration's reference; no names, no addresses.
  static let roll = DatabaseKind(
    name: "an electoral roll", mark: "UrnR",
    migrations: [
      Migration(
        name: "1: roll, district, entry",
        sql: """
          CREATE TABLE roll (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            register BLOB NOT NULL CHECK (length(register) = 32)
          ) STRICT;
          CREATE TABLE district (
            number INTEGER PRIMARY KEY CHECK (number > 0),
            label TEXT NOT NULL UNIQUE,
            voters INTEGER NOT NULL CHECK (voters > 0),
            key_entries INTEGER NOT NULL CHECK (key_entries BETWEEN 0 AND voters)
          ) STRICT;
          CREATE TABLE entry (
            district INTEGER NOT NULL REFERENCES district (number),
            entry INTEGER NOT NULL CHECK (entry > 0),
            citizen TEXT NOT NULL UNIQUE,
            identifier BLOB UNIQUE CHECK (length(identifier) = 32),
            salt BLOB NOT NULL CHECK (length(salt) = 32),
            keys BLOB NOT NULL CHECK (length(keys) IN (0, 32, 64)),
            PRIMARY KEY (district, entry),
            CHECK (identifier IS NULL OR length(keys) = 0)
          ) STRICT, WITHOUT ROWID;
          """)
    ])
}
