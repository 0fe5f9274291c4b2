// SPDX-License-Identifier: Apache-2.0

import CitizenAuthentication
import Cryptography
import Election
import ElectionFixtures
import Foundation
import Issuance
import IssuerService
import Logging
import Service
import StrictJSON
import TestSupport
import Testing
import WebClient

/// Citizens whom an identity provider knows get the credential of their entry, by a token for this very request.
@Suite(.hangs) struct IDTokenDoorTests {
  private static let issuer = "https://identity.example"
  private static let client = "urna-wallet"

  /// The time at which tokens are made and looked at.
  private static let now: Int64 = 1_800_000_000

  /// A provider with one Ed25519 key.
  private struct Provider: Sendable {
    let key: Identity

    func verifier() throws -> IDTokenVerifier {
      let x = Base64URL.encode(key.publicKey.bytes)
      let keys = #"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"d","x":"\#(x)"}]}"#
      return IDTokenVerifier(
        provider: try OpenIDProvider(issuer: IDTokenDoorTests.issuer, pinnedKeys: Array(keys.utf8)),
        rules: IDTokenRules(clientID: IDTokenDoorTests.client, identifierClaim: "number"))
    }

    func token(
      _ citizen: String, boundTo digest: Digest, client: String = IDTokenDoorTests.client,
      age: Int64 = 0
    ) throws -> [UInt8] {
      let now = IDTokenDoorTests.now - age
      let claims = """
        {"iss":"\(IDTokenDoorTests.issuer)","sub":"s","aud":"\(client)","iat":\(now),"exp":\(now + 300),\
        "nonce":"\(Base64URL.encode(digest.bytes))","number":"\(citizen)"}
        """
      let text =
        Base64URL.encode(Array(#"{"alg":"EdDSA","kid":"d"}"#.utf8)) + "."
        + Base64URL.encode(Array(claims.utf8))
      let signature = try key.key().signature(for: Array(text.utf8))
      return Array("\(text).\(Base64URL.encode(signature))".utf8)
    }
  }

  private static func post(
    _ client: WebClient, _ path: String, _ body: [UInt8]
  ) async throws -> WebResponse {
    try await client.post(path, body: body, contentType: "application/json", limit: 65_536)
  }

  /// Questions and messages to an issuer's desk.
  private struct Messages: Sendable {
    let entry: [UInt8]
    let issue: [UInt8]
    /// Paths and bodies that are refused like those of a stranger.
    let refused: [(path: String, body: [UInt8])]

    init(_ desk: TestDesk, _ provider: Provider) throws {
      let scope = CredentialScope(election: try desk.fixture.electionID())
      let random = SHA256.hash([1])
      let question = IdentifiedQuestion.nonce(scope: scope, random: random)
      let elsewhere = IdentifiedQuestion.nonce(scope: scope, random: SHA256.hash([2]))
      let request = try desk.message(6).record.request(in: scope).hash
      func asking(_ token: [UInt8]) -> [UInt8] {
        IdentifiedQuestion(idToken: token, random: random).bytes
      }
      func message(_ voter: Int, _ token: [UInt8]?) throws -> [UInt8] {
        let plain = try desk.message(voter)
        return try IssueMessage(record: plain.record, blinded: plain.blinded, idToken: token)
          .bytes(in: desk.fixture.group)
      }
      let good = try provider.token("citizen 6", boundTo: request)
      var forged = good
      forged[forged.count - 3] ^= 1
      entry = asking(try provider.token("citizen 6", boundTo: question))
      issue = try message(6, good)
      let questions = [
        IdentifiedQuestion().bytes, asking(good),
        asking(try provider.token("nobody", boundTo: question)),
        asking(try provider.token("citizen 6", boundTo: elsewhere)),
      ]
      let tokens = [
        nil, try provider.token("citizen 6", boundTo: question),
        try provider.token("citizen 7", boundTo: request),
        try provider.token("citizen 6", boundTo: request, age: 900),
        try provider.token("citizen 6", boundTo: request, client: "another"), forged,
      ]
      let messages = try tokens.map { try message(6, $0) } + [try message(7, good)]
      refused =
        questions.map { ("v1/entry", $0) } + messages.map { ("v1/issue", $0) }
    }
  }

  // adversary: E-08, E-09
  @Test func theTokenIsForOneRequest() async throws {
    let provider = Provider(key: CredentialSetup.issuers[2].identity)
    let desk = try TestDesk()
    let messages = try Messages(desk, provider)
    let door = CitizenDoor(
      certificates: nil, tokens: try provider.verifier(), clock: { Self.now })
    try await desk.serve(door: door) { try await Self.check(messages, desk, $0) }
  }

  private static func check(_ messages: Messages, _ desk: TestDesk, _ port: Int) async throws {
    let client = WebClient(
      try WebAddress("http://127.0.0.1:\(port)"),
      times: WebTimes(connecting: Patience.time, silence: Patience.time, total: Patience.time),
      retry: .never)
    let entry = try await post(client, "v1/entry", messages.entry)
    #expect(entry.status == 200)
    let answer = try RollAnswer(bytes: entry.body)
    let place = desk.fixture.rollPlace(6)
    #expect(answer.district == place.district && answer.index == place.index)
    let answers = try await withThrowingTaskGroup(of: WebResponse.self) { tasks in
      for (path, body) in messages.refused {
        tasks.addTask { try await post(client, path, body) }
      }
      var answers: [WebResponse] = []
      for try await answer in tasks { answers.append(answer) }
      return answers
    }
    #expect(answers.map(\.status) == messages.refused.map { _ in 403 })
    #expect(Set(answers.map(\.body)).count == 1)
    #expect(desk.ledger.sent == 0)
    for text in [
      #"{"idToken":"a.b.c","version":1}"#, #"{"random":"00","version":1}"#,
      #"{"district":1,"idToken":"a","version":1}"#,
    ] {
      #expect(try await post(client, "v1/entry", Array(text.utf8)).status == 400)
    }
    let issued = try await post(client, "v1/issue", messages.issue)
    #expect(issued.status == 200)
    let signed = try IssueAnswer(bytes: issued.body)
    #expect(signed.isReceiptValid(key: CredentialSetup.issuers[0].identity.publicKey))
  }
}
