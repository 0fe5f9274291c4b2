// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import Cryptography
import Foundation
import Glibc
import HardwareKeys
import TestSupport
import Testing

/// A module in software with tokens of the tests' own.
final class SoftHSM: Sendable {
  static let pin = "pin-8714-of-tests"
  private static let utility = "/usr/bin/softhsm2-util"
  static let library = [
    "/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/lib64/libsofthsm2.so",
  ].first { FileManager.default.fileExists(atPath: $0) }

  /// Whether it is installed. Prints a line once when it is not.
  static let isPresent: Bool = {
    let found = library != nil && FileManager.default.isExecutableFile(atPath: utility)
    if !found { print("SKIPPED: SoftHSM is absent; tests of keys in hardware modules did not run") }
    return found
  }()

  /// Made once, since the module reads its configuration when it is loaded.
  static let shared = Result { try SoftHSM() }

  enum Token: String, CaseIterable {
    case main = "urna main"
    case wrongPIN = "urna wrong pin"
    case losses = "urna losses"
    case faults = "urna faults"
    /// Two tokens have this label.
    case twins = "urna twins"
  }

  private let folder: TemporaryFolder
  private let module: String
  /// A key made here, and known to the tokens `main`, `losses` and `faults` as “issuer”, identifier 01.
  let key: RSAPrivateKey
  /// The module that faulty ones stand before: a copy with tokens of its own, since SoftHSM does not expect
  /// itself twice in a process. It knows `faults` only.
  let copy: String

  private init() throws {
    module = try #require(Self.library)
    folder = try TemporaryFolder()
    copy = folder.path + "/copy.so"
    key = try RSAPrivateKey.generate(bits: 2048)
    let second = try RSAPrivateKey.generate(bits: 2048)
    let variable = "SOFTHSM2_CONF"
    let copyVariable = "SOFTHSM2_COPY"
    try Self.copyLibrary(module, to: copy, replacing: variable, by: copyVariable)

    try folder.write(Self.pem(key.der()), "issuer.pem")
    try folder.write(Self.pem(second.der()), "second.pem")
    let issuer = folder.path + "/issuer.pem"
    for (name, isCopy) in [(variable, false), (copyVariable, true)] {
      let configuration = try writeConfiguration(name)
      func run(_ arguments: [String]) throws {
        let run = try ToolRun(Self.utility, arguments, environment: [variable: configuration])
        guard run.status == 0 else { throw Failure(text: run.text) }
      }
      func importKey(_ path: String, _ token: Token, _ label: String, _ id: String) throws {
        try run([
          "--import", path, "--token", token.rawValue, "--label", label, "--id", id, "--pin",
          Self.pin, "--force",
        ])
      }
      for token in Token.allCases + [.twins] where (token == .faults) == isCopy {
        try run([
          "--init-token", "--free", "--label", token.rawValue, "--pin", Self.pin, "--so-pin",
          "so-pin-of-tests",
        ])
      }
      for token in [Token.main, .losses, .faults] where (token == .faults) == isCopy {
        try importKey(issuer, token, "issuer", "01")
      }
      if !isCopy {
        for id in ["02", "03"] { try importKey(folder.path + "/second.pem", .main, "twice", id) }
      }
      // The module reads it when it is initialised.
      unsafe setenv(name, configuration, 1)
    }
    for file in ["issuer.pem", "second.pem"] { try folder.remove(file) }
    atexit {
      if case .success(let shared) = SoftHSM.shared {
        try? FileManager.default.removeItem(atPath: shared.folder.path)
      }
    }
  }

  private func writeConfiguration(_ name: String) throws -> String {
    let tokens = "\(folder.path)/\(name)"
    try FileManager.default.createDirectory(atPath: tokens, withIntermediateDirectories: true)
    let text = """
      directories.tokendir = \(tokens)
      objectstore.backend = file
      log.level = ERROR
      slots.removable = false

      """
    try folder.write(Array(text.utf8), "\(name).conf")
    return "\(folder.path)/\(name).conf"
  }

  /// Copies a library so that it reads another environment variable.
  private static func copyLibrary(
    _ path: String, to copy: String, replacing name: String, by other: String
  ) throws {
    var library = try Data(contentsOf: URL(fileURLWithPath: path))
    let place = try #require(library.range(of: Data("\0\(name)\0".utf8)))
    library.replaceSubrange(place, with: Data("\0\(other)\0".utf8))
    try library.write(to: URL(fileURLWithPath: copy))
  }

  struct Failure: Error { let text: String }

  private static func pem(_ der: consuming SecretBytes) -> [UInt8] {
    let body = Data(der.revealed()).base64EncodedString(options: .lineLength64Characters)
    return Array("-----BEGIN PRIVATE KEY-----\n\(body)\n-----END PRIVATE KEY-----\n".utf8)
  }

  // MARK: What tests ask for

  static func secret(_ pin: String = SoftHSM.pin) -> SecretBytes { SecretBytes(copying: pin.utf8) }

  func place(_ token: Token, serial: String? = nil) -> HardwareToken.Place {
    HardwareToken.Place(module: module, label: token.rawValue, serial: serial)
  }

  func signer(
    _ token: Token = .main, label: String? = "issuer", id: [UInt8]? = nil, pin: String = pin,
    sessions: Int = HardwareRSASigner.defaultSessionCount
  ) throws(BlindRSAError) -> HardwareRSASigner {
    try HardwareRSASigner(
      on: place(token), label: label, id: id, pin: Self.secret(pin), sessions: sessions)
  }

  /// Random numbers below the modulus.
  func inputs(_ count: Int) throws -> [[UInt8]] {
    try (0..<count).map { _ in
      var input = try SecureRandom.bytes(key.modulus.count)
      input[0] &= 0x7F
      return input
    }
  }

  /// Whether an error is of the module or the token, and its words have all of these.
  static func says(_ words: String...) -> @Sendable (any Error) -> Bool {
    { error in
      guard case .backend(let text)? = error as? BlindRSAError else { return false }
      return words.allSatisfy(text.contains) && !text.contains(pin)
    }
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips without SoftHSM, unless `CI=true`: then the tests run and fail.
  static var needsSoftHSM: Self {
    .enabled(
      if: SoftHSM.isPresent || Shared.isContinuousIntegration,
      "SoftHSM is absent: tests of keys in hardware modules are skipped")
  }
}
