// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import Cryptography
import HardwareKeys
import TestSupport
import Testing

@Suite(.needsSoftHSM, .hangs) struct HardwareKeyTests {
  let tokens: SoftHSM

  init() throws { tokens = try SoftHSM.shared.get() }

  private func generate(
    _ label: String, bits: Int = 2048, id: [UInt8]? = nil
  ) throws -> HardwareRSASigner {
    try HardwareRSASigner.generate(
      bits: bits, on: tokens.place(.main), label: label, id: id, pin: SoftHSM.secret(), sessions: 2)
  }

  @Test(arguments: BlindRSAPublicKey.modulusBits)
  func keysAreMadeInsideAndDestroyed(_ bits: Int) async throws {
    let label = "made, \(bits) bits"
    let holder = try generate(label, bits: bits)
    #expect(holder.modulus.count == bits / 8 && holder.exponent == 65_537)
    #expect(!holder.isExtractable && holder.isMadeOnToken)
    let key = try holder.publicKey(.pssZero)
    let request = try key.blind(preparedMessage: [1, 2, 3]).request
    _ = try await BlindSigner(key, holder: holder).blindSignature(of: request)
    let other = try tokens.signer(label: label, sessions: 1)
    #expect(other.modulus == holder.modulus && !other.isExtractable)

    try holder.destroy()
    for signer in [holder, holder, other] {
      await #expect(
        performing: { try await signer.rawSignature(request) },
        throws: SoftHSM.says("no private RSA key “\(label)”"))
    }
    #expect(
      performing: { try tokens.signer(label: label) },
      throws: SoftHSM.says("no private RSA key “\(label)”"))
    #expect(performing: { try other.destroy() }, throws: SoftHSM.says("no key to destroy"))
    // The public key is gone as well: the name is free.
    if bits == 2048 { try generate(label).destroy() }
  }

  @Test func namesAreTakenOnce() throws {
    let holder = try generate("once", id: [7, 7])
    #expect(
      performing: { try generate("once") },
      throws: SoftHSM.says("an RSA key “once” is on the token already"))
    #expect(
      performing: { try generate("another", id: [7, 7]) },
      throws: SoftHSM.says("an RSA key with the identifier 0707 is on the token already"))
    try holder.destroy()
    // Other keys are there still.
    #expect(try tokens.signer().modulus == tokens.key.modulus)
  }

  @Test func lengthsThatAreNotMade() {
    for bits in [0, -1, 1024, 2047, 2056, 8192, .max] {
      #expect(throws: BlindRSAError.key("a modulus of 2048, 3072 or 4096 bits")) {
        try HardwareRSASigner.generate(
          bits: bits, on: tokens.place(.main), label: "none", pin: SoftHSM.secret())
      }
    }
  }

  @Test func aKeyThatWasBroughtInIsReported() throws {
    let holder = try tokens.signer()
    #expect(!holder.isExtractable)
    #expect(!holder.isMadeOnToken)
  }
}

/// Other users of the module close sessions and log out under a signer.
@Suite(.needsSoftHSM, .hangs, .serialized) struct LostSessionTests {
  let tokens: SoftHSM

  init() throws { tokens = try SoftHSM.shared.get() }

  @Test(arguments: SessionLoss.allCases)
  func lostSessionsAreReplaced(_ loss: SessionLoss) async throws {
    let holder = try tokens.signer(.losses)
    let inputs = try tokens.inputs(8)
    for _ in 0..<4 {
      try loss.happen(to: tokens.place(.losses))
      // All sessions at once.
      let answers = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
        for place in inputs.indices {
          group.addTask { (place, try await holder.rawSignature(inputs[place])) }
        }
        return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
      }
      for place in inputs.indices {
        #expect(try answers[place] == tokens.key.rawSignature(inputs[place]))
      }
    }
  }
}
