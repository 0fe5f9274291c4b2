// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import Cryptography
import Election
import Foundation
import Ledger
import StrictJSON
import TestSupport
import Testing

/// The worked example of `Specs/credentials.md`, which `Tests/Scripts/credentials.py` computes by other code.
@Suite struct CredentialVectorTests {
  private static let path = "Specs/vectors/credentials.json"

  private struct Example {
    let fields: JSONFields
    let computed: JSONFields

    init() throws {
      let data = try Data(contentsOf: Shared.repository.appending(path: path))
      fields = try JSONReader(JSONValue(parsing: Array(data))).openFields()
      computed = try fields["computed"].openFields()
    }

    static func bytes(_ reader: JSONReader) throws -> [UInt8] { try reader.hex(bytes: 1...1024) }

    func digest(_ name: String) throws -> Digest {
      try #require(Digest(Self.bytes(fields[name])))
    }

    func keys() throws -> [BlindRSAPublicKey] {
      try fields["issuers"].array().map { item in
        let issuer = try item.openFields()
        return try BlindRSAPublicKey(
          modulus: Self.bytes(issuer["n"]), exponent: 65_537, encoding: .pssZero)
      }
    }

    func scope() throws -> CredentialScope {
      let scope = try fields["scope"].openFields()
      let id = try #require(Digest(Self.bytes(scope["id"])))
      return try #require(CredentialScope(name: scope["name"].string(), id: id))
    }
  }

  @Test func theExampleIsComputedAlike() throws {
    let example = try Example()
    let keys = try example.keys()
    let scope = try example.scope()
    let district = try example.fields["district"].integer(1...100)
    let index = try example.fields["index"].integer(1...100)
    let secrets = try CredentialSecrets(
      seed: SecretBytes(copying: Example.bytes(example.fields["seed"])), scope: scope,
      district: district)
    func expect(_ name: String, _ bytes: [UInt8]) throws {
      #expect(try Example.bytes(example.computed[name]) == bytes, "\(name)")
    }
    try expect("pseudonymSeed", secrets.pseudonym().seed().revealed())
    try expect("pseudonym", secrets.pseudonym().publicKey.bytes)
    try expect("requestSeed", secrets.requestKey().seed().revealed())
    let message = try secrets.message()
    try expect("nonce", message.nonce.bytes)
    try expect("message", message.bytes)
    let terms = CredentialTerms(
      register: try example.digest("register"),
      districts: (1...district).map {
        CredentialTerms.District(
          label: "d\($0)", ballotStyle: 1, voters: 100, keyEntries: 100, root: scope.id)
      },
      issuers: try keys.map { key in
        CredentialTerms.Issuer(
          name: "I", key: try secrets.pseudonym().publicKey,
          credentialKeys: (1...district).map { _ in key })
      }, required: 3, tolerated: 1, registration: 1...2, activation: 3...4, minimumDistrict: 1,
      maximumGap: 0)
    let (request, blinded) = try secrets.request(terms, index: index)
    try expect("request", request.bytes)
    try expect("requestHash", request.hash.bytes)
    let rollKeys = try example.fields["rollSeeds"].array().map { seed in
      try Array(Example.bytes(seed))
    }
    func signatures(_ bytes: [UInt8]) throws -> [[UInt8]] {
      try rollKeys.map {
        try Ed25519.PrivateKey(seed: SecretBytes(copying: $0)).signature(for: bytes)
      }
    }
    #expect(
      try example.computed["requestSignatures"].array().map(Example.bytes)
        == signatures(request.bytes))
    let cancellation = IssueRequest.cancellation(
      of: request.hash, pseudonym: message.pseudonym)
    try expect("cancellation", cancellation)
    #expect(
      try example.computed["cancellationSignatures"].array().map(Example.bytes)
        == signatures(cancellation))
    let leaf = RollLeaf(
      register: terms.register, district: district, index: index, salt: try example.digest("salt"),
      identity: .keys(
        try rollKeys.map { try Ed25519.PrivateKey(seed: SecretBytes(copying: $0)).publicKey }))
    try expect("rollLeaf", leaf.bytes)
    try expect("rollLeafHash", leaf.hash.bytes)
    let answers = try example.computed["answers"].array()
    let receipts = try example.computed["receipts"].array()
    #expect(answers.count == 3 && receipts.count == 3)
    for (position, key) in keys.enumerated() {
      let answer = try answers[position].openFields()
      let number = position + 1
      #expect(try Example.bytes(answer["blinded"]) == blinded[position])
      #expect(
        try Example.bytes(answer["factor"]) == secrets.openingFactor(for: key, issuer: number))
      let blindSignature = try Example.bytes(answer["blindSignature"])
      #expect(key.vartimeIsValid(blindSignature: blindSignature, request: blinded[position]))
      #expect(
        try Example.bytes(answer["signature"])
          == secrets.signature(from: blindSignature, key: key, issuer: number))
      #expect(
        try Example.bytes(receipts[position])
          == IssueRequest.receipt(
            issuer: number, request: request.hash, blindSignature: blindSignature))
    }
  }

  @Test func theScriptComputesItAlike() throws {
    let run = try ToolRun.python("Tests/Scripts/credentials.py", [Self.path])
    #expect(run.status == 0, "\(run.text)")
  }

  /// RFC 5869, appendix A.
  @Test func hkdfMeetsItsVectors() throws {
    func derive(_ secret: String, _ salt: String, _ info: String, _ count: Int) throws -> String {
      func bytes(_ text: String) throws -> [UInt8] { try #require(Hex.decode(text)) }
      return Hex.encode(
        try HKDFSHA256.derive(
          from: SecretBytes(copying: bytes(secret)), salt: bytes(salt), info: bytes(info),
          count: count
        ).revealed())
    }
    #expect(
      try derive(
        String(repeating: "0B", count: 22), "000102030405060708090A0B0C", "F0F1F2F3F4F5F6F7F8F9",
        42)
        == "3CB25F25FAACD57A90434F64D0362F2A2D2D0A90CF1A5A4C5DB02D56ECC4C5BF34007208D5B887185865")
    #expect(
      try derive(String(repeating: "0B", count: 22), "", "", 42)
        == "8DA4E775A563C18F715F802A063C5A31B8A11F5C5EE1879EC3454E5F3C738D2D9D201395FAA4B61A96C8")
    #expect(throws: CryptographyError.self) {
      _ = try HKDFSHA256.derive(
        from: SecretBytes(zeros: 1), salt: [], info: [], count: HKDFSHA256.maximumByteCount + 1)
    }
  }

  // adversary: E-05
  @Test func whichThresholdsAreStrongEnough() {
    // m, t, the smallest k: the digest's table.
    for (m, t, k) in [(2, 1, 2), (3, 0, 2), (3, 1, 3), (4, 1, 3), (5, 1, 4), (5, 2, 4), (7, 2, 5)] {
      for required in 1...m {
        #expect(
          (CredentialTerms.weakness(issuers: m, required: required, tolerated: t) == nil)
            == (required >= k), "m \(m), t \(t), k \(required)")
      }
    }
    #expect(
      CredentialTerms.weakness(issuers: 3, required: 2, tolerated: 1)?.contains("2k > m + t")
        == true)
  }
}
