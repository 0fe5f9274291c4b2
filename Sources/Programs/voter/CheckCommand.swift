// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import Ledger
import LedgerFiles
import Verification

/// `voter check`
struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks that ballots stand in the record, and shows what challenged ones held.",
    discussion: """
      With --wallet all ballots of the wallet in this election, with --code one ballot: the second needs no secret \
      and runs on any device. With --receipt the record is also held against a receipt.
      """)

  @OptionGroup var record: RecordOptions
  @Option(help: "The voter's wallet.") var wallet: String?
  @Option(help: "A confirmation code.") var code: String?
  @Option(help: "A receipt of the ballot box, a tlog-proof file.") var receipt: String?
  @OptionGroup var passphrase: PassphraseOptions

  mutating func run() async throws {
    guard (wallet == nil) != (code == nil) else {
      throw ProgramError(.usage, "give either --wallet or --code")
    }
    let (directory, state) = try await record.fold(.keys)
    var codes: [Digest] = []
    var sent: [Digest: Digest] = [:]
    if let wallet {
      for ballot in try Wallet(path: wallet, passphrase).ballots
      where ballot.election == state.electionID {
        codes.append(ballot.confirmationCode)
        sent[ballot.confirmationCode] = ballot.payloadDigest
      }
    } else if let code {
      guard let digest = Digest(hex: code) else {
        throw ProgramError(.usage, "--code: 64 upper-case hexadecimal digits")
      }
      codes = [digest]
    }
    if codes.isEmpty { Console.print("the wallet holds no ballot of this election") }
    var missing = 0
    for code in codes where try !check(code, sent: sent[code], state, directory) { missing += 1 }
    if let receipt {
      let own = codes.compactMap { state.ballots.ballot($0)?.entry }
      try checkReceipt(receipt, of: own, state, directory)
    }
    if missing > 0 {
      throw ProgramError(
        .wrong, "\(missing) of \(codes.count) ballots are not in the record as they were made")
    }
  }

  /// Whether the ballot is in the record.
  /// - Parameter sent: the digest of the ballot as the wallet sent it, when the wallet is at hand.
  private func check(
    _ code: Digest, sent: Digest?, _ state: ElectionState, _ directory: RecordDirectory
  ) throws -> Bool {
    guard let ballot = state.ballots.ballot(code),
      let payload = try directory.payload(ofBallot: code, in: state)
    else {
      Console.print("\(code.hex): NOT IN THE RECORD")
      return false
    }
    guard sent == nil || sent == ballot.payloadDigest else {
      Console.print("\(code.hex): IN THE RECORD WITH ANOTHER CONTENT")
      return false
    }
    try ProgramError.naming(record.path) {
      let leaf = MerkleTree.leafHash(try directory.entry(at: UInt64(ballot.entry)))
      _ = try directory.receipt(at: UInt64(ballot.entry)).verify(
        leafHash: leaf, logKey: directory.logKey)
    }
    switch ballot.decision {
    case .none:
      Console.print("\(code.hex): in the record at \(ballot.entry), not cast")
    case .cast:
      let policy = state.configuration?.policy
      let counts = state.ballots.countedBallots(revoting: policy?.revoting == true)
        .contains { $0.confirmationCode == code }
      Console.print(
        "\(code.hex): in the record at \(ballot.entry), cast"
          + (counts ? " and counted" : ", replaced by another ballot"))
    case .challenged(let entry):
      Console.print("\(code.hex): in the record at \(ballot.entry), challenged; it held")
      try showOpening(entry: entry, payload: payload, state, directory)
    }
    return true
  }

  /// Recomputes the ciphertexts from the published nonces, and shows the votes.
  private func showOpening(
    entry: Int, payload: [UInt8], _ state: ElectionState, _ directory: RecordDirectory
  ) throws {
    guard let context = state.context else { return }
    let (submitted, challenged) = try ProgramError.naming(record.path) {
      (
        try BallotSubmitted(bytes: payload, in: state.group),
        try BallotChallenged(
          bytes: try directory.payload(at: UInt64(entry)), in: state.group)
      )
    }
    let findings = challenged.opening.check(
      submitted.ballot, context, at: "entry \(entry)")
    if let failure = findings.failures.first {
      throw ProgramError(
        .wrong,
        "\(failure.rule.rawValue): \(failure.rule.sentence) (\(failure.place): \(failure.detail))",
        hint: "the device that encrypted this ballot must not be trusted")
    }
    for contest in challenged.opening.contests {
      let votes = contest.selections.filter { $0.vote > 0 }.map { "\($0.label) \($0.vote)" }
      Console.print(
        "  \(contest.label): \(votes.isEmpty ? "blank" : votes.joined(separator: ", "))")
      if let data = contest.data {
        for line in Self.written(data.bytes, contest.selections.map(\.label)) {
          Console.print("    \(line)")
        }
      }
    }
  }

  /// What stands in contest data, which the findings above compared with the ballot.
  private static func written(_ bytes: [UInt8], _ labels: [String]) -> [String] {
    do {
      let data = try ContestData(decoding: bytes, options: labels.count)
      let names = zip(1..., labels).flatMap { number, label in
        data.writeIns.filter { $0.option == number }.map { "written for \(label): \($0.text)" }
      }
      guard let marks = data.overvote else { return names }
      let marked = zip(labels, marks).filter { $0.1 > 0 }.map { "\($0) \($1)" }
      return names + ["too many marks: " + marked.joined(separator: ", ")]
    } catch { return ["unreadable text"] }
  }

  /// The receipt must be about one of these entries, or it is another voter's; its checkpoint must bear the
  /// quorum of the witnesses, and be a former state of this record. One that contradicts the record is
  /// evidence against the log, and is kept as such.
  // adversary: L-01
  // adversary: L-03
  // adversary: L-05
  private func checkReceipt(
    _ path: String, of own: [Int], _ state: ElectionState, _ directory: RecordDirectory
  ) throws {
    let bytes = try Files.read(path, limit: InclusionReceipt.maximumByteCount)
    let (receipt, evidence) = try ProgramError.naming(path) {
      let receipt = try InclusionReceipt(bytes)
      let former = try Checkpoint.verified(receipt.checkpoint, logKey: directory.logKey)
      guard former.size <= directory.size else {
        throw ProgramError(
          .incomplete,
          "\(record.path): the record has \(directory.size) entries, the receipt is of \(former.size)",
          hint: "ask the ballot box itself, or a newer copy of the record")
      }
      return (
        receipt,
        try Equivocation.between(
          receipt.checkpoint, directory.checkpointNote, logKey: directory.logKey,
          tiles: directory)
      )
    }
    if let evidence {
      let file = "\(path).evidence"
      try Files.write(evidence.bytes, to: file)
      throw ProgramError(
        .wrong,
        "\(path): the receipt's tree and the record contradict each other; the log signed both",
        hint: "publish \(file): verifier evidence \(file) --log-key \(directory.logKey.vkey)")
    }
    try ProgramError.naming(path) {
      guard own.contains(Int(clamping: receipt.index)) else {
        throw LedgerError("receipt, index", "the entry of the ballot that is checked")
      }
      let leaf = MerkleTree.leafHash(try directory.entry(at: receipt.index))
      _ = try receipt.verify(
        leafHash: leaf, logKey: directory.logKey,
        policy: state.configuration?.witnessPolicy ?? .none)
    }
    Console.print("\(path): the receipt holds")
  }
}

extension RecordDirectory {
  /// The payload that submitted a ballot; nil when the record has no such ballot.
  func payload(
    ofBallot code: Digest, in state: ElectionState
  ) throws(ProgramError) -> [UInt8]? {
    guard let ballot = state.ballots.ballot(code) else { return nil }
    do { return try payload(at: UInt64(ballot.entry)) } catch { throw ProgramError(error) }
  }
}
