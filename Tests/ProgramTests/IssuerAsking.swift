// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import Cryptography
import Election
import ElectoralRoll
import Foundation
import Issuance
import StrictJSON
import TestSupport
import Testing
import WebClient

/// A citizen's request to one issuer, made without the program.
struct AskedRequest: Sendable {
  let issuer: Int
  let key: BlindRSAPublicKey
  let record: CredentialIssuance
  let request: IssueRequest
  let blinded: [UInt8]

  /// The body of `POST /v1/issue`, of this record or of a changed one.
  func body(_ change: (inout CredentialIssuance) -> Void = { _ in }) throws -> [UInt8] {
    var changed = record
    change(&changed)
    return try IssueMessage(record: changed, blinded: blinded).bytes(in: ElectionState().group)
  }

  /// The blind signature of an answer, whose receipt names this request.
  func blindSignature(in response: WebResponse) throws -> [UInt8] {
    try #require(response.status == 200, "\(String(decoding: response.body, as: UTF8.self))")
    let answer = try IssueAnswer(bytes: response.body)
    #expect(answer.request == request.hash && answer.issuer == issuer)
    #expect(key.vartimeIsValid(blindSignature: answer.blindSignature, request: blinded))
    return answer.blindSignature
  }
}

extension CredentialElection {
  /// A client that asks once.
  static func client(_ address: String) throws -> WebClient {
    WebClient(
      try WebAddress(address),
      times: WebTimes(connecting: Patience.time, silence: Patience.time, total: Patience.time),
      retry: .never)
  }

  /// `POST /v1/issue`, again while the issuer is busy or waits for witnesses, as wallets do.
  static func ask(_ address: String, _ body: [UInt8]) async throws -> WebResponse {
    while true {
      let response = try await client(address).post(
        "v1/issue", body: body, contentType: "application/json", limit: 65_536)
      guard response.status == 503 else { return response }
      try await Task.sleep(for: .milliseconds(200))
    }
  }

  /// `GET /v1/issue/…`: the blind signature that an issuer gave before; nil if it gave none.
  static func earlier(_ address: String, _ request: Digest) async throws -> [UInt8]? {
    let response = try await WebClient(WebAddress(address)).get(
      "v1/issue/\(request.hex)", limit: 65_536)
    guard response.status != 404 else { return nil }
    try #require(response.status == 200)
    return try IssueAnswer(bytes: response.body).blindSignature
  }

  /// K_i of a citizen, from what the letters say.
  func entrySeeds(_ citizen: Citizen, _ terms: CredentialTerms) throws -> [[UInt8]] {
    try citizen.codes.enumerated().map { position, code in
      try MailedCode(parsing: code).key(
        register: terms.register, district: citizen.district.number, index: citizen.index,
        authority: position + 1
      ).seed().revealed()
    }
  }

  /// What the wallet of a seed asks one issuer for.
  func request(
    _ citizen: Citizen, seed: [UInt8], entrySeeds: [[UInt8]], issuer: Int, _ terms: CredentialTerms
  ) async throws -> AskedRequest {
    let scope = CredentialScope(election: electionID)
    func signed(_ message: [UInt8]) throws -> (keys: [Ed25519.PublicKey], signatures: [[UInt8]]) {
      var keys: [Ed25519.PublicKey] = []
      var signatures: [[UInt8]] = []
      for seed in entrySeeds {
        let key = try Ed25519.PrivateKey(seed: SecretBytes(copying: seed))
        keys.append(key.publicKey)
        signatures.append(try key.signature(for: message))
      }
      return (keys, signatures)
    }
    let statement = IssueRequest.question(
      scope: scope, district: citizen.district.number, index: citizen.index)
    let asked = try signed(statement)
    let answer = try await Self.client(addresses[issuer - 1]).post(
      "v1/entry",
      body: RollQuestion(
        district: citizen.district.number, index: citizen.index, keys: asked.keys,
        signatures: asked.signatures
      ).bytes, contentType: "application/json", limit: 65_536)
    try #require(answer.status == 200)
    let entry = try RollAnswer(bytes: answer.body)
    let secrets = try CredentialSecrets(
      seed: SecretBytes(copying: seed), scope: scope, district: citizen.district.number)
    let (request, blinded) = try secrets.request(terms, index: citizen.index)
    let (keys, signatures) = try signed(request.bytes)
    return AskedRequest(
      issuer: issuer,
      key: try #require(
        terms.credentialKey(issuer: issuer, district: citizen.district.number)),
      record: CredentialIssuance(
        request: request, keys: keys, signatures: signatures,
        evidence: .open(salt: entry.salt, path: entry.path)),
      request: request, blinded: blinded[issuer - 1])
  }

  /// The request that a wallet makes, and what it unblinds an answer to.
  func request(of wallet: KeptWallet, _ citizen: Citizen, _ terms: CredentialTerms) throws -> Digest
  {
    try secrets(wallet, citizen).request(terms, index: citizen.index).request.hash
  }

  func secrets(_ wallet: KeptWallet, _ citizen: Citizen) throws -> CredentialSecrets {
    try CredentialSecrets(
      seed: SecretBytes(copying: wallet.seed), scope: CredentialScope(election: electionID),
      district: citizen.district.number)
  }
}
