// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// A PKCS#11 module in software with a token of the tests' own, for the programs; nil where it is not installed.
struct SoftwareModule: Sendable {
  static let library = [
    "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/lib64/libsofthsm2.so",
  ].first { FileManager.default.fileExists(atPath: $0) }
  private static let utility = "/usr/bin/softhsm2-util"
  static let isPresent: Bool = {
    let found = library != nil && FileManager.default.isExecutableFile(atPath: utility)
    if !found { print("SKIPPED: SoftHSM is absent; no issuer had its keys in a module") }
    return found
  }()
  static let pin = "pin-5521-of-tests"

  let pinFile: String
  let environment: [String: String]

  var keyArguments: [String] {
    ["--module", Self.library ?? "", "--token", "urna issuer", "--pin-file", pinFile]
  }

  static func make(in folder: TemporaryFolder) async throws -> SoftwareModule? {
    guard isPresent else { return nil }
    try FileManager.default.createDirectory(
      atPath: folder / "tokens", withIntermediateDirectories: false)
    let configuration = try folder.write(
      "directories.tokendir = \(folder / "tokens")\nobjectstore.backend = file\nlog.level = ERROR\n",
      to: "softhsm.conf")
    let module = SoftwareModule(
      pinFile: try folder.write(Array("\(pin)\n".utf8), to: "pin", permissions: 0o600),
      environment: ["SOFTHSM2_CONF": configuration])
    let run = try ToolRun(
      utility,
      [
        "--init-token", "--free", "--label", "urna issuer", "--pin", pin, "--so-pin",
        "so-pin-of-tests",
      ], environment: module.environment)
    try #require(run.status == 0, "\(run.text)")
    return module
  }
}
