// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BlindSignatures
import CommandLineSupport
import Cryptography
import Election
import Issuance
import Ledger
import StrictJSON
import Verification

/// `voter register`
struct Register: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Gets a credential from the issuers, which none of them can find again.",
    discussion: """
      For the election or the petition of --record; a wallet has one for each, and nothing joins them. \
      Everything follows from the wallet's seed. A step that was cut off goes on when the command runs again, on \
      this device or on another one that has the seed: issuers give the same answers, and there is one \
      credential. The issuers' keys are taken from the record under a witnessed checkpoint, never from them. Where \
      the record shows another request of the entry, made by another device or by somebody else, the command says \
      so and ends with status 1.

      The first time it is told who the voter is on the roll: --letters, which the wallet keeps; or \
      --certificate or --provider, which are given again until the credential is complete.
      """)

  @OptionGroup var voter: VoterOptions
  @Option(help: "The URL of an issuer; once for each, in any order.") var issuer: [String]
  @OptionGroup var identity: EntryIdentity

  mutating func run() async throws {
    let (_, state) = try await voter.record.fold(.structure)
    guard let terms = state.terms, let scope = state.scope else {
      throw ProgramError(.refused, "the election has no credentials: its voters are listed")
    }
    var wallet = try voter.open()
    let clients = try await connect(scope.id)
    var credential: WalletCredential
    if let known = wallet.credential(for: scope) {
      credential = known
    } else {
      credential = try await identity.credential(
        terms, scope, clients.sorted { $0.key < $1.key }.map(\.value), over: voter.record)
    }
    // A credential that was given up, perhaps on another device: the next one is asked for.
    let records = state.credentials.records(
      district: credential.district, index: credential.index)
    while records.indices.contains(credential.attempt), records[credential.attempt].isCancelled {
      credential.beginNextAttempt()
    }
    try wallet.keep(credential)
    // Before anything is sent: what was asked for can then always be asked for again.
    try voter.keep(wallet)
    var missing = terms.issuers.indices.map { $0 + 1 }.filter {
      credential.signatures[$0] == nil
    }
    let (message, blinded) = try await request(wallet, credential, terms, clients, state)
    let own = message.request(in: scope).hash
    let isAsking = missing.contains { clients[$0] != nil }
    let token = isAsking ? try await identity.token(for: own, over: voter.record) : nil
    var trouble: ProgramError?
    for number in missing {
      guard let client = clients[number] else { continue }
      do throws(ProgramError) {
        credential.signatures[number] = try await signature(
          of: number, client, message, blinded, token, wallet, credential, terms, state)
        try wallet.keep(credential)
        try voter.keep(wallet)
        Console.print("issuer \(number) (\(terms.issuers[number - 1].name)) signed")
      } catch {
        Console.error("error: \(error.message)")
        trouble = trouble ?? error
      }
    }
    missing.removeAll { credential.signatures[$0] != nil }
    guard missing.isEmpty else {
      let names = missing.map(String.init).joined(separator: ", ")
      if let trouble { throw trouble }
      throw ProgramError(
        .incomplete, "the signature of issuer \(names) is missing",
        hint: "run the command again with --issuer URL for each of them")
    }
    Console.print("the credential is complete")
    Console.print(
      "activate it from \(UniversalTime.text(terms.activation.lowerBound)) to "
        + "\(UniversalTime.text(terms.activation.upperBound)): voter activate --wait")
  }

  private func connect(_ election: Digest) async throws(ProgramError) -> [Int: IssuerClient] {
    var clients: [Int: IssuerClient] = [:]
    let shown = try identity.shown()
    for url in issuer {
      let client = try await IssuerClient.connect(
        url, election: election, making: voter.record.clients(showing: shown))
      guard clients.updateValue(client, forKey: client.number) == nil else {
        throw ProgramError(.usage, "\(url): another URL of issuer \(client.number)")
      }
    }
    return clients
  }

  /// The record of the request, and the blinded messages.
  private func request(
    _ wallet: Wallet, _ credential: WalletCredential, _ terms: CredentialTerms,
    _ clients: [Int: IssuerClient], _ state: ElectionState
  ) async throws(ProgramError) -> (record: CredentialIssuance, blinded: [[UInt8]]) {
    do {
      let secrets = try credential.secrets(wallet.seed)
      let (request, blinded) = try secrets.request(terms, index: credential.index)
      if let error = Self.conflict(credential, request.hash, state) { throw error }
      let (keys, signatures) = try credential.signed(request.bytes, seed: wallet.seed)
      var evidence = IssuanceEvidence.sealed(SHA256.hash([]))
      if !credential.entrySeeds.isEmpty {
        let statement = IssueRequest.question(
          scope: credential.scope, district: credential.district, index: credential.index)
        let (keys, signatures) = try credential.signed(statement, seed: wallet.seed)
        let question = RollQuestion(
          district: credential.district, index: credential.index, keys: keys,
          signatures: signatures)
        evidence = try await open(question, terms, clients)
      }
      return (
        CredentialIssuance(
          request: request, keys: keys, signatures: signatures, evidence: evidence), blinded
      )
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.wrong, "the request: \(error)")
    }
  }

  /// What to say where the record shows another request of the entry: it bears the signatures of the entry's own
  /// keys, or an issuer was shown who asked. nil where it does not.
  // adversary: E-07
  private static func conflict(
    _ credential: WalletCredential, _ own: Digest, _ state: ElectionState
  ) -> ProgramError? {
    let records = state.credentials.records(
      district: credential.district, index: credential.index)
    guard records.indices.contains(credential.attempt) else { return nil }
    let record = records[credential.attempt]
    guard record.request != own else { return nil }
    let way =
      credential.entrySeeds.isEmpty
      ? "an issuer was shown your certificate or your login"
      : "it is signed with the codes of your letters"
    return ProgramError(
      .wrong,
      "somebody asked for the credential of your entry before, with another wallet: \(way). Entry "
        + "\(record.entry) of the record shows it. There is one credential for each entry, and this "
        + "wallet does not get it",
      hint:
        "if it was you, use the other wallet; if not, tell the commission and the issuers at once, and "
        + "name that entry")
  }

  /// Salt and path from the first issuer that gives those which lead to the roll's root.
  private func open(
    _ question: RollQuestion, _ terms: CredentialTerms, _ clients: [Int: IssuerClient]
  ) async throws(ProgramError) -> IssuanceEvidence {
    var trouble = ProgramError(.usage, "--issuer: at least one issuer of the election")
    for client in clients.sorted(by: { $0.key < $1.key }).map(\.value) {
      do throws(ProgramError) {
        let answer = try await client.entry(question.bytes)
        let leaf = RollLeaf(
          register: terms.register, district: question.district, index: question.index,
          salt: answer.salt, identity: .keys(question.keys))
        guard let district = terms.district(question.district),
          leaf.isIncluded(path: answer.path, size: district.voters, root: district.root)
        else {
          throw ProgramError(
            .wrong, "\(client.url): what the issuer says of the roll does not fit the configuration"
          )
        }
        return .open(salt: answer.salt, path: answer.path)
      } catch { trouble = error }
    }
    throw trouble
  }

  /// One issuer's signature over M, checked in every way.
  // adversary: E-06, E-08
  private func signature(
    of number: Int, _ client: IssuerClient, _ record: CredentialIssuance, _ blinded: [[UInt8]],
    _ token: [UInt8]?, _ wallet: Wallet, _ credential: WalletCredential,
    _ terms: CredentialTerms, _ state: ElectionState
  ) async throws(ProgramError) -> [UInt8] {
    guard let issuer = terms.issuer(number),
      let key = terms.credentialKey(issuer: number, district: credential.district),
      blinded.indices.contains(number - 1)
    else { throw ProgramError(.wrong, "\(client.url): the election has no issuer \(number)") }
    let message: [UInt8]
    do {
      message = try IssueMessage(
        record: record, blinded: blinded[number - 1], idToken: token
      ).bytes(in: state.group)
    } catch { throw ProgramError(.wrong, "\(error)") }
    let request = record.request(in: credential.scope)
    guard let answer = try await client.issue(message) else {
      // The record decides whether it is so, not the issuer.
      let (_, newer) = try await voter.record.fold(.structure)
      if let error = Self.conflict(credential, request.hash, newer) { throw error }
      throw ProgramError(
        .wrong,
        "\(client.url): issuer \(number) says that another request of this entry came before, and the "
          + "record shows none",
        hint: "run the command again; if the issuer goes on saying so, tell the commission")
    }
    guard answer.request == request.hash, answer.issuer == number,
      answer.isReceiptValid(key: issuer.key)
    else {
      throw ProgramError(
        .wrong, "\(client.url): the answer is not signed by issuer \(number) of the configuration")
    }
    guard
      key.vartimeIsValid(
        blindSignature: answer.blindSignature, request: blinded[number - 1])
    else {
      let path = "\(voter.wallet).issuer-\(number).wrong-answer"
      let evidence: JSONValue = [
        "answer": answer.json, "blinded": .string(Hex.encode(blinded[number - 1])), "version": 1,
      ]
      try Files.write(evidence.prettyBytes(), to: path)
      throw ProgramError(
        .wrong,
        "\(client.url): issuer \(number) answered with a wrong signature, or with another key than "
          + "everybody's",
        hint: "give \(path) to the commission: with its receipt it convicts the issuer")
    }
    do {
      return try credential.secrets(wallet.seed).signature(
        from: answer.blindSignature, key: key, issuer: number)
    } catch { throw ProgramError(.wrong, "\(client.url): \(error)") }
  }
}
