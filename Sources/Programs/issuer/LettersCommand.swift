// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import ElectoralRoll

/// `issuer letters`
struct Letters: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the codes and letters of one authority, and the keys that belong to them.",
    discussion: """
      Run by each of the one or two authorities that send letters, on a machine of their own. The letters are \
      HTML for printing and hold the codes: print them, and destroy the files. No code is kept. The file of keys \
      is public and goes to those who make the roll.
      """)

  @Option(help: "The list for those who send letters, as `issuer roll import` writes it.")
  var list: String
  @Option(help: "The public file of the roll.") var plan: String
  @Option(help: "The election's name, as it stands in the letters.") var electionName: String
  @Option(help: "The name of an authority that sends letters; once for each, authority 1 first.")
  var authorityName: [String]
  @Option(help: "The number of this authority.") var authority: Int
  @Option(help: "The folder for the letters, made if it is not there.") var output: String
  @Option(help: "The file of keys to write.") var keys: String
  @Option(help: "Letters in a file.") var perFile = 500

  func validate() throws {
    guard (1...LetterPrinter.maximumLetters).contains(perFile) else {
      throw ValidationError("--per-file: 1 to \(LetterPrinter.maximumLetters).")
    }
    guard (1...RollIdentity.maximumKeys).contains(authorityName.count),
      authorityName.indices.contains(authority &- 1)
    else { throw ValidationError("--authority: the number of one of --authority-name.") }
  }

  mutating func run() async throws {
    let plan = try RollPlan(path: plan)
    let bytes = try Files.read(list, limit: 1 << 30)
    let letters: LetterList
    do throws(RollFileError) { letters = try LetterList(csv: bytes, for: plan.districts) } catch {
      throw error.programError(list)
    }
    try Files.makeFolder(output)
    var published = plan.districts.map { district in
      [Ed25519.PublicKey?](repeating: nil, count: district.keyEntries)
    }
    var files = 0
    do {
      var printer = try LetterPrinter(
        LetterPrinter.Election(
          name: electionName, register: plan.register, districts: plan.districts,
          authorities: authorityName), authority: authority, lettersPerFile: perFile)
      // Stretching a code takes a tenth of a second: as many at a time as there are processors.
      let width = 64
      for start in stride(from: 0, to: letters.entries.count, by: width) {
        let part = Array(letters.entries[start..<min(start + width, letters.entries.count)])
        let made = try await Self.codes(part, plan.register, authority)
        for (entry, made) in zip(part, made) {
          published[entry.district - 1][entry.index - 1] = made.key
          if let file = try printer.add(entry, code: made.code) {
            files += 1
            try Files.writeSecret(file.revealed(), to: "\(output)/letters-\(files).html")
          }
        }
      }
      if let file = printer.finish() {
        files += 1
        try Files.writeSecret(file.revealed(), to: "\(output)/letters-\(files).html")
      }
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.wrong, "the letters: \(error)")
    }
    let lists = published.map { $0.compactMap { $0 } }
    guard let keyFile = LetterKeys(lists, for: plan.districts) else {
      throw ProgramError(.wrong, "\(list): not one letter for every entry that gets one")
    }
    try Files.writeSecret(keyFile.csv(), to: keys)
    Console.print("made \(letters.entries.count) letters in \(files) files, and \(keys)")
  }

  /// A code that was made, with its public key. A class, since the code cannot be copied.
  private final class Made: Sendable {
    let code: MailedCode
    let key: Ed25519.PublicKey

    init(_ entry: LetterEntry, _ register: Digest, _ authority: Int) throws {
      let code = try MailedCode.random()
      key = try code.key(
        register: register, district: entry.district, index: entry.index, authority: authority
      ).publicKey
      self.code = code
    }
  }

  private static func codes(
    _ entries: [LetterEntry], _ register: Digest, _ authority: Int
  ) async throws -> [Made] {
    try await withThrowingTaskGroup(of: (Int, Made).self) { group in
      for (position, entry) in entries.enumerated() {
        group.addTask { (position, try Made(entry, register, authority)) }
      }
      var made: [(Int, Made)] = []
      for try await item in group { made.append(item) }
      return made.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }
}
