// SPDX-License-Identifier: Apache-2.0

import Cryptography
import ElectoralRoll
import Testing

@Suite struct LetterLinkTests {
  private static let register = SHA256.hash("roll".utf8)

  private static func link() throws -> String {
    text(
      try LetterLink(
        register: register, district: 12, index: 345, authority: 2, code: MailedCode.random()
      ).text())
  }

  private func refusal(_ link: String) -> LetterLinkError? {
    do throws(LetterLinkError) {
      _ = try LetterLink(link).index
      return nil
    } catch {
      return error
    }
  }

  @Test func readsWhatItWrites() throws {
    let written = try Self.link()
    #expect(written.hasPrefix("urna:code?r=\(Self.register.hex)&d=12&i=345&a=2&c="))
    let link = try LetterLink(written)
    #expect(link.register == Self.register && link.district == 12 && link.index == 345)
    #expect(link.authority == 2)
    #expect(text(link.code.characters()) == String(written.suffix(22)))
    #expect(text(link.text()) == written)
  }

  @Test func thereIsOneSpelling() throws {
    let link = try Self.link()
    let code = String(link.suffix(22))
    for count in 0..<link.count { #expect(refusal(String(link.prefix(count))) != nil) }
    for other in [
      link + "0", " " + link, link + "\n", link + "&x=1", link.replacing("urna:", with: "URNA:"),
      link.replacing(Self.register.hex, with: Self.register.hex.lowercased()),
      link.replacing("d=12", with: "d=012"), link.replacing("d=12", with: "d=0"),
      link.replacing("d=12", with: "d=+12"), link.replacing("d=12", with: "d=10001"),
      link.replacing("i=345", with: "i="), link.replacing("i=345", with: "i=100000001"),
      link.replacing("a=2", with: "a=3"), link.replacing("a=2", with: "a=0"),
      link.replacing("d=12&i=345", with: "i=345&d=12"), link.replacing("&", with: "&amp;"),
      link.replacing(code, with: code.prefix(4) + "-" + code.dropFirst(4)),
      link.replacing(Self.register.hex, with: Self.register.hex.dropLast(2)), "", "urna:code?",
      String(repeating: "x", count: 10_000),
    ] {
      #expect(refusal(other) != nil, "\(other.count)")
    }
    // Small letters are for people. A code without letters has no other spelling.
    var small = link
    if code.lowercased() == code { return }
    small.replace(code, with: code.lowercased())
    #expect(refusal(small) == .form("the code"))
    var wrong = Array(code)
    wrong[3] = wrong[3] == "7" ? "8" : "7"
    #expect(refusal(link.replacing(code, with: String(wrong))) == .code(.check))
  }

  @Test func placesAreChecked() throws {
    for (district, index, authority) in [(0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1, 3)] {
      #expect(throws: MailedCodeError.place) {
        _ = try LetterLink(
          register: Self.register, district: district, index: index, authority: authority,
          code: MailedCode.random()
        ).index
      }
    }
  }
}
