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
    let (short, long) = (read.key(first)?.revealed(), read.key(last)?.revealed())
    #expect(short == [1, 2, 3])
    #expect(long?.count == 2400)
    let (again, before) = (try read.encoded().revealed(), bytes.revealed())
    #expect(again == before)
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
    let empty = try CredentialKeyBundle().encoded().revealed()
    #expect(!Self.isRead(empty))
    let seed = UInt64.random(in: 0...UInt64.max)
    print("credential keys: seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      var other = bytes
      let place = Int.random(in: 0..<other.count, using: &generator)
      other[place] ^= UInt8.random(in: 1...255, using: &generator)
      guard let read = CredentialKeyBundle(SecretBytes(copying: other)) else { continue }
      let again = try read.encoded().revealed()
      #expect(again == other, "byte \(place)")
    }
  }

  @Test func tooLongPartsAreRefused() throws {
    for (district, length) in [("north", 65_536), (String(repeating: "x", count: 65_536), 1)] {
      var bundle = CredentialKeyBundle()
      do throws(CryptographyError) {
        try bundle.append(district, SecretBytes(zeros: length))
        Issue.record("\(length) bytes are taken")
      } catch { #expect(error == .invalidLength(expected: 65_535, actual: 65_536)) }
      let count = bundle.keys.count
      #expect(count == 0)
    }
  }
}
