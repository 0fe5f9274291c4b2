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
    _ depth: RecordFold.Depth, _ phase: ElectionPhase
  ) async throws -> (record: RecordDirectory, state: ElectionState) {
    let (directory, state) = try await record.fold(depth)
    guard state.phase == phase else {
      throw ProgramError(
        .refused, "the election is in the phase \(state.phase.rawValue), not \(phase.rawValue)")
    }
    return (directory, state)
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
  @Option(help: "The entry to write, for `ballot-box accept`.") var output: String

  mutating func run() async throws {
    let (_, state) = try await phase.fold(.everything, .keyCeremony)
    guard let keys = state.expectedKeys, let manifest = state.manifest,
      state.ceremony.confirmations.count == state.trusteeCount
    else {
      throw ProgramError(
        .incomplete,
        "\(state.ceremony.confirmations.count) of \(state.trusteeCount) trustees confirmed the keys"
      )
    }
    let key = try phase.commission.key()
    try phase.commission.write(
      VotingOpened(
        treeSize: state.size, keys: keys, totals: .empty(manifest.outline, in: state.group)),
      state, to: output, key: key)
  }
}

/// `election close`
struct Close: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Closes the voting and counts the ballots in the box.")

  @OptionGroup var phase: PhaseOptions
  @Option(help: "The entry to write, for `ballot-box close`.") var output: String

  mutating func run() async throws {
    let (_, state) = try await phase.fold(.structure, .voting)
    let key = try phase.commission.key()
    try phase.commission.write(
      VotingClosed(ballots: state.counts), state, to: output, key: key)
    let counts = state.counts
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
  @Option(help: "The entry that opens the session to write.") var sessionOutput: String

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
    switch state.phase {
    case .closed:
      guard let output else {
        throw ProgramError(.usage, "--output is needed for the totals")
      }
      guard let tally = await Aggregation.tally(state, directory) else {
        throw ProgramError(.wrong, "a counted ballot cannot be read again")
      }
      try phase.commission.write(
        TallyAggregated(ballots: state.counts, totals: tally.totals), state, to: output, key: key)
    case .decryption:
      if output != nil {
        throw ProgramError(.refused, "the totals are in the record; leave --output out")
      }
    default:
      throw ProgramError(.refused, "the election is in the phase \(state.phase.rawValue)")
    }
    try phase.commission.write(
      DecryptionOpened(session: state.decryption.session + 1, trustees: trustees), state,
      to: sessionOutput, key: key)
  }
}

/// `election publish`
struct Publish: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Puts the trustees' answers together, and certifies the result.")

  @OptionGroup var phase: PhaseOptions
  @Option(help: "The entry with the decrypted totals to write.") var output: String
  @Option(help: "The entry that certifies the result to write.") var certifiedOutput: String

  mutating func run() async throws {
    let (_, state) = try await phase.fold(.everything, .decryption)
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
    try phase.commission.write(decrypted, state, to: output, key: key)
    try phase.commission.write(certified, state, to: certifiedOutput, key: key)
  }
}
