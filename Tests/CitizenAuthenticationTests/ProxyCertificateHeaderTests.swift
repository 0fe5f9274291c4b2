// SPDX-License-Identifier: Apache-2.0

import Cryptography
import TestSupport
import Testing

import CitizenAuthentication

@Suite struct ProxyCertificateHeaderTests {
  private static let secret = "0123456789abcdef0123456789abcdef"

  private static func header(_ text: String = secret + "\n") throws -> ProxyCertificateHeader {
    let file = SecretBytes(copying: Array(text.utf8))
    return try ProxyCertificateHeader(secretFile: file)
  }

  /// As nginx escapes.
  private static func escaped(_ text: String) -> String {
    text.utf8.map { byte in
      let character = Character(UnicodeScalar(byte))
      let isPlain = character.isASCII && (character.isLetter || character.isNumber)
      return isPlain || "-._~".contains(character)
        ? String(character)
        : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16).uppercased()
    }.joined()
  }

  private static let certificate = PEM.text(Array(0...200), label: "CERTIFICATE")

  @Test func certificateOfTheProxyIsRead() throws {
    let header = try Self.header()
    let field = Self.escaped(Self.certificate)
    #expect(
      try header.certificate(certificates: [field], secrets: [Self.secret]) == Array(0...200))
    #expect(
      try header.certificate(certificates: [field.lowercasedEscapes], secrets: [Self.secret])
        == Array(0...200))
    #expect(try header.certificate(certificates: [], secrets: [Self.secret]) == nil)
    #expect(try header.certificate(certificates: [""], secrets: [Self.secret]) == nil)
    #expect(try header.certificate(certificates: [], secrets: []) == nil)
  }

  @Test func nobodyElseClaimsACertificate() throws {
    let header = try Self.header()
    let field = Self.escaped(Self.certificate)
    let wrong: [[String]] = [
      [], [""], [String(Self.secret.dropLast())], [Self.secret + "0"], [Self.secret.uppercased()],
      [Self.secret, Self.secret], [String(repeating: "a", count: 100_000)], [Self.secret + "\n"],
    ]
    for secrets in wrong {
      for fields in [[field], [], [""]] where !(fields.isEmpty && secrets.isEmpty) {
        do throws(AuthenticationError) {
          _ = try header.certificate(certificates: fields, secrets: secrets)
          Issue.record("accepted")
        } catch {
          #expect(error == .proxy("the request comes from the proxy"))
        }
      }
    }
  }

  @Test func otherFormsAreRefused() throws {
    let header = try Self.header()
    let good = Self.escaped(Self.certificate)
    let two = Self.escaped(Self.certificate + Self.certificate)
    let other = Self.escaped(PEM.text([1, 2, 3], label: "X509 CRL"))
    let fields: [[String]] = [
      [good, good], [two], [other], [Self.certificate], [good + "%"], [good + "%0"],
      [good + "%0A"], ["%20" + good], [good.replacing("%0A", with: "%0D%0A")],
      [good.replacing("%20", with: "+")], [good.replacing("%20", with: " ")],
      [good.replacing("%0A", with: "%GG")], ["-----BEGIN"], ["%00"],
      [String(repeating: "A", count: 24_577)], [good.replacing("AAEC", with: "AAE%00")],
      [good.replacing("BEGIN", with: "BEG%49N") + " "],
    ]
    for certificates in fields {
      do throws(AuthenticationError) {
        _ = try header.certificate(certificates: certificates, secrets: [Self.secret])
        Issue.record("accepted: \(certificates[0].prefix(40))")
      } catch {
        guard case .proxy = error else {
          Issue.record("\(error)")
          continue
        }
      }
    }
  }

  @Test func secretsOfOtherFormsAreRefused() throws {
    for text in [
      "", "short\n", String(repeating: "a", count: 31) + "\n", String(repeating: "a", count: 257),
      String(repeating: "a ", count: 20), String(repeating: "a", count: 40) + "\n\n",
      String(repeating: "ä", count: 40),
    ] {
      #expect(throws: AuthenticationError.self) { _ = try Self.header(text) }
    }
    _ = try Self.header(String(repeating: "a", count: 32))
    _ = try Self.header(String(repeating: "a", count: 256) + "\n")
  }
}

extension String {
  fileprivate var lowercasedEscapes: String {
    var text = ""
    var rest = self[...]
    while let character = rest.popFirst() {
      text.append(character)
      guard character == "%" else { continue }
      text += rest.prefix(2).lowercased()
      rest = rest.dropFirst(2)
    }
    return text
  }
}
