// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import IssuerStore
import Ledger

/// `issuer evidence`
struct Evidence: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes sealed evidence for the auditors.")

  @Option(help: "The issuer's database; not while the issuer serves.") var database: String
  @Option(help: "The digest that the record has, 64 digits.") var digest: String
  @Option(help: "The file to write.") var output: String

  mutating func run() async throws {
    guard let digest = Digest(hex: digest) else {
      throw ProgramError(.usage, "--digest: 64 upper-case hexadecimal digits")
    }
    let store = try IssuerDatabase.open(database)
    let sealed: [UInt8]?
    do throws(StoreError) {
      sealed = try await store.evidence(digest)
      try store.close()
    } catch { throw IssuerDatabase.error(error, database) }
    guard let sealed else {
      throw ProgramError(
        .incomplete, "\(database): this issuer has no evidence of that digest",
        hint: "the issuer that put the request on the record has it")
    }
    try Files.write(sealed, to: output)
    Console.print("wrote \(output)")
  }
}
