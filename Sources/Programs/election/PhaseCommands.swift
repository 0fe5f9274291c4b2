// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import Groups
import Ledger
import LedgerFiles
import Verification

/// What the commands on a record share.
struct PhaseOptions: ParsableArguments {
  @OptionGroup var record: RecordOptions
  @OptionGroup var commission: CommissionOptions

  /// Folds the record and demands a phase.
  func fold(
    _ depth: RecordFold.Depth, _ phases: ElectionPhase...
  ) async throws -> (record: RecordDirectory, state: ElectionState) {
    let (directory, state) = try await record.fold(depth)
    guard phases.contains(state.phase) else {
      throw ProgramError(
        .refused,
        "the election is in the phase \(state.phase.rawValue), not "
          + phases.map(\.rawValue).joined(separator: " or "))
    }
    return (directory, state)
  }

  /// Writes entries, or sends them one after the other.
  func deliver(
    _ entries: [(file: String?, entry: EntryFile)], _ sending: SendOptions,
    _ directory: RecordDirectory, _ state: ElectionState
  ) async throws(ProgramError) {
    for (file, entry) in entries {
      if let file {
        try Files.write(entry.bytes, to: file)
        Console.print("wrote \(file) (\(entry.entry.type))")
      } else {
        try await sending.submission(record, directory, state).send(entry)
      }
    }
  }
}

extension ElectionState {
  /// The counts of the record's ballots under the election's policy.
  var counts: BallotCounts { ballots.counts(revoting: configuration?.policy.revoting == true) }
}

/// `election open`
struct Open: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Opens the voting with the keys that all trustees confirmed, and a zero tape.")

  @OptionGroup var phase: PhaseOptions
  @OptionGroup var output: EntryOutput

  mutating func run() async throws {
    let (directory, state) = try await phase.fold(.everything, .keyCeremony, .frozen)
    guard state.kind != .petition else {
      throw ProgramError(.refused, "nobody votes in a petition; it is complete with its list")
    }
    for line in state.gapReport { Console.print(line) }
    guard let keys = state.expectedKeys, let manifest = state.manifest,
      state.ceremony.confirmations.count == state.trusteeCount
    else {
      throw ProgramError(
        .incomplete,
        "\(state.ceremony.confirmations.count) of \(state.trusteeCount) trustees confirmed the keys"
      )
    }
    let entry = try phase.commission.sign(
      VotingOpened(
        treeSize: state.size, keys: keys, totals: .empty(manifest.outline, in: state.group)),
      state, key: try phase.commission.key())
    try await output.deliver(entry, phase.record, directory, state)
  }
}

/// `election close`
struct Close: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Closes the voting and counts the ballots in the box.")

  @OptionGroup var phase: PhaseOptions
  @OptionGroup var output: EntryOutput

  mutating func run() async throws {
    let (directory, state) = try await phase.fold(.structure, .voting)
    let counts = state.counts
    let entry = try phase.commission.sign(
      VotingClosed(ballots: counts, voted: state.votedByDistrict), state,
      key: try phase.commission.key())
    try await output.deliver(entry, phase.record, directory, state)
    Console.print(
      "\(counts.submitted) ballots: \(counts.cast) cast, \(counts.challenged) challenged, "
        + "\(counts.undecided) undecided")
  }
}

/// `election tally`
struct Tally: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Publishes the encrypted totals and opens a decryption.",
    discussion: """
      Run it again with fewer trustees when one was named or stays silent; then only the session \
      is written.
      """)

  @OptionGroup var phase: PhaseOptions
  @Option(help: "The available trustees, such as 1,3,4.") var available: String
  @Option(help: "The entry with the totals to write; only the first time.") var output: String?
  @Option(help: "The entry that opens the session to write.") var sessionOutput: String?
  @OptionGroup var sending: SendOptions

  func validate() throws {
    guard (sessionOutput != nil) != sending.isSending, output == nil || !sending.isSending else {
      throw ValidationError(
        "Missing expected argument: either --session-output <session-output> or --submit.")
    }
  }

  mutating func run() async throws {
    let trustees = try available.split(separator: ",", omittingEmptySubsequences: false).map {
      guard let number = Int($0), number > 0 else {
        throw ProgramError(.usage, "--available: numbers of trustees with commas between")
      }
      return number
    }
    let (directory, state) = try await phase.record.fold(.everything)
    guard trustees == Set(trustees).sorted(),
      trustees.allSatisfy({ $0 <= state.trusteeCount }),
      trustees.count >= state.configuration?.threshold ?? .max
    else {
      throw ProgramError(
        .usage,
        "--available: ascending, of 1 to \(state.trusteeCount), "
          + "\(state.configuration?.threshold ?? 0) at least")
    }
    let key = try phase.commission.key()
    var entries: [(file: String?, entry: EntryFile)] = []
    switch state.phase {
    case .closed:
      guard output != nil || sending.isSending else {
        throw ProgramError(.usage, "--output is needed for the totals")
      }
      guard let tally = await Aggregation.tally(state, directory) else {
        if let unavailable = directory.unavailable {
          throw ProgramError(unavailable, in: phase.record.path)
        }
        throw ProgramError(.wrong, "a counted ballot cannot be read again")
      }
      entries.append(
        (
          output,
          try phase.commission.sign(
            TallyAggregated(ballots: state.counts, totals: tally.totals), state, key: key)
        ))
    case .decryption:
      if output != nil {
        throw ProgramError(.refused, "the totals are in the record; leave --output out")
      }
    default:
      throw ProgramError(.refused, "the election is in the phase \(state.phase.rawValue)")
    }
    entries.append(
      (
        sessionOutput,
        try phase.commission.sign(
          DecryptionOpened(session: state.decryption.session + 1, trustees: trustees), state,
          key: key)
      ))
    try await phase.deliver(entries, sending, directory, state)
  }
}

/// `election publish`
struct Publish: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Puts the trustees' answers together, and certifies the result.")

  @OptionGroup var phase: PhaseOptions
  @Option(help: "The entry with the decrypted totals to write.") var output: String?
  @Option(help: "The entry that certifies the result to write.") var certifiedOutput: String?
  @OptionGroup var sending: SendOptions

  func validate() throws {
    guard (output != nil) != sending.isSending, (certifiedOutput != nil) != sending.isSending else {
      throw ValidationError(
        "Missing expected argument: either --output <output> and --certified-output "
          + "<certified-output>, or --submit.")
    }
  }

  mutating func run() async throws {
    let (directory, state) = try await phase.fold(.everything, .decryption)
    guard let context = state.context, let manifest = state.manifest,
      let tally = state.recomputed
    else { throw ProgramError(.incomplete, "the record holds no totals") }
    let session = state.decryption
    guard session.isComplete else {
      let named = session.named.filter { $0.session == session.session }.map(\.trustee)
      throw ProgramError(
        .incomplete,
        named.isEmpty
          ? "\(session.responses.count) of \(session.available.count) trustees answered"
          : "trustee \(named.map(String.init).joined(separator: ", ")) sent a wrong share",
        hint: "open a session of the others with election tally")
    }
    let decrypted: TallyDecrypted
    do {
      decrypted = try TallyDecrypted.combine(
        session, tally, manifest.outline, context,
        bound: state.largestTotal)
    } catch { throw ProgramError(.wrong, "no result: \(error)") }
    let certified = ResultCertified(
      ballots: state.counts,
      contests: decrypted.contests.map { contest in
        ContestResult(
          label: contest.label,
          options: contest.options.map { .init(label: $0.label, total: $0.total) })
      })
    let key = try phase.commission.key()
    try await phase.deliver(
      [
        (output, try phase.commission.sign(decrypted, state, key: key)),
        (certifiedOutput, try phase.commission.sign(certified, state, key: key)),
      ], sending, directory, state)
  }
}
