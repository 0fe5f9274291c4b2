// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// What a scanner reads; rsvg-convert draws and zbarimg reads.
enum Scanner {
  static let isPresent: Bool = {
    let found = ["/usr/bin/rsvg-convert", "/usr/bin/zbarimg"].allSatisfy {
      FileManager.default.isExecutableFile(atPath: $0)
    }
    if !found { print("SKIPPED: zbarimg or rsvg-convert is absent; no QR code was read") }
    return found
  }()

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
