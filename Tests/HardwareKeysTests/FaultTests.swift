// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import Cryptography
import Foundation
import HardwareKeys
import TestSupport
import Testing

/// Modules with a fault (`Tests/FaultyModule`), each compiled for one test.
@Suite(.needsSoftHSM, .hangs, .serialized) struct FaultyModuleTests {
  let tokens: SoftHSM
  let folder: TemporaryFolder

  init() throws {
    tokens = try SoftHSM.shared.get()
    folder = try TemporaryFolder()
  }

  /// The place of the token `faults` behind a module with faults.
  private func place(_ faults: String...) throws -> HardwareToken.Place {
    let module = "\(folder.path)/faulty\(faults.joined()).so"
    let flags = try ToolRun("/usr/bin/env", ["pkg-config", "--cflags", "p11-kit-1"]).output
      .split(whereSeparator: \.isWhitespace).map(String.init)
    let source = Shared.repository.appendingPathComponent("Tests/FaultyModule/faulty.c").path
    let run = try ToolRun(
      "/usr/bin/env",
      ["clang", "-shared", "-fPIC", "-Wall", "-Werror", "-o", module, "-DBASE=\"\(tokens.copy)\""]
        + flags
        + faults.map { "-D" + $0 } + [source])
    try #require(run.status == 0, Comment(rawValue: run.text))
    return .init(module: module, label: SoftHSM.Token.faults.rawValue)
  }

  private func open(_ place: HardwareToken.Place, sessions: Int = 1) throws -> HardwareRSASigner {
    try HardwareRSASigner(
      on: place, label: "issuer", pin: SoftHSM.secret(), sessions: sessions)
  }

  private func signs(_ holder: HardwareRSASigner) async throws -> Bool {
    let input = try tokens.inputs(1)[0]
    return try await holder.rawSignature(input) == tokens.key.rawSignature(input)
  }

  @Test func withoutFaultsItSigns() async throws {
    #expect(try await signs(open(place())))
  }

  /// CKR_DEVICE_REMOVED, CKR_SESSION_CLOSED, CKR_SESSION_HANDLE_INVALID, CKR_USER_NOT_LOGGED_IN: once they are
  /// repaired, twice they are reported, and the next request begins anew.
  @Test(arguments: [
    (0x32, "CKR_DEVICE_REMOVED (0x32)"), (0xB0, "CKR_SESSION_CLOSED (0xB0)"),
    (0xB3, "CKR_SESSION_HANDLE_INVALID (0xB3)"), (0x101, "CKR_USER_NOT_LOGGED_IN (0x101)"),
  ]) func lossesAreRepairedOnce(_ code: Int, _ words: String) async throws {
    let holder = try open(place("SIGN_CODE=\(code)", "SIGN_TIMES=3"))
    await #expect(
      performing: { try await signs(holder) }, throws: SoftHSM.says("the raw operation: \(words)"))
    #expect(try await signs(holder))
    #expect(try await signs(holder))
  }

  /// Other answers are reported at once, and the operation that they leave open disturbs nobody.
  @Test(arguments: [
    (0x30, "CKR_DEVICE_ERROR (0x30)"), (0x8000_0123, "a code of the vendor's (0x80000123)"),
    (0x7777, "the code 0x7777"),
  ]) func otherAnswersAreReported(_ code: Int, _ words: String) async throws {
    let holder = try open(place("SIGN_CODE=\(code)", "SIGN_TIMES=2"))
    for _ in 0..<2 {
      await #expect(
        performing: { try await signs(holder) }, throws: SoftHSM.says("the raw operation: \(words)")
      )
    }
    #expect(try await signs(holder))
  }

  /// Three wrong PINs lock many a token.
  @Test func aRefusedPINIsNotTriedAgain() async throws {
    let holder = try open(place("PIN_ONCE", "SIGN_CODE=0x101", "SIGN_TIMES=9"))
    for _ in 0..<4 {
      await #expect(
        performing: { try await signs(holder) },
        throws: SoftHSM.says("logging in to the token: CKR_PIN_INCORRECT (0xA0)"))
    }
    #expect(
      performing: { try holder.destroy() }, throws: SoftHSM.says("CKR_PIN_INCORRECT (0xA0)"))
  }

  @Test func keysThatAskEveryTime() async throws {
    let holder = try open(place("ASKS"))
    for _ in 0..<3 { #expect(try await signs(holder)) }
  }

  @Test func keysThatMayLeaveAreReportedAndNotMade() async throws {
    let place = try place("EXTRACTABLE")
    let holder = try open(place)
    #expect(holder.isExtractable)
    #expect(try await signs(holder))
    func make(_ place: HardwareToken.Place) throws -> HardwareRSASigner {
      try HardwareRSASigner.generate(
        bits: 2048, on: place, label: "made", pin: SoftHSM.secret(), sessions: 1)
    }
    #expect(
      performing: { try make(place) }, throws: SoftHSM.says("a key that it may give out"))
    // It was destroyed: the name is free.
    try make(self.place()).destroy()
  }

  @Test func theExponentMayComeFromThePublicKey() async throws {
    let holder = try open(place("NO_EXPONENT"))
    #expect(holder.exponent == tokens.key.exponent)
    #expect(try await signs(holder))
  }

  @Test func anotherKeyOfTheNameIsRefused() async throws {
    let holder = try open(place("ANOTHER", "SIGN_CODE=0xB3", "SIGN_TIMES=1"))
    for _ in 0..<2 {
      await #expect(
        performing: { try await signs(holder) }, throws: SoftHSM.says("another one than before"))
    }
  }

  @Test func fewerSessionsAreEnough() async throws {
    let holder = try open(place("SESSIONS=2"), sessions: 5)
    #expect(holder.sessionCount == 2)
    #expect(try await signs(holder))
  }

  @Test func tokensWithoutTheRawOperation() throws {
    #expect(
      performing: { try open(place("NO_RAW")) },
      throws: SoftHSM.says("the mechanism CKM_RSA_X_509: CKR_MECHANISM_INVALID (0x70)"))
  }

  @Test(arguments: [
    ("SHORT", "255 bytes instead of 256"), ("EMPTY", "CKR_FUNCTION_NOT_SUPPORTED (0x54)"),
  ]) func answersThatAreNoSignatures(_ fault: String, _ words: String) async throws {
    let holder = try open(place(fault))
    await #expect(performing: { try await signs(holder) }, throws: SoftHSM.says(words))
  }

  @Test func wrongSignaturesDoNotGoOut() async throws {
    let holder = try open(place("WRONG"))
    let key = try holder.publicKey(.pss)
    let request = try key.blind(preparedMessage: [1]).request
    await #expect(throws: BlindRSAError.signingFailure) {
      try await BlindSigner(key, holder: holder).blindSignature(of: request)
    }
  }
}
