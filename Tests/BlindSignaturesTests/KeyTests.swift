// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import Cryptography
import Foundation
import TestSupport
import Testing

@Suite struct KeyTests {
  /// One byte string for a key, whatever is changed.
  // adversary: E-01
  @Test func keysHaveOneForm() throws {
    for signer in try TestKeys.signers.get() {
      for encoding in BlindRSAVariant.Encoding.allCases {
        let key = try signer.publicKey(encoding)
        let der = key.subjectPublicKeyInfo
        #expect(try BlindRSAPublicKey(subjectPublicKeyInfo: der) == key)
        for count in stride(from: 0, to: der.count, by: 7) {
          #expect(throws: BlindRSAError.self) {
            try BlindRSAPublicKey(subjectPublicKeyInfo: Array(der.prefix(count)))
          }
        }
        #expect(throws: BlindRSAError.self) {
          try BlindRSAPublicKey(subjectPublicKeyInfo: der + [0])
        }
        var (others, refused) = (0, 0)
        for bit in 0..<8 * 90 {
          var changed = der
          changed[bit / 8] ^= 1 << UInt8(bit % 8)
          // Bits of the modulus make another key, all others none.
          do {
            let other = try BlindRSAPublicKey(subjectPublicKeyInfo: changed)
            #expect(other != key && other.keyID != key.keyID)
            #expect(other.subjectPublicKeyInfo == changed)
            others += 1
          } catch { refused += 1 }
        }
        #expect(others > 0 && refused > 8 * 80)
      }
    }
  }

  @Test func weakKeysAreRefused() throws {
    let good = try TestKeys.signers.get()[0].publicKey(.pss).modulusBytes
    var even = good
    even[even.count - 1] &= 0xFE
    var short = good
    short[0] &= 0x7F
    for modulus in [
      even, short, [], [0] + good, Array(good.dropLast()), [UInt8](repeating: 255, count: 128),
    ] {
      #expect(throws: BlindRSAError.self) {
        try BlindRSAPublicKey(modulus: modulus, exponent: 65_537, encoding: .pss)
      }
    }
    let exponents: [UInt64] = [0, 1, 3, 65_535, 65_536, (1 << 33) + 1, .max]
    for exponent in exponents {
      #expect(throws: BlindRSAError.self) {
        try BlindRSAPublicKey(modulus: good, exponent: exponent, encoding: .pss)
      }
    }
  }

  @Test func privateKeysAreReadAndWritten() throws {
    let key = try RSAPrivateKey.generate(bits: 2048)
    let der = try key.der()
    let again = try RSAPrivateKey(der: der)
    #expect(again.modulus == key.modulus && again.exponent == 65_537)
    let input = [0] + [UInt8](repeating: 9, count: 255)
    #expect(try again.rawSignature(input) == key.rawSignature(input))
    #expect(throws: CryptographyError.self) { _ = try RSAPrivateKey(der: der.appending([0])) }
    for count in [0, 1, 100, der.count - 1] {
      let part = Array(der.revealed().prefix(count))
      #expect(throws: CryptographyError.self) {
        _ = try RSAPrivateKey(der: SecretBytes(copying: part))
      }
    }
    #expect(throws: CryptographyError.invalidLength(expected: 256, actual: 255)) {
      try key.rawSignature(Array(input.dropLast()))
    }
    #expect(throws: CryptographyError.self) {
      try key.rawSignature([UInt8](repeating: 255, count: 256))
    }
    #expect(throws: CryptographyError.costOutOfRange) { _ = try RSAPrivateKey.generate(bits: 1024) }
  }

  /// OpenSSL reads our keys and agrees about every signature, right and wrong.
  @Test func agreesWithOpenSSL() async throws {
    let folder = try TemporaryFolder()
    for (signer, encoding) in zip(
      try TestKeys.signers.get(), [BlindRSAVariant.Encoding.pss, .pssZero, .pss])
    {
      let key = try signer.publicKey(encoding)
      let message = Array("message".utf8)
      let blinded = try key.blind(preparedMessage: message)
      let answer = try await BlindSigner(key, holder: signer).blindSignature(of: blinded.request)
      let signature = try key.finalize(answer, preparedMessage: message, blinded.state)
      try folder.write(key.subjectPublicKeyInfo, "key.der")
      var changed = signature
      changed[100] ^= 4
      for (bytes, text) in [
        (signature, message), (changed, message), (signature, message + [0]), (answer, message),
      ] {
        try folder.write(bytes, "signature")
        try folder.write(text, "message")
        let run = try ToolRun(
          "/usr/bin/openssl",
          [
            "dgst", "-sha384", "-verify", folder.path + "/key.der", "-keyform", "DER", "-signature",
            folder.path + "/signature", "-sigopt", "rsa_padding_mode:pss", "-sigopt",
            "rsa_pss_saltlen:\(encoding.saltByteCount)", "-sigopt", "rsa_mgf1_md:sha384",
            folder.path + "/message",
          ])
        let isValid = key.vartimeIsValid(bytes, preparedMessage: text)
        #expect(isValid == (run.status == 0), "\(run.text)")
        #expect(isValid == run.output.contains("Verified OK"), "\(run.text)")
      }
    }
  }
}
