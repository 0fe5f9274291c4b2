// SPDX-License-Identifier: Apache-2.0

extension DatabaseKind {
  /// The tables of ``SQLiteWitnessStore``: the last note of each log, and how many were ever stored,
  /// with a digest over all of them in their order (``WitnessHistory``).
  static let witness = DatabaseKind(
    name: "a witness", mark: "UrnW",
    migrations: [
      Migration(
        name: "1: cosigned, history",
        sql: """
          CREATE TABLE cosigned (
            origin BLOB PRIMARY KEY CHECK (length(origin) BETWEEN 1 AND 255),
            note BLOB NOT NULL
          ) STRICT, WITHOUT ROWID;
          CREATE TABLE history (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            count INTEGER NOT NULL CHECK (count > 0),
            digest BLOB NOT NULL CHECK (length(digest) = 32),
            before BLOB NOT NULL CHECK (length(before) = 32)
          ) STRICT;
          """)
    ])
}
