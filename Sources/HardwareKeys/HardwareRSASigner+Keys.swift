// SPDX-License-Identifier: Apache-2.0

public import BlindSignatures
internal import CP11Kit
public import Cryptography

extension HardwareRSASigner {
  /// Makes a key with e = 65537 inside a token, to stay there: CKA_SENSITIVE, not CKA_EXTRACTABLE, kept by the
  /// token, shown to the user who is logged in, and good for signatures only. Waits for the token, which may
  /// take minutes.
  ///
  /// - Parameters:
  ///   - bits: 2048, 3072 or 4096.
  ///   - place: the token.
  ///   - label: a CKA_LABEL that no RSA key on the token has.
  ///   - id: a CKA_ID that no RSA key on the token has; 16 random bytes unless given.
  ///   - pin: the user's PIN, secret.
  ///   - sessions: signatures to compute at a time, from 1 to 64.
  /// - Returns: a signer with the key.
  /// - Throws: ``BlindSignatures/BlindRSAError/key(_:)`` for another length,
  ///   ``BlindSignatures/BlindRSAError/randomnessUnavailable``,
  ///   ``BlindSignatures/BlindRSAError/backend(_:)`` with the step and the module's answer, or if the token
  ///   made a key with other properties; that is destroyed again.
  public static func generate(
    bits: Int, on place: HardwareToken.Place, label: String, id: [UInt8]? = nil,
    pin: consuming SecretBytes, sessions: Int = defaultSessionCount
  ) throws(BlindRSAError) -> HardwareRSASigner {
    try generate(
      bits: bits, on: place, label: label, id: id, pin: pin, sessions: sessions, attributes: [])
  }

  /// The same with more lines for the private key's template.
  static func generate(
    bits: Int, on place: HardwareToken.Place, label: String, id: [UInt8]?,
    pin: consuming SecretBytes, sessions: Int, attributes: [Attribute]
  ) throws(BlindRSAError) -> HardwareRSASigner {
    guard RSAPrivateKey.modulusBits.contains(bits) else {
      throw .key("a modulus of 2048, 3072 or 4096 bits")
    }
    let identifier: [UInt8]
    do { identifier = try id ?? SecureRandom.bytes(16) } catch { throw .randomnessUnavailable }
    do throws(TokenFault) {
      let name = KeyName(label: label, id: identifier)
      let access = try TokenAccess(place, pin: pin)
      let session = try access.session(writes: true)
      for part in [KeyName(label: label, id: nil), KeyName(label: nil, id: identifier)] {
        for keyClass in [CKO_PRIVATE_KEY, CKO_PUBLIC_KEY] {
          guard try session.objects(part.template(keyClass)).isEmpty else {
            throw TokenFault("an RSA key \(part.words) is on the token already")
          }
        }
      }
      let pair = try session.generatePair(
        publicTemplate: publicTemplate(name, bits: bits),
        privateTemplate: privateTemplate(name) + attributes)
      do throws(TokenFault) {
        let signer = try HardwareRSASigner(access, name, sessions: sessions)
        guard 8 * signer.modulus.count == bits, signer.exponent == 65_537 else {
          throw TokenFault("the token made a key of another length or exponent")
        }
        guard !signer.isExtractable else {
          throw TokenFault("the token made a key that it may give out")
        }
        return signer
      } catch {
        // What is no use does not stay.
        for object in [pair.privateKey, pair.publicKey] {
          do throws(TokenFault) { try session.destroy(object) } catch let second {
            throw TokenFault("\(error.words); and the key stays on the token: \(second.words)")
          }
        }
        throw error
      }
    } catch { throw error.reported }
  }

  private static func publicTemplate(_ name: KeyName, bits: Int) -> [Attribute] {
    name.template(CKO_PUBLIC_KEY) + [
      Attribute(CKA_TOKEN, true),
      Attribute(CKA_PRIVATE, false),
      Attribute(CKA_VERIFY, true),
      Attribute(CKA_MODULUS_BITS, number: CK_ULONG(bits)),
      Attribute(CKA_PUBLIC_EXPONENT, [1, 0, 1]),
    ]
  }

  private static func privateTemplate(_ name: KeyName) -> [Attribute] {
    name.template(CKO_PRIVATE_KEY) + [
      Attribute(CKA_TOKEN, true),
      Attribute(CKA_PRIVATE, true),
      Attribute(CKA_SENSITIVE, true),
      Attribute(CKA_EXTRACTABLE, false),
      Attribute(CKA_SIGN, true),
      Attribute(CKA_DECRYPT, false),
      Attribute(CKA_UNWRAP, false),
    ]
  }

  /// Removes every private and public RSA key with this modulus from the token, and looks whether they are
  /// gone. The signer cannot sign after that. Copies elsewhere, such as the vendor's backups, are out of reach.
  /// Waits for the token.
  ///
  /// - Throws: ``BlindSignatures/BlindRSAError/backend(_:)`` with the step and the module's answer, if there was
  ///   none or if one is still there.
  public func destroy() throws(BlindRSAError) {
    do throws(TokenFault) {
      let session = try access.session(writes: true)
      let found = try objects(session)
      guard !found.isEmpty else { throw TokenFault("no key to destroy on the token") }
      for object in found {
        do throws(TokenFault) { try session.destroy(object) } catch {
          guard error.code == CKR_OBJECT_HANDLE_INVALID else { throw error }
        }
      }
      guard try objects(session).isEmpty else {
        throw TokenFault("the token has the key still, after it was to be destroyed")
      }
    } catch { throw error.reported }
  }

  private func objects(_ session: borrowing TokenSession) throws(TokenFault) -> [CK_OBJECT_HANDLE] {
    try session.keys(CKO_PRIVATE_KEY, modulus: modulus)
      + session.keys(CKO_PUBLIC_KEY, modulus: modulus)
  }
}
