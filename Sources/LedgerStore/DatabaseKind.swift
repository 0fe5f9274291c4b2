// SPDX-License-Identifier: Apache-2.0

import GRDB

/// What a database of this package is for: its mark in the file, and how its tables came about.
package struct DatabaseKind: Sendable {
  /// One step of a schema, in a transaction of its own. A step that was published is never changed.
  package struct Migration: Sendable {
    package let name: String
    package let sql: String

    package init(name: String, sql: String) {
      self.name = name
      self.sql = sql
    }
  }

  /// What messages call it.
  let name: String
  /// `PRAGMA application_id`: four ASCII letters, big-endian.
  let applicationID: Int32
  /// The steps, in order. `PRAGMA user_version` is their number.
  let migrations: [Migration]

  package init(name: String, mark: StaticString, migrations: [Migration]) {
    self.name = name
    self.migrations = migrations
    applicationID = mark.description.utf8.prefix(4).reduce(0) { $0 << 8 | Int32($1) }
  }

  var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    for (number, migration) in migrations.enumerated() {
      migrator.registerMigration(migration.name) { [applicationID] db in
        try db.execute(sql: migration.sql)
        try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        try db.execute(sql: "PRAGMA user_version = \(number + 1)")
      }
    }
    return migrator
  }
}
