// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BlindSignatures
import CommandLineSupport
import Cryptography
import Election
import Verification

/// `issuer scope`
struct ShowScope: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scope",
    abstract: "Shows what credentials of a record are good for, how often, and how many there are.",
    discussion: """
      For issuers and citizens. The scope, the windows and the rate stand in the configuration; the numbers are \
      those of the record so far, every rule checked.

      With --keys and --number it tells whether these are the issuer's keys in this scope. With --other it tells \
      whether a key of an issuer is used in another record as well. Status 1 if one is wrong.
      """)

  @OptionGroup var record: RecordOptions
  @Option(help: "The issuer's number in the configuration; with --keys.") var number: Int?
  @Option(help: "The secret file of the issuer's credential keys.") var keys: String?
  @Option(
    help: "Another record, a folder or a URL, that must have other keys; once for each.")
  var other: [String] = []
  @OptionGroup var pin: TokenPIN
  @OptionGroup var passphrase: PassphraseOptions

  func validate() throws {
    guard (keys == nil) == (number == nil) else {
      throw ValidationError("--keys and --number go together.")
    }
  }

  mutating func run() async throws {
    let (_, state) = try await record.fold(.everything)
    guard let terms = state.terms, let scope = state.scope else {
      throw ProgramError(
        .refused, "\(record.path): the voters are listed; there are no credentials")
    }
    for line in state.scopeReport(terms, scope) { Console.print(line) }
    var used: [(owner: String, key: BlindRSAPublicKey)] = []
    for (position, issuer) in terms.issuers.enumerated() {
      used += issuer.credentialKeys.map { ("issuer \(position + 1)", $0) }
    }
    if let keys, let number {
      used += try own(keys, number, terms, scope).map { (keys, $0) }
      Console.print("\(keys): the keys of issuer \(number) in this scope")
    }
    for place in other { try await compare(used, with: place, scope) }
  }

  /// The keys of a file, which must be those of the issuer, and of no other scope.
  private func own(
    _ path: String, _ number: Int, _ terms: CredentialTerms, _ scope: CredentialScope
  ) throws(ProgramError) -> [BlindRSAPublicKey] {
    guard let issuer = terms.issuer(number) else {
      throw ProgramError(.usage, "--number: 1 to \(terms.issuers.count)")
    }
    let file = try CredentialKeyFile(path: path, passphrase: try passphrase.passphrase())
    guard !file.needsPIN || pin.pinFile != nil else {
      throw ProgramError(.usage, "--pin-file: the keys are in a hardware module")
    }
    try file.require(scope, path: path, .wrong)
    let own = try file.signers(pin: try pin.pin()).map(\.key)
    guard own == issuer.credentialKeys else {
      throw ProgramError(.wrong, "\(path): not the keys of issuer \(number) in the scope \(scope)")
    }
    return own
  }

  /// No key may be used in another scope.
  private func compare(
    _ used: [(owner: String, key: BlindRSAPublicKey)], with place: String, _ scope: CredentialScope
  ) async throws(ProgramError) {
    let (_, state) = try await RecordLocation(place).fold(.structure)
    guard let terms = state.terms, let other = state.scope else {
      throw ProgramError(.refused, "\(place): the voters are listed; there are no credentials")
    }
    guard other != scope else {
      throw ProgramError(.usage, "--other \(place): the same scope, \(scope)")
    }
    let moduli = Set(terms.issuers.flatMap(\.credentialKeys).map(\.modulusBytes))
    for (owner, key) in used where moduli.contains(key.modulusBytes) {
      throw ProgramError(
        .wrong, "\(owner): the key \(key.keyID.hex) is used in the scope \(other) as well",
        hint: "every scope has keys of its own")
    }
    Console.print("\(place): no key of this scope is used in the scope \(other)")
  }
}

extension ElectionState {
  /// What an issuer or a citizen wants to know, a line each.
  fileprivate func scopeReport(_ terms: CredentialTerms, _ scope: CredentialScope) -> [String] {
    func window(_ seconds: ClosedRange<Int>) -> String {
      "\(UniversalTime.text(seconds.lowerBound)) to \(UniversalTime.text(seconds.upperBound))"
    }
    var lines = [
      "scope \(scope.name)", "id \(scope.id.hex)", "name \(configuration?.name ?? "")",
    ]
    if let description = terms.scope {
      lines.append("text:")
      lines += description.text.split(separator: "\n").map {
        "  \($0)"
      }
    }
    lines += [
      "issuers: \(terms.required) of \(terms.issuers.count) must sign, \(terms.tolerated) may be dishonest",
      "registration \(window(terms.registration))", "activation \(window(terms.activation))",
      "phase \(phase.rawValue)",
      "rate: one live credential for each entry of the roll, one key for each credential; "
        + "\(IssueRequest.maximumAttempt + 1) attempts, each after the one before was given up",
    ]
    return lines
      + zip(terms.districts, credentials.counts).map { district, counts in
        "district \(district.label): \(district.voters) entries of the roll, \(counts.issued) credentials issued, "
          + "\(counts.cancelled) cancelled, \(counts.listed) keys activated"
      }
  }
}
