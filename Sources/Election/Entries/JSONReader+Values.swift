// SPDX-License-Identifier: Apache-2.0

package import Cryptography
internal import ElGamal
internal import Groups
package import StrictJSON

/// The values that payloads are made of.
extension JSONReader {
  /// An element of 2·l_p digits, 0 < x < p.
  func element(in group: Group) throws(JSONError) -> Element {
    let text = try string(maxBytes: 2 * group.elementByteCount)
    do { return try group.element(hex: text) } catch {
      throw failure(Self.rule(error, what: "an element", digits: 2 * group.elementByteCount))
    }
  }

  /// A scalar of 64 digits, 0 ≤ s < q.
  func scalar(in group: Group) throws(JSONError) -> Scalar {
    let text = try string(maxBytes: 2 * Scalar.byteCount)
    do { return try group.scalar(hex: text) } catch {
      throw failure(Self.rule(error, what: "a scalar", digits: 2 * Scalar.byteCount))
    }
  }

  /// A hash of 64 digits.
  package func digest() throws(JSONError) -> Digest {
    guard let digest = Digest(hex: try string(maxBytes: 64)) else {
      throw failure("a hash has 64 upper-case hexadecimal digits")
    }
    return digest
  }

  /// An Ed25519 public key of 64 digits.
  package func publicKey() throws(JSONError) -> Ed25519.PublicKey {
    guard let key = Ed25519.PublicKey(hex: try string(maxBytes: 64)) else {
      throw failure("an Ed25519 key has 64 upper-case hexadecimal digits")
    }
    return key
  }

  /// {"challenge","response"}
  func proof(in group: Group) throws(JSONError) -> CompactProof {
    let fields = try fields(["challenge", "response"])
    return CompactProof(
      challenge: try fields["challenge"].scalar(in: group),
      response: try fields["response"].scalar(in: group))
  }

  /// {"alpha","beta"}
  func ciphertext(in group: Group) throws(JSONError) -> Ciphertext {
    let fields = try fields(["alpha", "beta"])
    return Ciphertext(
      alpha: try fields["alpha"].element(in: group), beta: try fields["beta"].element(in: group))
  }

  /// An index from 1 below 2^31.
  package func index() throws(JSONError) -> Int { try integer(1...Int(Int32.max)) }

  /// A list, each read by `read`.
  package func list<Value>(
    _ counts: ClosedRange<Int>, _ read: (JSONReader) throws(JSONError) -> Value
  ) throws(JSONError) -> [Value] {
    var values = [Value]()
    for item in try array(counts) { values.append(try read(item)) }
    return values
  }

  private static func rule(_ error: GroupError, what: String, digits: Int) -> String {
    switch error {
    case .outOfRange: "\(what) is out of range"
    default: "\(what) has \(digits) upper-case hexadecimal digits"
    }
  }
}

extension Group {
  /// An element as JSON.
  func json(_ element: Element) -> JSONValue { .string(hex(element)) }

  /// A scalar as JSON.
  func json(_ scalar: Scalar) -> JSONValue { .string(scalar.hex) }

  /// A proof as JSON.
  func json(_ proof: CompactProof) -> JSONValue {
    ["challenge": json(proof.challenge), "response": json(proof.response)]
  }

  /// A ciphertext as JSON.
  func json(_ ciphertext: Ciphertext) -> JSONValue {
    ["alpha": json(ciphertext.alpha), "beta": json(ciphertext.beta)]
  }
}

extension Digest {
  /// A hash as JSON.
  var json: JSONValue { .string(hex) }
}

extension Int {
  /// An integer as JSON.
  var json: JSONValue { .integer(Int64(self)) }
}
