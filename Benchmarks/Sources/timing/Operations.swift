// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Cryptography
import ElGamal
import Groups

/// What all operations share; none of it is secret.
struct Setting {
  let group: Group
  let key: FixedBase
  let base: Element
  let statement: RangeStatement
  /// q − 1, which is nearly all ones in the standard group.
  let largest: [UInt8]
  let zeros = [UInt8](repeating: 0, count: Scalar.byteCount)

  init(_ group: Group) throws {
    func element() throws -> Element {
      group.power(group.generator, try group.randomSecretScalar())
    }
    self.group = group
    key = group.fixedBase(try element())
    base = try element()
    largest = group.vartimeSubtract(.zero, .one).bytes
    // The prover does not look at the ciphertext but hashes it, so that one serves both votes.
    statement = RangeStatement(
      identifierHash: SHA256.hash(Array("timing".utf8)), contest: 1, option: 1,
      ciphertext: Ciphertext(alpha: try element(), beta: try element()), bound: 1)
  }

  /// A scalar of 32 bytes of an input.
  func scalar(_ bytes: ArraySlice<UInt8>) -> SecretScalar {
    group.secretScalar(reducing: SecretBytes(copying: bytes))
  }
}

/// Operations on secrets by the doors that the rest of the system uses.
extension Setting {
  /// One secret scalar against random ones, and 32 random bytes in both classes for other operands.
  private func onScalar(
    _ name: String, fixed: [UInt8], repetitions: Int = 1,
    _ body:
      @escaping (
        _ s: borrowing SecretScalar, _ other: borrowing SecretScalar, _ repetitions: Int
      ) -> Double
  ) -> Operation {
    Operation(
      name: name, repetitions: repetitions, width: 64,
      input: { isFixed in
        // Both classes draw alike.
        let random = try SecureRandom.bytes(64)
        return (isFixed ? fixed : Array(random[..<32])) + random[32...]
      },
      measure: { input, repetitions in
        let s = scalar(input.prefix(32))
        let other = scalar(input.suffix(32))
        return body(s, other, repetitions)
      })
  }

  /// A vote of 0 (fixed) or 1, and 32 random bytes in both classes for the nonce.
  private func onVote(
    _ name: String,
    _ body:
      @escaping (
        _ vote: Int, _ nonce: borrowing SecretScalar, _ repetitions: Int
      ) throws -> Double
  ) -> Operation {
    Operation(
      name: name, width: 33,
      input: { isFixed in [isFixed ? 0 : 1] + (try SecureRandom.bytes(32)) },
      measure: { input, repetitions in
        let nonce = scalar(input.dropFirst())
        return try body(Int(input[input.startIndex]), nonce, repetitions)
      })
  }

  var operations: [Operation] {
    let names = [(zeros, "zeros"), (largest, "ones")]
    let fixedBase = names.map { fixed, name in
      onScalar("fixed-base-power-\(name)", fixed: fixed) { s, _, repetitions in
        time(repetitions) { keep(group.power(key, s)) }
      }
    }
    let variableBase = names.map { fixed, name in
      onScalar("variable-base-power-\(name)", fixed: fixed) { s, _, repetitions in
        time(repetitions) { keep(group.power(base, s)) }
      }
    }
    let products = names.map { fixed, name in
      onScalar("secret-multiply-\(name)", fixed: fixed, repetitions: 32) { s, other, repetitions in
        time(repetitions) { keep(group.multiply(s, other)) }
      }
    }
    let challenge = group.scalar(reducing: statement.identifierHash)
    let responses = names.map { fixed, name in
      onScalar("scalar-response-\(name)", fixed: fixed, repetitions: 32) { s, u, repetitions in
        time(repetitions) { keep(group.response(nonce: u, challenge: challenge, secret: s)) }
      }
    }
    let votes = [
      onVote("prove-selection") { vote, nonce, repetitions in
        try time(repetitions) {
          keep(
            try RangeProof.prove(statement, vote: vote, nonce: nonce, key: key, in: group))
        }
      },
      onVote("encrypt-selection") { vote, nonce, repetitions in
        let vote = group.secretScalar(small: UInt64(vote))
        return time(repetitions) { keep(group.encrypt(vote, nonce: nonce, key: key)) }
      },
    ]
    return [control] + fixedBase + variableBase + votes + products + responses
  }

  /// GMP's `mpz_powm` with an exponent of 248 bits against 256: variable time, by its name.
  private var control: Operation {
    Operation(
      name: "control-vartime", isControl: true, width: 32,
      input: { isFixed in
        var bytes = try SecureRandom.bytes(32)
        if isFixed { bytes[0] = 0 } else { bytes[0] |= 1 }
        return bytes
      },
      measure: { input, repetitions in
        let s = group.revealed(scalar(input))
        return time(repetitions) { keep(group.vartimePower(base, s)) }
      })
  }
}

/// Takes a result, so that the optimiser cannot leave out what made it. It looks at nothing.
@inline(never)
func keep<Result: ~Copyable>(_ result: consuming Result) {}
