// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import Foundation
import LedgerFiles
import StrictJSON
import TestSupport
import Testing

/// A citizen without a letter, for whom an identity provider vouches: real provider, issuers, wallet.
@Suite(
  .hangs,
  .enabled(
    if: CredentialElection.isPossible && OpenIDTestProvider.isPresent
      || Shared.isContinuousIntegration, "needs the built programs and the provider"))
struct IdentifiedCitizenTests {
  private struct Scene {
    let provider: OpenIDTestProvider
    let election: CredentialElection

    func register(_ wallet: String, _ more: [String]) async throws -> ToolRun {
      try await ToolRun.onThread(
        "\(ToolRun.programs)/voter",
        [
          "register", "--record", election.box, "--wallet", wallet, "--provider", provider.issuer,
          "--provider-client", OpenIDTestProvider.client,
        ] + more + election.addresses.flatMap { ["--issuer", $0] })
    }

    func makeWallet(_ name: String) async throws -> String {
      let wallet = election.folder / name
      try await election.run(
        "voter", ["keys", "--wallet", wallet, "--public", "\(wallet).public"],
        withPassphrase: false)
      return wallet
    }
  }

  // adversary: E-05, E-07
  @Test func theProviderSaysWhoAsks() async throws {
    let provider = try await OpenIDTestProvider()
    let election = try await CredentialElection.begin(
      CredentialElection.Plan(citizens: 2, provider: provider.issuer))
    let scene = Scene(provider: provider, election: election)
    let wallet = try await scene.makeWallet("wallet")
    let run = try await scene.register(wallet, ["--browser", OpenIDTestProvider.browser])
    #expect(run.status == 0, "\(run.text)")
    #expect(run.output.contains("the credential is complete"))
    #expect(try election.kept(wallet).signatures.count == 3)
    try await isTheOnlyOne(scene)
    try await anotherDevice(scene, wallet)
    try await anotherWallet(scene)
    try await auditorsSee(scene)
  }

  private func record(_ scene: Scene) async throws -> CredentialIssuance {
    let state = try await scene.election.state()
    let terms = try #require(state.terms)
    let index = terms.districts[0].keyEntries + 1
    #expect(terms.districts[0].voters == index)
    let records = state.credentials.records(district: 1, index: index)
    #expect(records.count == 1)
    let entry = try #require(records.first?.entry)
    let directory = try RecordDirectory(path: scene.election.record)
    return try CredentialIssuance(bytes: directory.payload(at: UInt64(entry)), in: state.group)
  }

  private func isTheOnlyOne(_ scene: Scene) async throws {
    guard case .sealed = try await record(scene).evidence else {
      Issue.record("the evidence is not sealed")
      return
    }
  }

  /// The browser is on another machine, and the device has the seed alone: the same answers.
  private func anotherDevice(_ scene: Scene, _ wallet: String) async throws {
    let folder = scene.election.folder
    let seed = Hex.encode(try scene.election.kept(wallet).seed)
    let sheet = try folder.write(
      Array("urna:seed?w=\(seed)\n".utf8), to: "sheet", permissions: 0o600)
    let other = folder / "other-device"
    try await scene.election.run(
      "voter", ["recover", "--sheet", sheet, "--wallet", other], withPassphrase: false)
    let saved = folder / "redirected"
    let browser = try folder.write(
      Array(
        """
        #!/bin/sh
        "\(OpenIDTestProvider.browser)" --print "$1" >"\(saved).tmp" && mv "\(saved).tmp" "\(saved)"

        """.utf8), to: "browser", permissions: 0o700)
    let run = try await scene.register(other, ["--browser", browser, "--redirected", saved])
    #expect(run.status == 0, "\(run.text)")
    #expect(try scene.election.kept(other).signatures == scene.election.kept(wallet).signatures)
  }

  /// The same citizen with another seed: there is one credential.
  private func anotherWallet(_ scene: Scene) async throws {
    let wallet = try await scene.makeWallet("second-wallet")
    let run = try await scene.register(wallet, ["--browser", OpenIDTestProvider.browser])
    #expect(run.status == 1, "\(run.text)")
    #expect(run.errors.contains("with another wallet"), "\(run.errors)")
    _ = try await record(scene)
  }

  /// The auditors see who asked, and the provider's word for it.
  private func auditorsSee(_ scene: Scene) async throws {
    guard case .sealed(let digest) = try await record(scene).evidence else { return }
    let folder = scene.election.folder
    var found = 0
    for issuer in CredentialElection.issuers {
      let sealed = folder / "evidence-\(issuer)"
      let run = try await ToolRun.onThread(
        "\(ToolRun.programs)/issuer",
        [
          "evidence", "--database", folder / "issuer-\(issuer).sqlite", "--digest", digest.hex,
          "--output", sealed,
        ])
      guard run.status == 0 else { continue }
      found += 1
      let opened = folder / "opened-\(issuer)"
      try await scene.election.run(
        "election",
        ["auditors", "open", sealed, "--secret", folder / "auditors.key", "--output", opened])
      let bytes = try Data(contentsOf: URL(fileURLWithPath: opened))
      let fields = try JSONReader(JSONValue(parsing: [UInt8](bytes))).openFields()
      #expect(try fields["identifier"].string() == OpenIDTestProvider.identifier)
      let evidence = try fields["evidence"].hex(bytes: 1...65_536)
      let token = try JSONReader(JSONValue(parsing: evidence)).openFields()
      #expect(try token["issuer"].string() == scene.provider.issuer)
      #expect(try token["token"].string().split(separator: ".").count == 3)
    }
    #expect(found == 1, "the issuer that recorded the request has its evidence")
  }
}
