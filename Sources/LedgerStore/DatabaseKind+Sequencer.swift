// SPDX-License-Identifier: Apache-2.0

extension DatabaseKind {
  /// The tables of ``SQLiteSequencerStore``.
  ///
  /// Claims are kept in the order of their digests, without row numbers, so the order in which they
  /// came is not stored. `claim_sum` is ``ClaimSum/bytes``, `log.digest` is ``LogRow/digest``: SQLite has
  /// no checksums, and what is lost or changed on the disk must be noticed.
  static let sequencer = DatabaseKind(
    name: "a log's sequencer", mark: "UrnL",
    migrations: [
      Migration(
        name: "1: log, staging, claims",
        sql: """
          CREATE TABLE log (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            checkpoint BLOB NOT NULL,
            claim_count INTEGER NOT NULL CHECK (claim_count >= 0),
            claim_sum BLOB NOT NULL CHECK (length(claim_sum) = 32),
            digest BLOB NOT NULL CHECK (length(digest) = 32)
          ) STRICT;
          CREATE TABLE staging (
            only INTEGER PRIMARY KEY CHECK (only = 1) REFERENCES log (only),
            checkpoint BLOB NOT NULL,
            batch BLOB NOT NULL
          ) STRICT;
          CREATE TABLE claim (
            digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
            leaf INTEGER NOT NULL CHECK (leaf >= 0)
          ) STRICT, WITHOUT ROWID;
          """)
    ])
}
