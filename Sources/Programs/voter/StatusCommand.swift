// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import Ledger
import LedgerFiles
import Verification

/// `voter status`
struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Shows whether a credential was issued for an entry of the roll, and when; proves it.",
    discussion: """
      The record holds every request, so what is not in it was not issued. Only who knows the number of an entry \
      can ask for it.

      Once the list is frozen, --proof writes a file that shows the answer without the record, to a journalist, a \
      court, another device: verifier status FILE. The file names the entry by its number, and no person.

      With --leaf the file also shows that this entry of the roll is that of one citizen: it holds the salt. \
      Whoever sees that file learns which number is the citizen's, for this election and for good, and can see in \
      the record what was issued for it. Give it to those only who are to know.
      """)

  @OptionGroup var record: RecordOptions
  @Option(help: "The label of the district.") var district: String
  @Option(help: "The number of the roll's entry.") var index: Int
  @Option(help: "A file that gets the proof; once the list is frozen.") var proof: String?
  @Option(
    help: """
      With --proof: the citizen's entry with its salt, a secret file of `issuer roll proof`. It becomes part of \
      the proof, and whoever sees the proof learns whose entry it is.
      """)
  var leaf: String?

  func validate() throws {
    guard proof != nil || leaf == nil else { throw ValidationError("--leaf goes with --proof.") }
  }

  mutating func run() async throws {
    let (directory, state) = try await record.fold(.everything)
    guard let terms = state.terms,
      let position = terms.districts.firstIndex(where: { $0.label == district })
    else { throw ProgramError(.usage, "--district: a district of the election's roll") }
    guard let status = state.issuanceStatus(district: position + 1, index: index) else {
      throw ProgramError(
        .usage, "--index: 1 to \(terms.districts[position].voters) in the district \(district)")
    }
    let place = "entry \(index) of the district \(district)"
    if status.attempts.isEmpty {
      Console.print(
        "no credential was issued for \(place), in \(directory.size) entries of the record")
    }
    for (attempt, issued) in status.attempts.enumerated() {
      Console.print(
        "credential \(attempt + 1) of \(place): record entry \(issued.entry), "
          + "\(UniversalTime.text(issued.time))" + (issued.isCancelled ? ", cancelled" : ""))
    }
    if [.setup, .keyCeremony, .registration].contains(state.phase) {
      Console.print("the registration is not over")
    }
    if let proof { try prove(status, to: proof, directory, state) }
  }

  private func prove(
    _ status: IssuanceStatus, to path: String, _ directory: RecordDirectory,
    _ state: ElectionState
  ) throws {
    let roll = try leaf.map { try opening($0, status) }
    let made: StatusProof
    do throws(StatusProof.Unavailable) {
      made = try StatusProof.make(
        from: directory, state, district: status.district, index: status.index, roll: roll)
    } catch {
      switch error {
      case .notFrozen:
        throw ProgramError(
          .incomplete, "the proof exists from the freezing of the list on",
          hint: "run the command again when the commission has frozen the list")
      case .noEntry: throw ProgramError(.usage, "--index: an entry of the roll")
      case .record(let detail): throw ProgramError(.wrong, "\(record.path): \(detail)")
      }
    }
    // What would be refused is not handed out: a wrong salt, for example.
    do {
      _ = try made.check(StatusProof.Anchor(electionID: state.electionID))
    } catch { throw ProgramError(.wrong, "the proof: \(error)") }
    if roll == nil {
      try Files.write(made.bytes, to: path)
    } else {
      try Files.writeSecret(made.bytes, to: path)
      Console.print("\(path) holds the salt: whoever sees it learns whose entry this is")
    }
    Console.print(
      "wrote \(path): verifier status \(path) --election \(state.electionID?.hex ?? "")")
  }

  private func opening(
    _ path: String, _ status: IssuanceStatus
  ) throws(ProgramError) -> RollOpening {
    let bytes = try Files.readSecret(path, limit: RollProof.maximumByteCount)
    let proof = try ProgramError.naming(path) { try RollProof(bytes: bytes.revealed()) }
    guard proof.district == status.district, proof.index == status.index else {
      throw ProgramError(
        .wrong, "\(path): entry \(proof.index) of the district number \(proof.district)")
    }
    return proof.opening
  }
}
