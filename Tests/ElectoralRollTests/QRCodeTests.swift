// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import QRCodes
import TestSupport
import Testing

/// What a scanner reads; rsvg-convert draws and zbarimg reads.
enum Scanner {
  static let isPresent = ["/usr/bin/rsvg-convert", "/usr/bin/zbarimg"].allSatisfy {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  static func read(svg: [UInt8]) throws -> String {
    let folder = try TemporaryFolder()
    try folder.write(svg, "code.svg")
    let drawn = try ToolRun(
      "/usr/bin/rsvg-convert",
      ["--zoom", "3", "--output", folder.path + "/code.png", folder.path + "/code.svg"])
    #expect(drawn.status == 0, "\(drawn.text)")
    let run = try ToolRun("/usr/bin/zbarimg", ["--quiet", "--raw", folder.path + "/code.png"])
    #expect(run.status == 0, "\(run.text)")
    // zbarimg ends what it found with a line end.
    return String(run.output.dropLast())
  }
}

@Suite struct QRCodeTests {
  @Test func codesHaveTheirForm() throws {
    let code = try QRCode("urna")
    #expect(code.size == 21)
    // A finder pattern: a dark ring around a light one around a dark square of three.
    for (row, pattern) in ["1111111", "1000001", "1011101"].enumerated() {
      for (column, module) in pattern.enumerated() {
        let isDark = code.isDark(column: column, row: row)
        #expect(isDark == (module == "1"))
      }
    }
    for (column, row) in [(-1, 0), (0, -1), (21, 0), (0, 21), (.max, .max), (.min, .min)] {
      let isDark = code.isDark(column: column, row: row)
      #expect(!isDark)
    }
    #expect(try QRCode(String(repeating: "x", count: QRCode.maximumTextByteCount)).size == 177)
    for text in ["", "a\u{0}b", String(repeating: "x", count: QRCode.maximumTextByteCount + 1)] {
      #expect(throws: QRCodeError.text) { _ = try QRCode(text).size }
    }
  }

  @Test(
    .enabled(
      if: Scanner.isPresent || Shared.isContinuousIntegration, "needs zbar-tools and librsvg2-bin"))
  func scannersRead() throws {
    for text in ["urna", "https://example.org/?a=1&b=<2>", String(repeating: "0Aa&", count: 100)] {
      let svg = try QRCode(text).svg(millimetres: 42).revealed()
      #expect(try Scanner.read(svg: svg) == text)
    }
  }
}
