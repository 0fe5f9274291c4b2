// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import StrictJSON

/// What the voter keeps: the seed, and for every ballot what its decision needs. The seed is that of the voter's
/// key, and what everything of the credentials follows from, of which there is one for each election or petition.
/// A secret file, mode 0600, under a passphrase if one was chosen. The nonce of a ballot is dropped when the ballot
/// is cast, so that nothing here can show afterwards how a cast ballot was filled in.
struct Wallet {
  /// A ballot that this wallet made.
  struct Ballot: Equatable {
    var election: Digest
    var sequence: Int
    var confirmationCode: Digest
    var payloadDigest: Digest
    /// ξ_B and the votes by contest, until the ballot is cast.
    var opening: Opening?
  }

  /// What a challenge publishes a part of.
  struct Opening: Equatable {
    var ballotNonce: [UInt8]
    var choices: JSONValue
  }

  var seed: [UInt8]
  var ballots: [Ballot]
  private var credentials: [WalletCredential] = []
  /// Whether the file is sealed under a passphrase.
  var isSealed = false

  static let context = "urna/wallet/v1"
  /// Most credentials.
  static let maximumCredentials = 1_000

  static func create() throws -> Wallet {
    Wallet(seed: try SecureRandom.bytes(32), ballots: [])
  }

  /// The credential for a scope; nil before the registration.
  func credential(for scope: CredentialScope?) -> WalletCredential? {
    credentials.first { $0.scope == scope }
  }

  /// The credential for a record, and the record's terms.
  func credential(
    in state: ElectionState
  ) throws(ProgramError) -> (credential: WalletCredential, terms: CredentialTerms) {
    guard let terms = state.terms else {
      throw ProgramError(.refused, "the election has no credentials: its voters are listed")
    }
    guard let credential = self.credential(for: state.scope) else {
      throw ProgramError(
        .incomplete, "the wallet has no credential of this election or petition",
        hint: "voter register")
    }
    return (credential, terms)
  }

  /// Keeps a credential in place of the one of the same scope.
  mutating func keep(_ credential: WalletCredential) throws(ProgramError) {
    if let position = credentials.firstIndex(where: { $0.scope == credential.scope }) {
      credentials[position] = credential
    } else {
      guard credentials.count < Self.maximumCredentials else {
        throw ProgramError(.refused, "a wallet has \(Self.maximumCredentials) credentials at most")
      }
      credentials.append(credential)
    }
  }

  /// The seed's own key, for elections that list their voters.
  func key() throws(ProgramError) -> Ed25519.PrivateKey {
    do { return try Ed25519.PrivateKey(seed: SecretBytes(copying: seed)) } catch {
      throw ProgramError(.wrong, "wallet: \(error)")
    }
  }

  /// The key that signs in a record: the pseudonym of its credential, or the seed's own where voters are listed.
  func key(for state: ElectionState) throws(ProgramError) -> Ed25519.PrivateKey {
    guard state.terms != nil else { return try key() }
    let (credential, _) = try self.credential(in: state)
    do { return try credential.secrets(seed).pseudonym() } catch {
      throw ProgramError(.wrong, "wallet: \(error)")
    }
  }

  init(seed: [UInt8], ballots: [Ballot]) {
    self.seed = seed
    self.ballots = ballots
  }

  init(path: String, _ passphrase: PassphraseOptions) throws(ProgramError) {
    var file = try Files.readSecret(path, limit: 16 << 20)
    do {
      if PassphraseBox.isBox(file) {
        isSealed = true
        file = try PassphraseBox.open(
          file.revealed(), passphrase: try passphrase.passphrase(), context: Self.context)
      }
      let reader = JSONReader(try JSONValue(parsing: file.revealed()))
      let fields = try reader.fields(["ballots", "seed", "version"], optional: ["credentials"])
      _ = try fields["version"].integer(1...1)
      seed = try fields["seed"].hex(bytes: 32)
      ballots = []
      for item in try fields["ballots"].array(0...10_000) {
        let members = try item.fields(
          ["confirmationCode", "election", "payload", "sequence"], optional: ["choices", "nonce"])
        var opening: Opening?
        if let nonce = members.optional("nonce") {
          opening = Opening(
            ballotNonce: try nonce.hex(bytes: 32), choices: try members["choices"].value)
        }
        ballots.append(
          Ballot(
            election: try members["election"].digest(),
            sequence: try members["sequence"].integer(1...1_000_000),
            confirmationCode: try members["confirmationCode"].digest(),
            payloadDigest: try members["payload"].digest(), opening: opening))
      }
      if let list = fields.optional("credentials") {
        for item in try list.array(1...Self.maximumCredentials) {
          let credential = try WalletCredential(item)
          guard self.credential(for: credential.scope) == nil else {
            throw item.failure("another credential of the same scope")
          }
          credentials.append(credential)
        }
      }
    } catch let error as ProgramError { throw error } catch CryptographyError.authenticationFailed {
      throw ProgramError(.wrong, "\(path): wrong passphrase, or not a wallet")
    } catch { throw ProgramError(.wrong, "\(path): \(error)") }
  }

  func write(to path: String, _ passphrase: PassphraseOptions) throws(ProgramError) {
    let items = ballots.map { ballot -> JSONValue in
      var members = [
        JSONMember(name: "confirmationCode", value: .string(ballot.confirmationCode.hex)),
        JSONMember(name: "election", value: .string(ballot.election.hex)),
        JSONMember(name: "payload", value: .string(ballot.payloadDigest.hex)),
        JSONMember(name: "sequence", value: .integer(Int64(ballot.sequence))),
      ]
      if let opening = ballot.opening {
        members.append(JSONMember(name: "choices", value: opening.choices))
        members.append(
          JSONMember(name: "nonce", value: .string(Hex.encode(opening.ballotNonce))))
      }
      return .object(members)
    }
    var members = [
      JSONMember(name: "version", value: .integer(1)),
      JSONMember(name: "seed", value: .string(Hex.encode(seed))),
      JSONMember(name: "ballots", value: .array(items)),
    ]
    if !credentials.isEmpty {
      members.append(
        JSONMember(name: "credentials", value: .array(credentials.map(\.json))))
    }
    var bytes = JSONValue.object(members).prettyBytes()
    guard isSealed else {
      try Files.writeSecret(bytes, to: path)
      return
    }
    do {
      let box = try PassphraseBox.seal(
        SecretBytes.wiping(&bytes), passphrase: try passphrase.passphrase(), context: Self.context)
      try Files.writeSecret(box, to: path)
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.inputOutput, "\(path): \(error)")
    }
  }
}

/// `voter keys`
struct Keys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the voter's key: a secret wallet and a public file for the list of voters.")

  @Option(help: "The wallet to write, mode 0600.") var wallet: String
  @Option(help: "The public file to write.") var `public`: String
  @Flag(help: "Seal the wallet under a passphrase.") var seal = false
  @OptionGroup var passphrase: PassphraseOptions

  mutating func run() async throws {
    try Files.refuseToOverwrite(wallet)
    var made: Wallet
    do { made = try Wallet.create() } catch { throw ProgramError(.inputOutput, "\(error)") }
    made.isSealed = seal
    try made.write(to: wallet, passphrase)
    let value: JSONValue = ["key": .string(try made.key().publicKey.hex)]
    try Files.write(value.prettyBytes(), to: self.public)
    Console.print("made \(wallet) and \(self.public)")
  }
}
