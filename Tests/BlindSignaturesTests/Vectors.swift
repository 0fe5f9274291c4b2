// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Cryptography
import StrictJSON
import TestSupport
import Testing

import BlindSignatures

/// The vectors of RFC 9474, appendix A, and of RFC 9578, appendix B.2.
enum Vectors {
  struct RFC9474: Sendable, CustomTestStringConvertible {
    let variant: BlindRSAVariant
    let key: BlindRSAPublicKey
    let privateExponent: [UInt8]
    let message: [UInt8]
    let preparedMessage: [UInt8]
    let salt: [UInt8]
    let encoded: [UInt8]?
    let inverse: [UInt8]
    let request: [UInt8]
    let blindSignature: [UInt8]
    let signature: [UInt8]

    var testDescription: String { variant.name }

    init(_ reader: JSONReader) throws {
      let fields = try reader.openFields()
      func bytes(_ name: String) throws -> [UInt8] { try hex(fields[name].string(maxBytes: 8192)) }
      let name = try fields["name"].string()
      variant = try #require(BlindRSAVariant.all.first { $0.name == name })
      key = try BlindRSAPublicKey(
        modulus: bytes("n"), exponent: bytes("e").reduce(0) { $0 << 8 | UInt64($1) },
        encoding: variant.encoding)
      privateExponent = try bytes("d")
      message = try bytes("msg")
      preparedMessage = try bytes("input_msg")
      salt = try bytes("salt")
      encoded = try fields.optional("encoded_msg").map { try hex($0.string(maxBytes: 8192)) }
      inverse = try bytes("inv")
      request = try bytes("blinded_msg")
      blindSignature = try bytes("blind_sig")
      signature = try bytes("sig")
    }
  }

  struct RFC9578: Sendable {
    let privateKey: [UInt8]
    let subjectPublicKeyInfo: [UInt8]
    let factor: [UInt8]
    let salt: [UInt8]
    let request: [UInt8]
    let response: [UInt8]
    let token: [UInt8]

    init(_ reader: JSONReader) throws {
      let fields = try reader.openFields()
      func bytes(_ name: String) throws -> [UInt8] { try hex(fields[name].string(maxBytes: 8192)) }
      privateKey = try bytes("skS")
      subjectPublicKeyInfo = try bytes("pkS")
      factor = try bytes("blind")
      salt = try bytes("salt")
      request = try bytes("token_request")
      response = try bytes("token_response")
      token = try bytes("token")
    }
  }

  struct VerifyCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let encoding: BlindRSAVariant.Encoding
    let keyName: String
    let preparedMessage: [UInt8]
    let signature: [UInt8]
    let isValid: Bool
  }

  static func rfc9474() throws -> [RFC9474] {
    try read("rfc9474_vectors.json").array(4...4).map { try RFC9474($0) }
  }

  static func rfc9578() throws -> [RFC9578] {
    try read("rfc9578_type2_vectors.json").openFields()["vectors"].array(1...100)
      .map { try RFC9578($0) }
  }

  static func cases() throws -> [VerifyCase] {
    try read("rfc9474_derived_verify_cases.json").openFields()["cases"].array(31...31).map {
      let fields = try $0.openFields()
      let variant = try fields["verify_as"].string()
      return VerifyCase(
        testDescription: try fields["name"].string(),
        encoding: variant.contains("PSSZERO") ? .pssZero : .pss,
        keyName: try fields["key_from_vector"].string(),
        preparedMessage: try hex(fields["input_msg"].string(maxBytes: 8192)),
        signature: try hex(fields["sig"].string(maxBytes: 8192)),
        isValid: try fields["expect_valid"].bool())
    }
  }

  private static func read(_ name: String) throws -> JSONReader {
    JSONReader(try JSONValue(parsing: Shared.bytes("vectors/blind-rsa/\(name)")))
  }

  static func hex(_ text: String) throws -> [UInt8] {
    let digits = text.hasPrefix("0x") ? String(text.dropFirst(2)) : text
    return try #require(Hex.decode(digits.uppercased()))
  }
}

/// A private key as numbers, computed with GMP: another implementation than OpenSSL's.
struct NumbersSigner: RawRSASigner {
  let modulus: [UInt8]
  let exponent: [UInt8]

  func rawSignature(_ input: [UInt8]) async throws(BlindRSAError) -> [UInt8] {
    do {
      let modulus = try Modulus(Natural<64>(wrappingBigEndian: modulus))
      return modulus.vartimePow(
        Natural<64>(wrappingBigEndian: input), Natural<64>(wrappingBigEndian: exponent)
      ).bigEndianBytes(width: self.modulus.count)
    } catch { throw .backend("\(error)") }
  }
}
