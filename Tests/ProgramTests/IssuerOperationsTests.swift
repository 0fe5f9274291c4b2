// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// What an issuer's operator copies: the example of a configuration, and the unit of systemd.
@Suite struct IssuerOperationsTests {
  private static let folder = "Ceremonies/operations"
  private static let example = Shared.repository.appendingPathComponent(
    "\(folder)/issuer.example.json")
  private static let unit = Shared.repository.appendingPathComponent("\(folder)/issuer.service")

  /// The program's own reader takes the example. Its files are not there, and that is what is complained about.
  @Test func theExampleIsRead() throws {
    let folder = try TemporaryFolder("operations")
    try Data("passphrase\n".utf8).write(to: URL(fileURLWithPath: folder / "passphrase"))
    func serve(_ path: String) throws -> ProgramRun {
      try ProgramRun.run(
        "issuer", ["serve", "--config", path, "--passphrase-file", folder / "passphrase"])
    }
    let run = try serve(Self.example.path)
    #expect(run.status == 3, "\(run.errors)")
    #expect(run.errors.contains("/var/lib/urna-issuer/credential-keys.secret"), "\(run.errors)")
    let text = try String(contentsOf: Self.example, encoding: .utf8)
    for (name, other, place) in [
      ("\"reloadSeconds\"", "\"reloadSecond\"", "certificates.reloadSecond"),
      ("\"contextClasses\"", "\"contextClass\"", "provider.contextClass"),
      ("\"revocationLists\"", "\"lists\"", "certificates.lists"),
      ("\"issuer\": \"https://identity.example.org\"", "\"keys\": \"k\"", "provider.issuer"),
      ("\"proxySecret\": \"/etc/urna/proxy-secret\",", "", "certificates.proxySecret"),
    ] {
      let wrong = text.replacingOccurrences(of: name, with: other)
      #expect(wrong != text)
      try Data(wrong.utf8).write(to: URL(fileURLWithPath: folder / "wrong.json"))
      let refused = try serve(folder / "wrong.json")
      #expect(refused.status == 2, "\(place): \(refused.errors)")
      #expect(refused.errors.contains(place), "\(refused.errors)")
    }
  }

  @Test func theUnitIsHardened() throws {
    let text = try String(contentsOf: Self.unit, encoding: .utf8)
    let lines = Set(text.split(separator: "\n").map(String.init))
    for line in [
      "LoadCredential=passphrase:/etc/urna/issuer.passphrase", "NoNewPrivileges=yes",
      "ProtectSystem=strict", "CapabilityBoundingSet=", "LimitCORE=0", "User=urna-issuer",
      "UMask=0077", "StateDirectoryMode=0700", "ReadWritePaths=/var/lib/urna-issuer",
      "SystemCallFilter=@system-service",
    ] {
      #expect(lines.contains(line), "\(line)")
    }
  }

  /// systemd itself finds nothing to complain about, where it is installed.
  @Test func theUnitIsVerified() throws {
    let tool = "/usr/bin/systemd-analyze"
    guard FileManager.default.isExecutableFile(atPath: tool) else {
      print("SKIPPED: no systemd-analyze")
      return
    }
    let folder = try TemporaryFolder("operations")
    let text = try String(contentsOf: Self.unit, encoding: .utf8)
    let here = text.replacingOccurrences(of: "/usr/local/bin/issuer", with: "/usr/bin/env")
    #expect(here != text)
    try Data(here.utf8).write(to: URL(fileURLWithPath: folder / "issuer.service"))
    let run = try ToolRun(tool, ["verify", folder / "issuer.service"])
    #expect(run.status == 0 && run.text.isEmpty, "\(run.text)")
  }
}
