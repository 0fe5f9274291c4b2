// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Testing

@Suite struct PassphraseBoxTests {
  private let passphrase: [UInt8] = [UInt8]("correct horse".utf8)

  private func seal(_ secret: [UInt8], context: String = "trustee/1") throws -> [UInt8] {
    try PassphraseBox.seal(
      SecretBytes(copying: secret), passphrase: SecretBytes(copying: passphrase),
      context: context, cost: .demonstration)
  }

  private func open(
    _ box: [UInt8], passphrase: [UInt8]? = nil, context: String = "trustee/1"
  ) throws(CryptographyError) -> [UInt8] {
    try PassphraseBox.open(
      box, passphrase: SecretBytes(copying: passphrase ?? self.passphrase), context: context
    ).revealed()
  }

  @Test func opensWhatItSealed() throws {
    for length in [0, 1, 32, 1000] {
      let secret = [UInt8](repeating: 0x5A, count: length)
      let box = try seal(secret)
      #expect(box.count == 71 - 16 + length + 16)
      #expect(try open(box) == secret)
    }
    #expect(try seal([1]) != seal([1]), "salt and nonce must be fresh")
  }

  @Test func standardCostWorks() throws {
    let box = try PassphraseBox.seal(
      SecretBytes(copying: [1, 2, 3]), passphrase: SecretBytes(copying: passphrase), context: "")
    #expect(try open(box, context: "") == [1, 2, 3])
  }

  @Test func wrongPassphraseAndContextAreRefused() throws {
    let box = try seal([1, 2, 3])
    #expect(throws: CryptographyError.authenticationFailed) {
      try open(box, passphrase: [UInt8]("correct horsf".utf8))
    }
    #expect(throws: CryptographyError.authenticationFailed) { try open(box, passphrase: []) }
    #expect(throws: CryptographyError.authenticationFailed) {
      try open(box, context: "trustee/2")
    }
  }

  @Test func eachChangedByteIsNoticed() throws {
    let box = try seal([1, 2, 3])
    for index in box.indices {
      for mask: UInt8 in [0x01, 0x80] {
        var changed = box
        changed[index] ^= mask
        #expect(throws: CryptographyError.self, "byte \(index)") { try open(changed) }
      }
    }
  }

  @Test func otherLengthsAreRefused() throws {
    let box = try seal([1, 2, 3])
    for length in box.indices {
      #expect(throws: CryptographyError.self) { try open([UInt8](box.prefix(length))) }
    }
    #expect(throws: CryptographyError.authenticationFailed) { try open(box + [0]) }
    #expect(throws: CryptographyError.malformedBox("length")) { try open([]) }
  }

  @Test func demandingHeadersAreRefusedBeforeAnyWork() throws {
    let box = try seal([1])
    for (index, value) in [(8, UInt8(18)), (8, 255), (8, 9), (9, 0), (9, 9), (10, 0), (10, 5)] {
      var changed = box
      changed[index] = value
      #expect(throws: CryptographyError.costOutOfRange) { try open(changed) }
    }
    #expect(PassphraseBox.Cost(log2N: 18) == nil)
    #expect(PassphraseBox.Cost(log2N: 17, r: 8, p: 1) == .standard)
  }

  @Test func tooLongSecretIsRefused() throws {
    let limit = PassphraseBox.maximumSecretByteCount
    #expect(throws: CryptographyError.invalidLength(expected: limit, actual: limit + 1)) {
      try PassphraseBox.seal(
        SecretBytes(zeros: limit + 1), passphrase: SecretBytes(copying: passphrase), context: "")
    }
  }

  /// RFC 7914, section 12 (the first three; the fourth needs 1 GiB).
  @Test func scryptKnownAnswers() throws {
    let cases: [(String, String, UInt64, UInt64, UInt64, String)] = [
      (
        "", "", 16, 1, 1,
        "77D6576238657B203B19CA42C18A0497F16B4844E3074AE8DFDFFA3FEDE21442"
          + "FCD0069DED0948F8326A753A0FC81F17E8D3E0FB2E0D3628CF35E20C38D18906"
      ),
      (
        "password", "NaCl", 1024, 8, 16,
        "FDBABE1C9D3472007856E7190D01E9FE7C6AD7CBC8237830E77376634B373162"
          + "2EAF30D92E22A3886FF109279D9830DAC727AFB94A83EE6D8360CBDFA2CC0640"
      ),
      (
        "pleaseletmein", "SodiumChloride", 16384, 8, 1,
        "7023BDCB3AFD7348461C06CD81FD38EBFDA8FBBA904F8E3EA9B543F6545DA1F2"
          + "D5432955613F0FCF62D49705242A9AF9E61E85DC0D651E40DFCF017B45575887"
      ),
    ]
    for (passphrase, salt, n, r, p, expected) in cases {
      let key = try Scrypt.derive(
        passphrase: SecretBytes(copying: passphrase.utf8), salt: [UInt8](salt.utf8), n: n, r: r,
        p: p, byteCount: 64)
      #expect(Hex.encode(key.revealed()) == expected)
    }
    #expect(throws: CryptographyError.backend("scrypt")) {
      _ = try Scrypt.derive(
        passphrase: SecretBytes(zeros: 1), salt: [], n: 1 << 20, r: 8, p: 1, byteCount: 64
      ).count
    }
  }
}
