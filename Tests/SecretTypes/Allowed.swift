// SPDX-License-Identifier: Apache-2.0
// What Tests/Scripts/secret-types.sh demands to compile: the same calls as in Refused.swift, with public
// numbers, and secrets on their proper ways. If this stops to compile, the other files prove nothing.

import BigIntegers
import BlindSignatures
import Cryptography
import ElGamal
import Groups

func publicArithmetic(
  _ group: Group, _ x: Element, _ s: Scalar, _ base: FixedBase, _ proof: CompactProof,
  _ ciphertext: Ciphertext, _ logarithms: DiscreteLogarithm
) throws {
  _ = group.vartimePower(x, s)
  _ = group.vartimePower(base, s)
  _ = group.vartimePower(ciphertext, weight: 2)
  _ = group.vartimeAdd(s, s)
  _ = group.vartimeSubtract(s, s)
  _ = group.vartimeMultiply(s, s)
  _ = group.vartimeMultiply(x, x)
  _ = group.vartimeInverse(s)
  _ = group.vartimeInverse(x)
  _ = group.vartimeJacobi(x)
  _ = group.vartimeProduct([x])
  _ = group.vartimeProducts([[x]])
  _ = group.vartimeCommitment(proof, base: base, image: x)
  _ = group.vartimeCommitments([proof.commitmentRequest(base: base, image: x)])
  _ = try group.vartimeAreMembers([x])
  _ = try group.vartimeStrangers(among: [x])
  _ = try group.vartimeClaimsHold([
    CommitmentClaim(
      request: proof.commitmentRequest(base: base, image: x), values: [x], testsMembership: true)
  ])
  _ = try logarithms.vartimeLogarithm(of: x)
  _ = x == x
  print(x, s)
}

func publicNumbers(
  _ order: Modulus<4>, _ n: Natural<4>, _ fixed: FixedBaseTable<64>, _ powers: PowerTable,
  _ field: MontgomeryField, _ wide: Natural<64>
) {
  _ = order.vartimePow(n, n)
  _ = order.vartimeAdd(n, n)
  _ = order.vartimeSubtract(n, n)
  _ = order.vartimeMultiply(n, n)
  _ = order.vartimeReduce(n)
  _ = order.vartimeInverse(n)
  _ = order.vartimeJacobi(n)
  _ = fixed.vartimePow(n)
  _ = powers.vartimePow(n)
  _ = field.vartimeProducts([[wide]])
  _ = field.vartimeAnswers(
    [PowerRequest(x: wide, table: powers, terms: [])], orderComplement: 189)
  let factor = PowerFactor(x: wide, exponent: n)
  _ = field.vartimeMultiPower([factor], bits: 256, testsResidues: false)
  _ = MontgomeryProgression(from: wide, by: wide, in: field).vartimeNext()
  _ = n < n
}

func secrets(
  _ group: Group, _ x: Element, _ s: borrowing SecretScalar, _ element: borrowing SecretElement,
  _ bytes: borrowing SecretBytes, _ limbs: borrowing SecretLimbs, _ list: borrowing SecretScalars,
  _ limbList: borrowing SecretLimbList
) {
  _ = group.power(x, s)
  _ = group.multiply(s, s.copy())
  _ = group.revealed(element)
  _ = bytes.isEqualConstantTime(to: bytes)
  _ = limbs.copy()
  list.with(0) { s in _ = group.add(s, s) }
  _ = limbList.copy(0)
  _ = s.limbs.count
}

func moved(_ s: consuming SecretScalar) -> SecretScalar {
  let other = s
  return other
}

func blindSignatures(_ key: BlindRSAPublicKey, _ signature: [UInt8]) {
  _ = key.vartimeIsValid(signature, preparedMessage: [])
  _ = key.vartimeOpens([], preparedMessage: [], factor: [])
}
