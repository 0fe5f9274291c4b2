// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import Election
package import Groups
package import Ledger
internal import TestSupport

/// Who signs an entry of a fixture. Numbers count from 1.
package enum Role: Sendable {
  case commission
  case box
  case trustee(Int)
  case voter(Int)
  /// An issuer of credentials.
  case issuer(Int)
  /// A citizen by the first key of the roll's entry; the number is the voter's.
  case citizen(Int)
}

/// An entry that was to be admitted was not.
package struct NotAdmitted: Error, CustomStringConvertible {
  package let type: String
  package let failures: [Failure]

  package init(type: String, failures: [Failure]) {
    self.type = type
    self.failures = failures
  }

  package var description: String {
    "\(type): "
      + failures.map { "\($0.rule.rawValue) \($0.place): \($0.detail)" }.joined(separator: "; ")
  }
}

/// The payloads of the entries of a fixture.
package struct FixturePayloads: PayloadSource {
  package let entries: [EntryFile]

  package init(entries: [EntryFile]) { self.entries = entries }

  package func payload(at index: Int) -> [UInt8]? {
    entries.indices.contains(index) ? entries[index].payload : nil
  }
}

/// A whole election in memory, folded through the rulebook entry by entry. It is a value: a test
/// takes a copy at any stage and goes on in its own way.
package struct ElectionFixture: Sendable {
  package let setup: ElectionSetup
  package let manifest: Manifest
  package let commission: Identity
  package let box: Identity
  package let trusteeIdentities: [Identity]
  /// The keys that sign ballots. Where voters have credentials they follow from seeds and from the election_id.
  package internal(set) var voterIdentities: [Identity]
  /// The state after all admitted entries.
  package private(set) var state: ElectionState
  /// The admitted entries, those of batches among them.
  package private(set) var entries: [EntryFile] = []
  /// The trustees' secrets of this round.
  package var secrets: [TrusteeBox] = []
  /// Ballots that were made, by confirmation code.
  package var made: [Digest: MadeBallot] = [:]
  /// The time of the next batch.
  package var time = 1_000

  package var group: Group { setup.group }
  package var payloads: FixturePayloads { FixturePayloads(entries: entries) }

  package init(_ setup: ElectionSetup) throws {
    self.setup = setup
    manifest = try setup.manifest()
    commission = try Identity("commission")
    box = try Identity("box")
    trusteeIdentities = try (1...setup.trustees).map { try Identity("trustee/\($0)") }
    voterIdentities = try (1...setup.voters.count).map { try Identity("voter/\($0)") }
    state = ElectionState(group: setup.group)
  }

  // MARK: Who

  package func identity(_ role: Role) -> Identity {
    switch role {
    case .commission: commission
    case .box: box
    case .trustee(let index): trusteeIdentities[index - 1]
    case .voter(let number): voterIdentities[number - 1]
    case .issuer(let number): CredentialSetup.issuers[number - 1].identity
    case .citizen(let number): CredentialSetup.rollIdentities[number - 1][0]
    }
  }

  package func author(_ role: Role) -> Author {
    switch role {
    case .commission: .commission
    case .box: .ballotBox
    case .trustee(let index): .trustee(index)
    case .voter(let number): .pseudonym(voterIdentities[number - 1].publicKey)
    case .issuer(let number): .issuer(number)
    case .citizen: .citizen(identity(role).publicKey)
    }
  }

  // MARK: Entries

  /// An entry of `role`; `signer` other than the role makes a forgery.
  package func entry<Payload: EntryPayload>(
    _ payload: Payload, by role: Role, signer: Role? = nil
  ) throws -> EntryFile {
    try entry(Payload.type, payload.bytes(in: group), by: role, signer: signer)
  }

  /// The same with exact bytes.
  package func entry(
    _ type: EntryType, _ bytes: [UInt8], by role: Role, signer: Role? = nil
  ) throws -> EntryFile {
    try EntryFile.signed(
      type, bytes: bytes, by: author(role), electionID: state.electionID,
      key: identity(signer ?? role).key())
  }

  /// An entry with its payload's text changed at the first place, signed anew.
  package func edited(
    _ file: EntryFile, _ text: String, _ replacement: String, by role: Role
  ) throws -> EntryFile {
    var bytes = file.payload
    guard let type = EntryType(rawValue: file.entry.type),
      let range = bytes.firstRange(of: Array(text.utf8))
    else { throw NotAdmitted(type: file.entry.type, failures: []) }
    bytes.replaceSubrange(range, with: Array(replacement.utf8))
    return try entry(type, bytes, by: role)
  }

  /// What the rules find about an entry in the next batch, proofs included.
  package func findings(_ file: EntryFile) throws -> Findings {
    var copy = self
    if file.entry.type != EntryType.configuration.rawValue
      && file.entry.type != EntryType.batch.rawValue
    {
      try copy.openBatch()
    }
    return copy.findingsNow(file)
  }

  /// The same without a batch before it.
  package func findingsNow(_ file: EntryFile) -> Findings {
    state.check(
      RecordedEntry(index: state.size, entry: file.entry, payload: file.payload),
      payloads: payloads
    ).complete()
  }

  /// The rules that an entry breaks in the next batch.
  package func broken(_ file: EntryFile) throws -> Set<RuleID> {
    Set(try findings(file).failures.map(\.rule))
  }

  /// Opens a batch.
  package mutating func openBatch() throws {
    let batch = BatchOpened(number: (state.batch?.number ?? 0) + 1, time: time)
    time += 1
    try append(entry(batch, by: .box))
  }

  /// Opens a batch and admits entries in the order of batches.
  package mutating func admit(_ files: [EntryFile]) throws {
    try openBatch()
    let sorted = files.sorted {
      let ranks = (
        EntryType(rawValue: $0.entry.type)?.rank, EntryType(rawValue: $1.entry.type)?.rank
      )
      return ranks.0 == ranks.1
        ? $0.entry.leafHash < $1.entry.leafHash : (ranks.0 ?? 0) < (ranks.1 ?? 0)
    }
    for file in sorted { try append(file) }
  }

  /// Admits one entry in a batch of its own.
  package mutating func admit(_ file: EntryFile) throws { try admit([file]) }

  /// Checks one entry and applies it, without a batch.
  package mutating func append(_ file: EntryFile) throws {
    let check = state.check(
      RecordedEntry(index: state.size, entry: file.entry, payload: file.payload),
      payloads: payloads)
    let failures = check.complete().failures.filter { !isExpected($0) }
    guard failures.isEmpty else {
      throw NotAdmitted(type: file.entry.type, failures: failures)
    }
    state.apply(check)
    entries.append(file)
  }

  /// Applies an entry whatever the rules say about it, as a dishonest box would.
  package mutating func force(_ file: EntryFile) {
    state.apply(
      state.check(
        RecordedEntry(index: state.size, entry: file.entry, payload: file.payload),
        payloads: payloads))
    entries.append(file)
  }

  /// Gives the state what a fold recomputes from the record.
  package mutating func keep(_ tally: RecomputedTally) { state.keepRecomputed(tally) }

  /// The toy groups are not the standard one, and the rules say so.
  private func isExpected(_ failure: Failure) -> Bool {
    setup.group !== Group.standard && [.eg1B, .eg1C, .eg1D].contains(failure.rule)
  }
}
