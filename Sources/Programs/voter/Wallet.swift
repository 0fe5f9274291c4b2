// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import StrictJSON

/// What the voter keeps: the seed of their key, and for every ballot what its decision needs. A
/// secret file, mode 0600. The nonce of a ballot is dropped when the ballot is cast, so that nothing
/// here can show afterwards how a cast ballot was filled in.
struct Wallet {
  /// A ballot that this wallet made.
  struct Ballot: Equatable {
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

  static func create() throws -> Wallet {
    Wallet(seed: try SecureRandom.bytes(32), ballots: [])
  }

  func key() throws(ProgramError) -> Ed25519.PrivateKey {
    do { return try Ed25519.PrivateKey(seed: SecretBytes(copying: seed)) } catch {
      throw ProgramError(.wrong, "wallet: \(error)")
    }
  }

  init(seed: [UInt8], ballots: [Ballot]) {
    self.seed = seed
    self.ballots = ballots
  }

  init(path: String) throws(ProgramError) {
    let file = try Files.readSecret(path, limit: 16 << 20)
    do {
      let reader = JSONReader(try JSONValue(parsing: file.revealed()))
      let fields = try reader.fields(["ballots", "seed", "version"])
      _ = try fields["version"].integer(1...1)
      seed = try fields["seed"].hex(bytes: 32)
      ballots = []
      for item in try fields["ballots"].array(0...10_000) {
        let members = try item.fields(
          ["confirmationCode", "payload", "sequence"], optional: ["choices", "nonce"])
        var opening: Opening?
        if let nonce = members.optional("nonce") {
          opening = Opening(
            ballotNonce: try nonce.hex(bytes: 32), choices: try members["choices"].value)
        }
        guard let code = Digest(try members["confirmationCode"].hex(bytes: 32)),
          let payload = Digest(try members["payload"].hex(bytes: 32))
        else { throw item.failure("a hash has 32 bytes") }
        ballots.append(
          Ballot(
            sequence: try members["sequence"].integer(1...1_000_000), confirmationCode: code,
            payloadDigest: payload, opening: opening))
      }
    } catch { throw ProgramError(.wrong, "\(path): \(error)") }
  }

  func write(to path: String) throws(ProgramError) {
    let items = ballots.map { ballot -> JSONValue in
      var members = [
        JSONMember(name: "confirmationCode", value: .string(ballot.confirmationCode.hex)),
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
    let value: JSONValue = [
      "version": 1, "seed": .string(Hex.encode(seed)), "ballots": .array(items),
    ]
    try Files.writeSecret(value.prettyBytes(), to: path)
  }
}

/// `voter keys`
struct Keys: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes the voter's key: a secret wallet and a public file for the list of voters.")

  @Option(help: "The wallet to write, mode 0600.") var wallet: String
  @Option(help: "The public file to write.") var `public`: String

  mutating func run() async throws {
    try Files.refuseToOverwrite(wallet)
    let made: Wallet
    do { made = try Wallet.create() } catch { throw ProgramError(.inputOutput, "\(error)") }
    try made.write(to: wallet)
    let value: JSONValue = ["key": .string(try made.key().publicKey.hex)]
    try Files.write(value.prettyBytes(), to: self.public)
    Console.print("made \(wallet) and \(self.public)")
  }
}
