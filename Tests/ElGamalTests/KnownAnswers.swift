// SPDX-License-Identifier: Apache-2.0

import Cryptography
import ElGamal
import Election
import Groups
import StrictJSON
import TestSupport
import Testing

/// The known-answer record of ElectionGuard 2.1.0 with the secrets that it was made from.
struct KnownAnswers: Sendable {
  let record: JSONValue
  let secrets: JSONValue
  let manifest: [UInt8]
  let group = Group.standard

  init() throws {
    func read(_ file: String) throws -> [UInt8] {
      try Shared.bytes("vectors/electionguard/kat-2.1/\(file)")
    }
    record = try JSONValue(parsing: try read("record.json"))
    secrets = try JSONValue(parsing: try read("secrets.json"))
    manifest = try read("manifest.json")
  }

  func part(_ pointer: String) throws -> Answer { Answer(try record.value(at: pointer), group) }
  func secret(_ pointer: String) throws -> Answer { Answer(try secrets.value(at: pointer), group) }

  func parameterBaseHash() throws -> Digest { try part("/H_P").digest() }
  func extendedBaseHash() throws -> Digest { try part("/H_E").digest() }

  /// The published keys of all trustees.
  func trustees() throws -> [TrusteeKeys] {
    try part("/guardians").list().map { trustee in
      func proof(_ name: String) throws -> TrusteeKeyProof {
        TrusteeKeyProof(
          challenge: try trustee[name]["c"].scalar(),
          responses: try trustee[name]["v"].list().map { try $0.scalar() })
      }
      return TrusteeKeys(
        trustee: try trustee["i"].int(),
        voteCommitments: try trustee["K_vote"].list().map { try $0.element() },
        dataCommitments: try trustee["K_data"].list().map { try $0.element() },
        communicationKey: try trustee["kappa"].element(), voteProof: try proof("proof_vote"),
        dataProof: try proof("proof_data"))
    }
  }

  /// The polynomials and the communication secret of a trustee, from position 0.
  func trusteeSecrets(_ position: Int) throws -> TrusteeSecrets {
    let trustee = try secret("/guardians/\(position)")
    return TrusteeSecrets(
      trustee: try trustee["i"].int(), voteCoefficients: try trustee["a"].secretScalars(),
      dataCoefficients: try trustee["a_hat"].secretScalars(),
      communicationSecret: try trustee["zeta"].secretScalar())
  }

  /// Contests, limits and ballot styles of the manifest.
  func outline() throws -> ManifestOutline {
    let value = Answer(try JSONValue(parsing: manifest), group)
    return ManifestOutline(
      contests: try value["contests"].list().map { contest in
        ManifestOutline.Contest(
          label: try contest["label"].text(),
          options: try contest["contest_options"].list().map { try $0["label"].text() },
          selectionLimit: try contest["selection_limit"].int(),
          optionLimit: try contest["option_selection_limit"].int(),
          contestDataBlocks: try contest["contest_data_blocks"].int())
      },
      ballotStyles: try value["ballot_styles"].list().map { style in
        ManifestOutline.BallotStyle(
          label: try style["label"].text(),
          contests: try style["contests"].list().map { try $0.int() })
      })
  }

  func context() throws -> ElectionContext {
    ElectionContext(
      group: group, manifest: try outline(), manifestBytes: manifest,
      trusteeCount: try part("/n").int(), threshold: try part("/k").int(),
      voteKey: try part("/K").element(), dataKey: try part("/K_hat").element())
  }
}

/// A value of the known-answer files.
struct Answer {
  let value: JSONValue
  let group: Group

  init(_ value: JSONValue, _ group: Group) {
    self.value = value
    self.group = group
  }

  subscript(_ name: String) -> Answer {
    get throws { Answer(try value.value(at: "/\(name)"), group) }
  }

  var isNull: Bool { value == .null }

  func list() throws -> [Answer] {
    try JSONReader(value).array().map { Answer($0.value, group) }
  }

  func int() throws -> Int { try JSONReader(value).integer(0...Int(Int32.max)) }
  func text() throws -> String { try JSONReader(value).string(maxBytes: 4096) }
  func bytes() throws -> [UInt8] { try JSONReader(value).hex(bytes: 0...4096) }
  func digest() throws -> Digest { try #require(Digest(hex: try text())) }
  func element() throws -> Element { try group.element(hex: try text()) }
  func scalar() throws -> Scalar { try group.scalar(hex: try text()) }
  func secretScalar() throws -> SecretScalar { group.secret(try scalar()) }

  func secretScalars() throws -> SecretScalars {
    let scalars = try list().map { try $0.scalar() }
    return SecretScalars(count: scalars.count) { group.secret(scalars[$0]) }
  }

  /// {"c","v"}
  func proof() throws -> CompactProof {
    CompactProof(challenge: try self["c"].scalar(), response: try self["v"].scalar())
  }

  /// [{"c","v"}, …]
  func rangeProof() throws -> RangeProof {
    RangeProof(branches: try list().map { try $0.proof() })
  }

  /// {"alpha","beta"} and more
  func ciphertext() throws -> Ciphertext {
    Ciphertext(alpha: try self["alpha"].element(), beta: try self["beta"].element())
  }

  /// {"C0","C1","C2"} of contest data
  func contestData() throws -> ContestDataEncryption {
    ContestDataEncryption(
      c0: try self["C0"].element(), c1: try self["C1"].bytes(), c2: try self["C2"].proof())
  }

  /// {"C0","C1","C2"} of a ballot nonce
  func ballotNonce() throws -> BallotNonceEncryption {
    BallotNonceEncryption(
      c0: try self["C0"].element(), c1: try self["C1"].digest(), c2: try self["C2"].proof())
  }
}

extension Group {
  /// u = v + c·s: the randomness behind a published response.
  func recovered(_ proof: CompactProof, secret s: Scalar) -> Scalar {
    vartimeAdd(proof.response, vartimeMultiply(proof.challenge, s))
  }
}
