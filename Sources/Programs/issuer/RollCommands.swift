// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import ElectoralRoll
import Issuance
import IssuerStore
import Ledger
import StrictJSON

/// `issuer roll`
struct Roll: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the electoral roll: who is entitled, in which district.",
    discussion: """
      import makes it of a list of citizens, once; letters (the command) makes keys; complete puts them in and \
      writes the public file for the commission. Specs/roll.md has the columns.
      """,
    subcommands: [ImportRoll.self, ChangeRoll.self, CompleteRoll.self, ProveEntry.self])
}

/// The public file of a roll whose keys are not known yet: what the authorities who send letters need.
struct RollPlan {
  let register: Digest
  let districts: [RollDistrict]

  init(register: Digest, districts: [RollDistrict]) {
    self.register = register
    self.districts = districts
  }

  init(path: String) throws(ProgramError) {
    let reader = try Files.readJSON(path, limits: JSONLimits(maxBytes: 64 << 20))
    do {
      let fields = try reader.fields(["districts", "register", "version"])
      _ = try fields["version"].integer(1...1)
      register = try fields["register"].digest()
      var districts: [RollDistrict] = []
      for item in try fields["districts"].array(1...CredentialTerms.maximumDistricts) {
        let members = try item.fields(["keyEntries", "label", "voters"], optional: ["root"])
        let voters = try members["voters"].integer(0...CredentialTerms.maximumVoters)
        districts.append(
          RollDistrict(
            label: try members["label"].string(minBytes: 1, maxBytes: 256),
            number: districts.count + 1, voters: voters,
            keyEntries: try members["keyEntries"].integer(0...voters)))
      }
      self.districts = districts
    } catch { throw ProgramError(.wrong, "\(path): \(error)") }
  }

  /// - Parameter roots: by district; none before the keys are known.
  func write(to path: String, roots: [Digest] = []) throws(ProgramError) {
    var items: [JSONValue] = []
    for (position, district) in districts.enumerated() {
      var members = [
        JSONMember(name: "label", value: .string(district.label)),
        JSONMember(name: "voters", value: .integer(Int64(district.voters))),
        JSONMember(name: "keyEntries", value: .integer(Int64(district.keyEntries))),
      ]
      if roots.indices.contains(position) {
        members.append(JSONMember(name: "root", value: .string(roots[position].hex)))
      }
      items.append(.object(members))
    }
    let value = JSONValue.object([
      JSONMember(name: "version", value: .integer(1)),
      JSONMember(name: "register", value: .string(register.hex)),
      JSONMember(name: "districts", value: .array(items)),
    ])
    try Files.write(value.prettyBytes(), to: path)
  }
}

extension RollFileError {
  /// All problems, a line each.
  func programError(_ path: String) -> ProgramError {
    ProgramError(.wrong, "\(path): \(self)")
  }
}

/// `issuer roll import`
struct ImportRoll: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Makes a roll of a list of citizens: a random order in each district, and salts.",
    discussion: """
      The file is refused as a whole if a line is wrong. Made once, and copied to every issuer: another import is \
      another roll.
      """)

  @Option(help: "The list of citizens, CSV.") var csv: String
  @Option(help: "A district's label, as in the manifest; once for each, in their order.")
  var district: [String]
  @Option(help: "The roll to write, private.") var roll: String
  @Option(help: "The public file to write: names and sizes, for those who send letters.")
  var plan: String
  @Option(help: "The list for those who send letters, CSV, private; needed when there are letters.")
  var letters: String?

  mutating func run() async throws {
    try Files.refuseToOverwrite(roll)
    let bytes = try Files.read(csv, limit: 1 << 30)
    let draft: RollDraft
    do {
      draft = try RollDraft(CitizenList(csv: bytes, districts: district), districts: district)
    } catch { throw ProgramError(.wrong, "\(csv): \(error)") }
    let list = LetterList(draft)
    guard list.entries.isEmpty || letters != nil else {
      throw ProgramError(
        .usage, "--letters: \(list.entries.count) citizens have no identifier and get letters")
    }
    do throws(StoreError) {
      try await SQLiteRoll.create(path: roll, draft).close()
    } catch { throw ProgramError(.inputOutput, "\(roll): \(error)") }
    if let letters { try Files.writeSecret(list.csv(), to: letters) }
    try RollPlan(register: draft.register, districts: draft.districts).write(to: plan)
    for district in draft.districts {
      Console.print(
        "district \(district.label): \(district.voters) citizens, \(district.keyEntries) get letters"
      )
    }
    Console.print("made \(roll) and \(plan)")
  }
}

/// `issuer roll change`
struct ChangeRoll: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "change",
    abstract: "Applies changes with reasons to a list of citizens, before it is imported.")

  @Option(help: "The list of citizens, CSV.") var csv: String
  @Option(help: "The changes, CSV.") var changes: String
  @Option(help: "A district's label; once for each.") var district: [String]
  @Option(help: "The changed list to write, private.") var output: String
  @Option(help: "The public summary to write: numbers by action and reason.") var summary: String

  mutating func run() async throws {
    let bytes = try Files.read(csv, limit: 1 << 30)
    let list: CitizenList
    do throws(RollFileError) { list = try CitizenList(csv: bytes, districts: district) } catch {
      throw error.programError(csv)
    }
    let lines = try Files.read(changes, limit: 1 << 30)
    let changed: ChangedList
    do throws(RollFileError) {
      changed = try list.applying(csv: lines, districts: district)
    } catch { throw error.programError(changes) }
    try Files.writeSecret(changed.list.csv(), to: output)
    let items = changed.summary.map { count -> JSONValue in
      [
        "action": .string(count.action.rawValue), "reason": .string(count.reason),
        "count": .integer(Int64(count.count)),
      ]
    }
    let value: JSONValue = ["version": 1, "changes": .array(items)]
    try Files.write(value.prettyBytes(), to: summary)
    Console.print("\(changed.list.citizens.count) citizens; wrote \(output) and \(summary)")
  }
}

/// `issuer roll complete`
struct CompleteRoll: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "complete",
    abstract: "Puts the keys of the letters in, and writes the public file for the commission.",
    discussion: "Run again without --keys it writes the public file again.")

  @Option(help: "The roll.") var roll: String
  @Option(help: "A file of keys of an authority that sends letters: authority 1, then 2.")
  var keys: [String] = []
  @Option(help: "The public file to write: register, sizes and roots.") var output: String

  func validate() throws {
    guard keys.count <= RollIdentity.maximumKeys else {
      throw ValidationError("--keys: at most \(RollIdentity.maximumKeys) files.")
    }
  }

  mutating func run() async throws {
    do {
      let store = try SQLiteRoll.open(path: roll)
      let districts = try await store.districts()
      if !keys.isEmpty {
        let authorities = try read(districts)
        var completions: [(district: Int, index: Int, keys: [Ed25519.PublicKey])] = []
        for district in districts where district.keyEntries > 0 {
          for index in 1...district.keyEntries {
            completions.append(
              (
                district.number, index,
                authorities.keys(district: district.number, index: index)
              ))
          }
        }
        try await store.complete(completions)
      }
      let loaded = try await LoadedRoll.load(store)
      let register = try await store.register()
      try store.close()
      try RollPlan(register: register, districts: districts).write(to: output, roots: loaded.roots)
    } catch let error as ProgramError { throw error } catch StoreError.conflict {
      throw ProgramError(.refused, "\(roll): the entries have keys already")
    } catch { throw ProgramError(.wrong, "\(roll): \(error)") }
    Console.print("wrote \(output)")
  }

  private func read(_ districts: [RollDistrict]) throws(ProgramError) -> LetterAuthorities {
    var letters: [LetterKeys] = []
    for path in keys {
      let bytes = try Files.read(path, limit: 1 << 30)
      do throws(RollFileError) {
        letters.append(try LetterKeys(csv: bytes, for: districts))
      } catch { throw error.programError(path) }
    }
    guard letters.count == 2 else { return LetterAuthorities(letters[0]) }
    do throws(RollError) { return try LetterAuthorities(letters[0], letters[1]) } catch {
      throw ProgramError(.wrong, "\(keys.joined(separator: ", ")): \(error)")
    }
  }
}

/// `issuer roll proof`
struct ProveEntry: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "proof",
    abstract: "Writes a citizen's entry with salt and path, for that citizen alone.",
    discussion: """
      Whoever has it can see in the record whether this citizen got a credential. The citizen may put it into a \
      proof for somebody else: voter status --proof FILE --leaf FILE.
      """)

  @Option(help: "The roll.") var roll: String
  @Option(help: "A file with the citizen's reference in its first line.") var citizenFile: String
  @Option(help: "The file to write, mode 0600.") var output: String

  mutating func run() async throws {
    let text = try Files.read(citizenFile, limit: 1024)
    guard
      let citizen = String(
        validating: text.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    else { throw ProgramError(.wrong, "\(citizenFile): UTF-8") }
    do {
      let store = try SQLiteRoll.open(path: roll)
      let loaded = try await LoadedRoll.load(store)
      let row = try await store.row(citizen: citizen)
      guard let row,
        let entry = try await loaded.entry(district: row.district, index: row.index)
      else { throw ProgramError(.wrong, "\(roll): no such citizen") }
      try store.close()
      let proof = RollProof(
        district: row.district, index: row.index,
        opening: RollOpening(
          salt: entry.leaf.salt, identity: entry.leaf.identity, path: entry.path))
      try Files.writeSecret(proof.json.prettyBytes(), to: output)
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.wrong, "\(roll): \(error)")
    }
    Console.print("wrote \(output)")
  }
}
