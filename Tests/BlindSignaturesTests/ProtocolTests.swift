// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import TestSupport
import Testing

import BlindSignatures

/// Keys of the tests, each made once: making one takes a second.
enum TestKeys {
  static let signers = Result {
    try BlindRSAPublicKey.modulusBits.map { LocalRSASigner(try RSAPrivateKey.generate(bits: $0)) }
  }
}

@Suite struct ProtocolTests {
  // adversary: E-06
  @Test func whatWasBlindedIsSigned() async throws {
    for signer in try TestKeys.signers.get() {
      for variant in BlindRSAVariant.all {
        let key = try signer.publicKey(variant.encoding)
        let message = try BlindRSAPublicKey.prepare(Array("vote".utf8), variant.preparation)
        #expect(message.count == variant.preparation.prefixByteCount + 4)
        let blinded = try key.blind(preparedMessage: message)
        let again = try key.blind(preparedMessage: message)
        #expect(blinded.request != again.request)
        let answer = try await BlindSigner(key, holder: signer).blindSignature(of: blinded.request)
        // What was kept between the steps is enough.
        let restored = try BlindingState(restoring: blinded.state.saved(for: key), for: key)
        let signature = try key.finalize(answer, preparedMessage: message, restored)
        #expect(key.vartimeIsValid(signature, preparedMessage: message))
        #expect(throws: BlindRSAError.invalidSignature) {
          try key.finalize(answer, preparedMessage: message, again.state)
        }
        let other = variant.encoding == .pss ? BlindRSAVariant.Encoding.pssZero : .pss
        #expect(
          try !signer.publicKey(other).vartimeIsValid(signature, preparedMessage: message))
        for bit in stride(from: 0, to: 8 * key.byteCount, by: 97) {
          var changed = signature
          changed[bit / 8] ^= 1 << UInt8(bit % 8)
          #expect(!key.vartimeIsValid(changed, preparedMessage: message))
        }
      }
    }
  }

  /// Without a salt there is one signature of a message, whoever blinds how.
  @Test func aSignatureWithoutSaltIsUnique() async throws {
    let signer = try TestKeys.signers.get()[0]
    let key = try signer.publicKey(.pssZero)
    let message = Array("one".utf8)
    var signatures: Set<[UInt8]> = []
    for _ in 0..<3 {
      let blinded = try key.blind(preparedMessage: message)
      let answer = try await BlindSigner(key, holder: signer).blindSignature(of: blinded.request)
      signatures.insert(try key.finalize(answer, preparedMessage: message, blinded.state))
    }
    #expect(signatures.count == 1)
  }

  /// A factor from a seed makes the same request again.
  @Test func derivedFactorsRepeatARequest() throws {
    let signer = try TestKeys.signers.get()[0]
    let key = try signer.publicKey(.pssZero)
    let message = Array("again".utf8)
    func request(_ byte: UInt8, _ count: Int) throws -> [UInt8] {
      let material = SecretBytes(copying: [UInt8](repeating: byte, count: count))
      return try key.blind(preparedMessage: message, factorMaterial: material).request
    }
    let count = key.byteCount + 16
    #expect(try request(7, count) == request(7, count))
    #expect(try request(7, count) != request(8, count))
    #expect(throws: BlindRSAError.blindingError) { try request(0, count) }
    #expect(
      throws: BlindRSAError.unexpectedInputSize(expected: count, found: count - 1)
    ) { try request(7, count - 1) }
    #expect(throws: BlindRSAError.self) {
      _ = try signer.publicKey(.pss).blind(
        preparedMessage: message,
        factorMaterial: SecretBytes(copying: [UInt8](repeating: 7, count: count)))
    }
  }

  @Test func signersRefuseWhatIsNoRequest() async throws {
    let holder = try TestKeys.signers.get()[0]
    let key = try holder.publicKey(.pss)
    let signer = BlindSigner(key, holder: holder)
    let count = key.byteCount
    for found in [0, count - 1, count + 1] {
      await #expect(
        throws: BlindRSAError.unexpectedInputSize(expected: count, found: found)
      ) { try await signer.blindSignature(of: [UInt8](repeating: 1, count: found)) }
    }
    for request in [key.modulusBytes, [UInt8](repeating: 255, count: count)] {
      await #expect(throws: BlindRSAError.representativeOutOfRange) {
        try await signer.blindSignature(of: request)
      }
    }
  }

  /// A holder whose answers are wrong in one bit, too long, or of another key.
  private struct FaultyHolder: RawRSASigner {
    let base: any RawRSASigner
    let fault: @Sendable ([UInt8]) -> [UInt8]

    func rawSignature(_ input: [UInt8]) async throws(BlindRSAError) -> [UInt8] {
      fault(try await base.rawSignature(input))
    }
  }

  @Test func wrongSignaturesDoNotGoOut() async throws {
    let holder = try TestKeys.signers.get()[0]
    let key = try holder.publicKey(.pss)
    let blinded = try key.blind(preparedMessage: [1])
    let faults: [@Sendable ([UInt8]) -> [UInt8]] = [
      { bytes in
        var changed = bytes
        changed[bytes.count - 1] ^= 1
        return changed
      }, { $0 + [0] }, { _ in [] }, { Array($0.reversed()) },
    ]
    for fault in faults {
      let signer = BlindSigner(key, holder: FaultyHolder(base: holder, fault: fault))
      await #expect(throws: BlindRSAError.signingFailure) {
        try await signer.blindSignature(of: blinded.request)
      }
    }
    #expect(
      throws: BlindRSAError.unexpectedInputSize(expected: key.byteCount, found: 3)
    ) { try key.finalize([1, 2, 3], preparedMessage: [1], blinded.state) }
    #expect(throws: BlindRSAError.representativeOutOfRange) {
      try key.finalize(key.modulusBytes, preparedMessage: [1], blinded.state)
    }
  }

  @Test func statesHaveOneForm() throws {
    let key = try TestKeys.signers.get()[0].publicKey(.pss)
    for bytes in [[], [UInt8](repeating: 1, count: key.byteCount - 1), key.modulusBytes] {
      #expect(throws: BlindRSAError.malformedState) {
        _ = try BlindingState(restoring: SecretBytes(copying: bytes), for: key)
      }
    }
  }
}
