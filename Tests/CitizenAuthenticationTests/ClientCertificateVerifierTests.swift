// SPDX-License-Identifier: Apache-2.0

import Issuance
import Cryptography
import Foundation
import StrictJSON
import TestSupport
import Testing

import CitizenAuthentication

@Suite(.enabled(if: Tool.hasOpenSSL || Shared.isContinuousIntegration))
struct ClientCertificateVerifierTests {
  /// Why a certificate is refused, without a word about the person; nil if it is not.
  private static func error(
    _ verifier: ClientCertificateVerifier, _ der: [UInt8]
  ) -> AuthenticationError? {
    do throws(AuthenticationError) {
      _ = try verifier.verify(der, at: Tool.now)
      return nil
    } catch {
      #expect(!"\(error)".contains("Maria") && !"\(error)".contains("42"))
      return error
    }
  }

  @Test func citizenIsRecognised() async throws {
    let made = try await Authorities.shared()
    for (name, lists) in [
      ("good", ["int.crl", "root.crl"]), ("plain", ["int.der.crl", "root.crl"]),
      ("good", ["int-old.crl", "int.crl", "root.crl", "fake.crl"]),
    ] {
      let citizen = try made.verifier(lists: lists).verify(made.der(name), at: Tool.now)
      #expect(citizen.identifier == Authorities.identifier)
      let evidence = try JSONReader(JSONValue(parsingCanonical: citizen.evidence)).fields(
        ["certificates", "time", "version"])
      let texts = try evidence["certificates"].array(3...3).map { try $0.string(maxBytes: 4096) }
      #expect(
        texts
          == (try [name, "int", "root"].map {
            String(decoding: try made.file("\($0).pem"), as: UTF8.self)
          }))
    }
  }

  @Test func otherCertificatesAreRefused() async throws {
    let made = try await Authorities.shared()
    let verifier = try made.verifier()
    let cases: [(String, CertificateRefusal.Reason)] = [
      ("expired", .validity), ("future", .validity), ("revoked", .revoked), ("server", .purpose),
      ("encipher", .purpose), ("foreign", .chain), ("below", .chain), ("forged", .chain),
      ("int", .purpose), ("root", .purpose), ("small", .weak),
    ]
    for (name, reason) in cases {
      let error = Self.error(verifier, try made.der(name))
      #expect(error?.reason == reason, "\(name): \(String(describing: error))")
    }
    // In its own time the expired one was good, but no list is of that time.
    #expect(throws: AuthenticationError.self) {
      try verifier.verify(made.der("expired"), at: 1_590_000_000)
    }
  }

  @Test func revocationListsAreNeeded() async throws {
    let made = try await Authorities.shared()
    let cases: [([String], CertificateRefusal.Reason)] = [
      ([], .noRevocationList), (["int.crl"], .noRevocationList),
      (["root.crl"], .noRevocationList), (["int-old.crl", "root.crl"], .revocationListValidity),
      (["int.crl", "root-revokes.crl"], .revoked),
    ]
    for (lists, reason) in cases {
      let verifier = try made.verifier(lists: lists)
      let error = Self.error(verifier, try made.der("good"))
      #expect(error?.reason == reason, "\(lists): \(String(describing: error))")
    }
    // One that another key signed in the authority's name.
    let forged = try made.verifier(lists: ["fake.crl", "root.crl"])
    #expect(throws: AuthenticationError.self) { try forged.verify(made.der("good"), at: Tool.now) }
    // The list is over in a week.
    let end = try #require(try made.verifier().nextUpdate)
    #expect((Tool.now + 6 * 86_400...Tool.now + 7 * 86_400).contains(end))
    #expect(try made.verifier(lists: []).nextUpdate == nil)
    #expect(try made.verifier(lists: ["int-old.crl"]).nextUpdate == 1_580_515_200)
    #expect(throws: AuthenticationError.self) {
      try made.verifier().verify(made.der("good"), at: Tool.now + 8 * 86_400)
    }
    let without = try made.verifier(lists: [], requiresRevocationCheck: false)
    #expect(try without.verify(made.der("revoked"), at: Tool.now).identifier.hasPrefix("PNOXX"))
  }

  @Test func listsOfOtherBytesAreRefused() async throws {
    let made = try await Authorities.shared()
    let list = try made.file("int.der.crl")
    for bytes in [[], [0x30], Array(list.dropLast()), list + [0], Array("text".utf8)] {
      #expect(throws: AuthenticationError.self) {
        try ClientCertificateVerifier(
          anchors: made.file("root.pem"), revocationLists: [bytes],
          identifier: CertificateIdentifier(.mailAddress))
      }
    }
    // A changed byte anywhere: refused when it is read, or when it is used.
    for position in stride(from: 0, to: list.count, by: 7) {
      var changed = list
      changed[position] ^= 0x10
      #expect(throws: AuthenticationError.self, "byte \(position)") {
        try ClientCertificateVerifier(
          anchors: made.file("root.pem"), intermediates: made.file("int.pem"),
          revocationLists: [changed, made.file("root.crl")],
          identifier: CertificateIdentifier(.subject("2.5.4.5"))
        ).verify(made.der("good"), at: Tool.now)
      }
    }
    // An authority that is no anchor.
    #expect(throws: AuthenticationError.self) {
      try ClientCertificateVerifier(
        anchors: made.file("int.pem"), revocationLists: [],
        identifier: CertificateIdentifier(.mailAddress))
    }
    #expect(throws: AuthenticationError.self) {
      try ClientCertificateVerifier(
        anchors: [], revocationLists: [], identifier: CertificateIdentifier(.mailAddress))
    }
  }

  @Test func changedCertificatesAreRefused() async throws {
    let made = try await Authorities.shared()
    let verifier = try made.verifier()
    let good = try made.der("good")
    for position in good.indices {
      var changed = good
      changed[position] ^= 0x01
      #expect(throws: AuthenticationError.self, "byte \(position)") {
        try verifier.verify(changed, at: Tool.now)
      }
    }
    for count in stride(from: 0, to: good.count, by: 13) {
      #expect(throws: AuthenticationError.self) {
        try verifier.verify(Array(good.prefix(count)), at: Tool.now)
      }
    }
    #expect(throws: AuthenticationError.self) { try verifier.verify(good + [0], at: Tool.now) }
    #expect(throws: AuthenticationError.self) {
      try verifier.verify([UInt8](repeating: 0x30, count: 1 << 20), at: Tool.now)
    }
  }

  @Test func identifierStandsWhereItIsConfigured() async throws {
    let made = try await Authorities.shared()
    let cases: [(CertificateIdentifier, String)] = [
      (try CertificateIdentifier(.subject("2.5.4.5"), prefix: "PNOXX-"), "0000000042"),
      (try CertificateIdentifier(.otherName("1.3.6.1.4.1.32473.1")), "42-other"),
      (try CertificateIdentifier(.mailAddress), "maria@example.org"),
      (try CertificateIdentifier(.uri, prefix: "urn:example:"), "42"),
    ]
    for (rule, value) in cases {
      let citizen = try made.verifier(identifier: rule).verify(made.der("good"), at: Tool.now)
      #expect(citizen.identifier == value)
    }
    let refused: [(CertificateIdentifier, String)] = [
      (try CertificateIdentifier(.subject("2.5.4.5"), prefix: "PNOYY-"), "good"),
      (try CertificateIdentifier(.subject("2.5.4.5"), prefix: Authorities.identifier), "good"),
      (try CertificateIdentifier(.subject("2.5.4.6")), "good"),
      (try CertificateIdentifier(.otherName("1.3.6.1.4.1.32473.2")), "good"),
      (try CertificateIdentifier(.mailAddress), "plain"),
      (try CertificateIdentifier(.subject("2.5.4.5")), "two"),
      (try CertificateIdentifier(.subject("2.5.4.5")), "none"),
      (try CertificateIdentifier(.subject("2.5.4.5")), "long"),
      (try CertificateIdentifier(.subject("2.5.4.3")), "tele"),
    ]
    for (rule, name) in refused {
      let error = Self.error(try made.verifier(identifier: rule), try made.der(name))
      #expect(error?.isAboutIdentifier == true, "\(name): \(String(describing: error))")
    }
    #expect(throws: AuthenticationError.self) { try CertificateIdentifier(.subject("serial")) }
  }

  @Test func onlyConfiguredIssuersVouch() async throws {
    let made = try await Authorities.shared()
    func verifier(_ issuer: String) throws -> ClientCertificateVerifier {
      try ClientCertificateVerifier(
        anchors: made.file("root.pem"), intermediates: made.file("int.pem"),
        revocationLists: [made.file("int.crl"), made.file("root.crl")],
        identifier: CertificateIdentifier(.subject("2.5.4.5")),
        issuers: [SHA256.hash(made.der(issuer))])
    }
    _ = try verifier("int").verify(made.der("good"), at: Tool.now)
    #expect(throws: AuthenticationError.self) {
      try verifier("root").verify(made.der("good"), at: Tool.now)
    }
  }
}

extension AuthenticationError {
  fileprivate var reason: CertificateRefusal.Reason? {
    guard case .certificate(let refusal) = self else { return nil }
    return refusal.reason
  }

  fileprivate var isAboutIdentifier: Bool {
    guard case .identifier = self else { return false }
    return true
  }
}
