// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import RecoverySheet
import TestSupport
import Testing

@Suite struct RecoverySheetTests {
  private static let seed = [UInt8](0..<32).map { $0 &* 37 &+ 11 }

  private static func page(
    _ name: String = "Election of the Council 2027", _ date: String = "2027-03-01",
    _ texts: RecoverySheetTexts = .english
  ) throws -> String {
    text(
      try RecoverySheet.html(
        seed: SecretBytes(copying: seed), electionName: name, madeOn: date, texts: texts))
  }

  /// The part of a text between two others.
  private func part(_ text: String, from start: String, to end: String) throws -> String {
    let rest = try #require(text.range(of: start)).upperBound
    return String(text[rest..<(try #require(text[rest...].range(of: end))).lowerBound])
  }

  @Test func onePageThatNeedsNothing() throws {
    let page = try Self.page()
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</body>\n</html>\n"))
    #expect(page.contains("<html lang=\"en\">") && page.contains("size: A4"))
    #expect(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"))
    #expect(page.contains("Election of the Council 2027 · made on 2027-03-01"))
    #expect(page.contains("can vote in your place"))
    let own = page.replacing("http://www.w3.org/2000/svg", with: "")
    for foreign in [
      "<script", "http:", "https:", "src=", "href", "url(", "@import", "<link", "<img", "<form",
      "<iframe", " on",
    ] {
      // "on" begins words of the texts as well.
      let markup = foreign == " on" ? own.contains(/<[^>]* on[a-z]+=/) : own.contains(foreign)
      #expect(!markup, "\(foreign)")
    }
    // Every element that is opened is closed.
    for name in ["html", "head", "body", "h1", "h2", "p", "div", "table", "tr", "td", "b", "span"] {
      let opened = page.matches(of: try Regex("<\(name)[ >]")).count
      #expect(opened == page.components(separatedBy: "</\(name)>").count - 1 && opened > 0)
    }
    #expect(page.components(separatedBy: "<td>").count == 25)
    #expect(page.components(separatedBy: "<tr>").count == 7)
  }

  /// Who marks the table in a browser and copies it gets what can be typed in.
  @Test func theTableIsTheWords() throws {
    let table = try part(Self.page(), from: "<table>", to: "</table>")
    let copied = table.replacing(/<[^>]*>/, with: "")
    #expect(copied.contains("1. ") && copied.contains("24. "))
    #expect(
      try SeedWords.seed(from: SecretBytes(copying: copied.utf8)).revealed() == Self.seed)
  }

  @Test(
    .enabled(
      if: Scanner.isPresent || Shared.isContinuousIntegration, "needs zbar-tools and librsvg2-bin"))
  func scannersReadTheSheet() throws {
    let page = try Self.page()
    #expect(page.components(separatedBy: "<svg").count == 2)
    let picture = "<svg" + (try part(page, from: "<svg", to: "</svg>")) + "</svg>"
    let read = try Scanner.read(svg: Array(picture.utf8))
    #expect(read == "urna:seed?w=" + Hex.encode(Self.seed))
    #expect(try SeedLink(SecretBytes(copying: read.utf8)).seed.revealed() == Self.seed)
  }

  /// Whatever a name looks like, it is text.
  @Test func markupStaysText() throws {
    let attack =
      "</p></title></style><script>alert(1)</script><img src=x onerror='x'>\"&lt;\u{0}\u{1B}\n"
    var texts = RecoverySheetTexts.english
    texts.language = "en\"><script>"
    texts.title = "{election} {unknown} {"
    texts.purpose = ["<b>{date}</b>"]
    let page = try Self.page("\(attack){date}", "<i>{election}</i>", texts)
    for markup in ["<script", "<img", "<i>", "<b>{", "</p></title>", "\u{0}", "\u{1B}"] {
      #expect(!page.contains(markup), "\(markup)")
    }
    let escaped =
      "&lt;/p&gt;&lt;/title&gt;&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x "
      + "onerror=&#39;x&#39;&gt;&quot;&amp;lt;\u{FFFD}\u{FFFD} {date}"
    #expect(page.contains("<title>\(escaped) {unknown} {</title>"))
    #expect(page.contains("\(escaped) · made on &lt;i&gt;{election}&lt;/i&gt;</p>"))
    #expect(page.contains("&lt;b&gt;&lt;i&gt;{election}&lt;/i&gt;&lt;/b&gt;"))
    #expect(page.contains("<html lang=\"en&quot;&gt;&lt;script&gt;\">"))
  }

  @Test func theSeedIsNowhereElse() throws {
    let page = try Self.page()
    // In the table and, as modules, in the picture; not in clear.
    #expect(!page.contains(Hex.encode(Self.seed)) && !page.contains("urna:seed"))
    #expect(!page.lowercased().contains(Hex.encode(Self.seed).lowercased()))
  }

  @Test func anotherLanguage() throws {
    var texts = RecoverySheetTexts.english
    texts.language = "de"
    texts.title = "Ersatzblatt für {election}"
    let page = try Self.page("Ratswahl", "1. März 2027", texts)
    #expect(page.contains("<html lang=\"de\">") && page.contains("Ersatzblatt für Ratswahl</h1>"))
    #expect(page.contains("made on 1. März 2027"))
  }

  @Test func seedsOfAnotherLengthHaveNoSheet() {
    for count in [0, 16, 31, 33] {
      #expect(throws: RecoverySheetError.seedLength(found: count)) {
        _ = try RecoverySheet.html(
          seed: SecretBytes(zeros: count), electionName: "", madeOn: ""
        ).count
      }
    }
  }
}
