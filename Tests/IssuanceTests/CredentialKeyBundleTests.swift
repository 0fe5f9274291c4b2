// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import Issuance
import TestSupport
import Testing

/// The file of an issuer's keys reads as it was written, and nothing else is read.
@Suite struct CredentialKeyBundleTests {
  private static func bundle(scope: CredentialScope? = nil) throws -> CredentialKeyBundle {
    var bundle = CredentialKeyBundle()
    bundle.scope = scope
    try bundle.append("north", SecretBytes(copying: [1, 2, 3]))
    try bundle.append("süd", module: "/m.so", token: "t", serial: nil, label: "urna süd")
    try bundle.append("west", module: "/m.so", token: "t", serial: "7", label: "urna west")
    try bundle.append("east", SecretBytes(copying: [UInt8](repeating: 9, count: 2400)))
    return bundle
  }

  @Test(arguments: [nil, CredentialScope(name: "petition/7", id: SHA256.hash([7]))])
  func readsAsWritten(_ scope: CredentialScope?) throws {
    let bytes = try Self.bundle(scope: scope).encoded()
    guard let read = CredentialKeyBundle(bytes) else {
      Issue.record("it is not read")
      return
    }
    #expect(read.scope == scope)
    let made = try Self.bundle().keys
    #expect(read.keys == made)
    #expect(read.keys.map(\.district) == ["north", "süd", "west", "east"])
    guard case .bundle(let first) = read.keys[0].holder,
      case .bundle(let last) = read.keys[3].holder
    else {
      Issue.record("the keys are elsewhere")
      return
    }
    #expect(read.key(first)?.revealed() == [1, 2, 3])
    #expect(read.key(last)?.count == 2400)
    let again = try read.encoded()
    #expect(again.isEqualConstantTime(to: bytes))
  }

  private static func isRead(_ bytes: [UInt8]) -> Bool {
    CredentialKeyBundle(SecretBytes(copying: bytes)) != nil
  }

  @Test func nothingElseIsRead() throws {
    let scope = CredentialScope(name: "petition/7", id: SHA256.hash([7]))
    let bytes = try Self.bundle(scope: scope).encoded().revealed()
    for end in bytes.indices {
      #expect(!Self.isRead(Array(bytes[..<end])), "\(end) bytes")
    }
    #expect(!Self.isRead(bytes + [0]))
    #expect(!Self.isRead(try CredentialKeyBundle().encoded().revealed()))
    let seed = UInt64.random(in: 0...UInt64.max)
    print("credential keys: seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      var other = bytes
      let place = Int.random(in: 0..<other.count, using: &generator)
      other[place] ^= UInt8.random(in: 1...255, using: &generator)
      guard let read = CredentialKeyBundle(SecretBytes(copying: other)) else { continue }
      #expect(try read.encoded().revealed() == other, "byte \(place)")
    }
  }

  @Test func tooLongPartsAreRefused() throws {
    var bundle = CredentialKeyBundle()
    #expect(throws: CryptographyError.self) {
      try bundle.append("north", SecretBytes(zeros: 65_536))
    }
    #expect(throws: CryptographyError.self) {
      try bundle.append(String(repeating: "x", count: 65_536), SecretBytes(zeros: 1))
    }
    #expect(bundle.keys.isEmpty)
  }
}
