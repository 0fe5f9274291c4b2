// SPDX-License-Identifier: Apache-2.0

import Cryptography
import ElectoralRoll
import Foundation
import TestSupport
import Testing

/// The text of a file, if there is one.
private func contents(_ file: consuming SecretBytes?) -> String? {
  if let file { return text(file) }
  return nil
}

@Suite struct LetterPrinterTests {
  private static func election(_ draft: RollDraft) -> LetterPrinter.Election {
    LetterPrinter.Election(
      name: "Election of the Council 2027", register: draft.register, districts: draft.districts,
      authorities: ["Registry <Office>", "Court & Co"])
  }

  /// The parts of a text between two others.
  private func parts(_ text: String, from start: String, to end: String) -> [String] {
    text.components(separatedBy: start).dropFirst().compactMap {
      $0.components(separatedBy: end).first
    }
  }

  @Test func aPageForEachLetter() throws {
    let draft = try Sample.draft(Sample.list(count: 30))
    var printer = try LetterPrinter(Self.election(draft), authority: 1, lettersPerFile: 8)
    var files: [String] = []
    var codes: [String] = []
    for row in LetterList(draft).entries {
      let code = try MailedCode.random()
      codes.append(text(code.grouped()))
      if let file = try printer.add(row, code: code) { files.append(text(file)) }
    }
    if let file = printer.finish() { files.append(text(file)) }
    let nothing = contents(printer.finish())
    #expect(nothing == nil)
    #expect(files.map { parts($0, from: "<section", to: ">").count } == [8, 8, 4])
    var printed: [String] = []
    for file in files {
      #expect(file.hasPrefix("<!DOCTYPE html>") && file.hasSuffix("</html>\n"))
      #expect(file.contains("<html lang=\"en\">"))
      let own = file.replacing("http://www.w3.org/2000/svg", with: "")
      for foreign in ["<script", "http://", "https://", "src=", "url(", "@import", "<link"] {
        #expect(!own.contains(foreign), "\(foreign)")
      }
      printed += parts(file, from: "<p class=\"groups\">", to: "</p>")
    }
    #expect(printed == codes)
    let first = try #require(files.first)
    #expect(first.contains("You get a second letter, with another code, from Court &amp; Co."))
    #expect(first.contains("This letter comes from Registry &lt;Office&gt;."))
    #expect(first.contains("Election of the Council 2027") && first.contains("Letter 1/2"))
  }

  @Test(
    .enabled(
      if: Scanner.isPresent || Shared.isContinuousIntegration, "needs zbar-tools and librsvg2-bin"))
  func scannersReadTheLetter() throws {
    let draft = try Sample.draft(Sample.list(count: 12))
    var printer = try LetterPrinter(Self.election(draft), authority: 2, lettersPerFile: 100)
    var codes: [String] = []
    let rows = LetterList(draft).entries
    for row in rows {
      let code = try MailedCode.random()
      codes.append(text(code.characters()))
      #expect(try contents(printer.add(row, code: code)) == nil)
    }
    let ended = contents(printer.finish())
    let file = try #require(ended)
    let pictures = parts(file, from: "<svg", to: "</svg>").map { "<svg\($0)</svg>" }
    #expect(pictures.count == rows.count)
    for (picture, (row, code)) in zip(pictures, zip(rows, codes)) {
      let link = try LetterLink(Scanner.read(svg: Array(picture.utf8)))
      #expect(link.register == draft.register && link.authority == 2)
      #expect(link.district == row.district && link.index == row.index)
      #expect(text(link.code.characters()) == code)
    }
  }

  /// Whatever a name or an address looks like, it is text.
  @Test func markupStaysText() throws {
    let attack = "</p><script>alert(1)</script><img src=x onerror='x'>"
    let rows = [
      "a,north,,\(attack),\"S & T\n\(attack)\n{election} {other}\"",
      "b,north,,\"\"\"><svg onload=1>\",&lt;b&gt;",
    ]
    let draft = try Sample.draft(try Sample.list(rows[0], rows[1]))
    var election = Self.election(draft)
    election.name = "<b>{sender}</b>"
    election.authorities[0] = "{other}"
    var texts = LetterTexts.english
    texts.language = "en\"><script>"
    texts.subject = "{election} {unknown} {"
    var printer = try LetterPrinter(election, authority: 1, lettersPerFile: 2, texts: texts)
    #expect(try contents(printer.add(LetterList(draft).entries[0], code: .random())) == nil)
    let file = try #require(
      try contents(printer.add(LetterList(draft).entries[1], code: .random())))
    for markup in ["<script", "<img", "<b>", "onload=1>", "</p><"] {
      #expect(!file.contains(markup), "\(markup)")
    }
    #expect(file.contains("&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;"))
    #expect(file.contains("onerror=&#39;x&#39;&gt;") && file.contains("S &amp; T"))
    #expect(file.contains("&amp;lt;b&amp;gt;") && file.contains("&quot;&gt;&lt;svg onload=1&gt;"))
    // A value is put in once, and is no place for another value.
    #expect(file.contains("{election} {other}"))
    #expect(file.contains("&lt;b&gt;{sender}&lt;/b&gt; {unknown} {"))
    #expect(file.contains("This letter comes from {other}."))
  }

  @Test func anotherLanguageAndOneAuthority() throws {
    let draft = try Sample.draft(try Sample.list("a,north,,Ada,Street 1"))
    var texts = LetterTexts.english
    texts.language = "de"
    texts.codeHeading = "Ihr Code"
    var election = Self.election(draft)
    election.authorities = ["Amt"]
    var printer = try LetterPrinter(election, authority: 1, lettersPerFile: 1, texts: texts)
    let file = try #require(
      try contents(printer.add(LetterList(draft).entries[0], code: .random())))
    #expect(file.contains("<html lang=\"de\">") && file.contains("Ihr Code</h2>"))
    #expect(file.contains("You need no other letter.") && !file.contains("second letter"))
  }

  @Test func lettersForOthersAreRefused() throws {
    let draft = try Sample.draft(try Sample.list("a,north,,Ada,Street 1", "b,north,id-b,,"))
    let election = Self.election(draft)
    var printer = try LetterPrinter(election, authority: 1, lettersPerFile: 10)
    for (district, index) in [(1, 2), (1, 0), (2, 1), (3, 1), (0, 1), (.min, .min), (.max, .max)] {
      let entry = LetterEntry(district: district, index: index, name: "A", address: "S")
      #expect(throws: LetterError.entry(district: district, index: index)) {
        _ = try contents(printer.add(entry, code: .random()))
      }
    }
    let nothing = contents(printer.finish())
    #expect(nothing == nil)
    for authority in [0, 3, -1] {
      #expect(throws: LetterError.authorities) {
        _ = try LetterPrinter(election, authority: authority, lettersPerFile: 1)
      }
    }
    for count in [0, -1, 10_001] {
      #expect(throws: LetterError.lettersPerFile) {
        _ = try LetterPrinter(election, authority: 1, lettersPerFile: count)
      }
    }
  }

  @Test func longAddressesAreNoticed() {
    func exceeds(_ name: String, _ address: String) -> Bool {
      LetterEntry(district: 1, index: 1, name: name, address: address).mayExceedWindow
    }
    let forty = String(repeating: "x", count: 40)
    #expect(!exceeds(forty, "1\n2\n3\n4\n\(forty)"))
    #expect(exceeds(forty + "x", "1\n2\n3\n4\n5"))
    #expect(exceeds("A", "1\n2\n3\n4\n\(forty)x"))
    #expect(!exceeds("A", "\(forty)\(forty)\(forty)\(forty)\(forty)"))
  }
}
