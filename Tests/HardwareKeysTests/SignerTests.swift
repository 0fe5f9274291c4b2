// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import Cryptography
import HardwareKeys
import TestSupport
import Testing

@Suite(.needsSoftHSM, .hangs) struct HardwareSignerTests {
  let tokens: SoftHSM

  init() throws { tokens = try SoftHSM.shared.get() }

  @Test func whatWasBlindedIsSignedByTheToken() async throws {
    let holder = try tokens.signer()
    for variant in BlindRSAVariant.all {
      let key = try holder.publicKey(variant.encoding)
      let message = try BlindRSAPublicKey.prepare(Array("vote".utf8), variant.preparation)
      let blinded = try key.blind(preparedMessage: message)
      let answer = try await BlindSigner(key, holder: holder).blindSignature(of: blinded.request)
      let signature = try key.finalize(answer, preparedMessage: message, blinded.state)
      #expect(key.vartimeIsValid(signature, preparedMessage: message))
    }
  }

  @Test func theTokenComputesWhatLibcryptoComputes() async throws {
    let holder = try tokens.signer()
    #expect(holder.modulus == tokens.key.modulus)
    #expect(holder.exponent == tokens.key.exponent)
    let zero = [UInt8](repeating: 0, count: holder.modulus.count)
    var small = [zero, zero, holder.modulus]
    small[1][zero.count - 1] = 1
    // n − 1
    small[2][zero.count - 1] -= 1
    for input in try small + tokens.inputs(3) {
      #expect(try await holder.rawSignature(input) == tokens.key.rawSignature(input))
    }
  }

  @Test func keysAreFoundByLabelAndIdentifier() async throws {
    for (label, id) in [("issuer", nil), (nil, [1]), ("issuer", [1])] as [(String?, [UInt8]?)] {
      #expect(try tokens.signer(label: label, id: id).modulus == tokens.key.modulus)
    }
    #expect(try tokens.signer(label: "twice", id: [2]).modulus != tokens.key.modulus)
    for (label, id) in [
      ("nobody", nil), (nil, [9]), ("issuer", [2]), ("", nil), ("issuer ", nil),
    ] as [(String?, [UInt8]?)] {
      #expect(
        performing: { try tokens.signer(label: label, id: id) },
        throws: SoftHSM.says("no private RSA key"))
    }
    #expect(
      performing: { try tokens.signer(label: "twice") },
      throws: SoftHSM.says("2 private RSA keys “twice”"))
    #expect(
      performing: { try tokens.signer(label: nil) },
      throws: SoftHSM.says("a label or an identifier"))
    for sessions in [0, -1, 65, .max] {
      #expect(
        performing: { try tokens.signer(sessions: sessions) },
        throws: SoftHSM.says("from 1 to 64 sessions"))
    }
  }

  @Test func tokensAreFoundByLabelAndSerialNumber() throws {
    let place = tokens.place(.twins)
    let all = try HardwareToken.all(module: place.module)
    let twins = all.filter { $0.label == place.label }
    #expect(twins.count == 2 && Set(twins.map(\.serial)).count == 2)
    #expect(twins.allSatisfy { $0.isReady && !$0.isLocked })
    #expect(all.contains { !$0.isReady && $0.description.contains("not set up") })
    func open(_ label: String, _ serial: String? = nil) throws {
      _ = try HardwareRSASigner(
        on: .init(module: place.module, label: label, serial: serial), label: "issuer",
        pin: SoftHSM.secret())
    }
    #expect(
      performing: { try open(place.label) },
      throws: SoftHSM.says("more than one token “urna twins”", twins[0].serial, twins[1].serial))
    // The token is there; the key is not.
    #expect(
      performing: { try open(place.label, twins[1].serial) },
      throws: SoftHSM.says("no private RSA key “issuer”"))
    #expect(
      performing: { try open("urna main", twins[0].serial) },
      throws: SoftHSM.says("no token “urna main”", twins[0].serial))
    #expect(
      performing: { try open("urna") },
      throws: SoftHSM.says("no token “urna”; there are: ", "“urna main”"))
  }

  @Test func modulesThatAreNone() {
    for (path, words) in [
      ("/nowhere/module.so", "/nowhere/module.so"), ("libsofthsm2.so", "an absolute path"),
      ("", "an absolute path"), ("/etc/passwd", "loading the module"),
    ] {
      #expect(performing: { try HardwareToken.all(module: path) }, throws: SoftHSM.says(words))
      #expect(
        performing: {
          _ = try HardwareRSASigner(
            on: .init(module: path, label: "urna main"), label: "issuer", pin: SoftHSM.secret())
        }, throws: SoftHSM.says(words))
    }
  }

  @Test func aWrongPINOpensNothing() throws {
    for pin in ["pin-8714-of-test", "", "0000"] {
      #expect(
        performing: { try tokens.signer(.wrongPIN, pin: pin) },
        throws: SoftHSM.says("logging in to the token: CKR_PIN_"))
    }
    #expect(
      performing: { try tokens.signer(.wrongPIN) }, throws: SoftHSM.says("no private RSA key"))
  }

  @Test func inputsThatAreNoNumberBelowTheModulus() async throws {
    let holder = try tokens.signer(sessions: 1)
    let count = holder.modulus.count
    for found in [0, count - 1, count + 1] {
      await #expect(
        throws: BlindRSAError.unexpectedInputSize(expected: count, found: found)
      ) { try await holder.rawSignature([UInt8](repeating: 0, count: found)) }
    }
    for input in [holder.modulus, [UInt8](repeating: 255, count: count)] {
      await #expect(throws: BlindRSAError.representativeOutOfRange) {
        try await holder.rawSignature(input)
      }
    }
  }

  /// Two signers of one module: what one does when it goes leaves the other alone.
  @Test func manyThreadsAtOnce() async throws {
    let signers = try [tokens.signer(), tokens.signer(sessions: 2)]
    #expect(signers.map(\.sessionCount) == [4, 2])
    let inputs = try tokens.inputs(8 * 20)
    let answers = try await withThrowingTaskGroup(of: [Int: [UInt8]].self) { group in
      for thread in 0..<8 {
        group.addTask {
          var answers: [Int: [UInt8]] = [:]
          for place in stride(from: thread, to: inputs.count, by: 8) {
            // Another user of the module comes and goes.
            if place % 40 == 1 { _ = try tokens.signer(sessions: 1) }
            answers[place] = try await signers[thread % 2].rawSignature(inputs[place])
          }
          return answers
        }
      }
      return try await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    }
    #expect(answers.count == inputs.count)
    for (place, answer) in answers {
      #expect(try answer == tokens.key.rawSignature(inputs[place]))
    }
  }

  @Test func nothingPrintsThePIN() throws {
    let holder = try tokens.signer()
    var text = ""
    dump(holder, to: &text)
    text +=
      "\(holder) \(String(reflecting: holder)) \(Mirror(reflecting: holder).children.map(\.value))"
    #expect(text.contains("the key “issuer” on the token “urna main”"))
    let bytes = Array(SoftHSM.pin.utf8)
    for form in [SoftHSM.pin, "\(bytes)", Hex.encode(bytes), "SecretBytes", "TokenAccess"] {
      #expect(!text.contains(form))
    }
  }
}
