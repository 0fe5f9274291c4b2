// SPDX-License-Identifier: Apache-2.0
// What must not compile. Tests/Scripts/secret-types.sh demands an error on every line below a comment
// `refused:`, with the words of the comment, and on no other line.

import BigIntegers
import BlindSignatures
import Cryptography
import ElGamal
import Election
import ElectoralRoll
import Groups
import Issuance
import Ledger
import QRCodes
import RecoverySheet

// adversary: G-13
// Signatures and requests are public when they are checked, blinding factors never are.
func blindSignatures(_ key: BlindRSAPublicKey, _ s: borrowing SecretBytes) {
  // refused: cannot convert value of type 'SecretBytes' to expected argument type '[UInt8]'
  _ = key.vartimeIsValid(s, preparedMessage: [])
  // refused: cannot convert value of type 'SecretBytes' to expected argument type '[UInt8]'
  _ = key.vartimeOpens([], preparedMessage: [], factor: s)
}

// adversary: G-13
// Variable-time arithmetic on secret scalars and elements.
func arithmetic(
  _ group: Group, _ x: Element, _ c: Scalar, _ base: FixedBase, _ proof: CompactProof,
  _ logarithms: DiscreteLogarithm, _ s: borrowing SecretScalar, _ y: borrowing SecretElement,
  _ request: inout CommitmentRequest
) throws {
  // refused: cannot convert value of type 'SecretScalar' to expected argument type 'Scalar'
  _ = group.vartimePower(x, s)
  // refused: cannot convert value of type 'SecretScalar' to expected argument type 'Scalar'
  _ = group.vartimePower(base, s)
  // refused: 'vartimePower'
  _ = group.vartimePower(y, c)
  // refused: cannot convert value of type 'SecretScalar' to expected argument type 'Ciphertext'
  _ = group.vartimePower(s, weight: 2)
  // refused: cannot convert value of type 'SecretScalar' to expected argument type 'Scalar'
  _ = group.vartimeAdd(s, c)
  // refused: cannot convert value of type 'SecretScalar' to expected argument type 'Scalar'
  _ = group.vartimeAdd(c, s)
  // refused: cannot convert value of type 'SecretScalar' to expected argument type 'Scalar'
  _ = group.vartimeSubtract(s, c)
  // refused: 'vartimeMultiply'
  _ = group.vartimeMultiply(s, s)
  // refused: cannot convert value of type 'SecretScalar' to expected argument type 'Scalar'
  _ = group.vartimeMultiply(c, s)
  // refused: 'vartimeMultiply'
  _ = group.vartimeMultiply(y, y)
  // refused: cannot convert value of type 'SecretElement' to expected argument type 'Element'
  _ = group.vartimeMultiply(x, y)
  // refused: 'vartimeInverse'
  _ = group.vartimeInverse(s)
  // refused: 'vartimeInverse'
  _ = group.vartimeInverse(y)
  // refused: cannot convert value of type 'SecretElement' to expected argument type 'Element'
  _ = group.vartimeJacobi(y)
  // refused: cannot convert value of type 'SecretElement' to expected argument type 'Element'
  _ = group.isMember(y)
  // refused: SecretElement
  _ = group.vartimeProduct(CollectionOfOne(y))
  // refused: SecretElement
  _ = group.vartimeProducts([Array(CollectionOfOne(y))])
  // refused: cannot convert value of type 'SecretElement' to expected argument type 'Element'
  _ = group.vartimeCommitment(proof, base: base, image: y)
  // refused: cannot convert value of type 'SecretElement' to expected argument type 'Element'
  _ = group.vartimeCommitments([CommitmentRequest(x: y, base: base)])
  // refused: SecretElement
  _ = try group.vartimeAreMembers(Array(CollectionOfOne(y)))
  // refused: SecretElement
  _ = try group.vartimeStrangers(among: Array(CollectionOfOne(y)))
  // refused: cannot convert value of type 'SecretElement' to expected argument type 'Element'
  let claim = CommitmentRequest(x: y, base: base)
  _ = try group.vartimeClaimsHold([
    CommitmentClaim(request: claim, values: [], testsMembership: true)
  ])
  // refused: cannot convert value of type 'SecretScalar' to expected argument type 'Scalar'
  request.append(response: s, challenge: c)
  // refused: cannot convert value of type 'SecretElement' to expected argument type 'Element'
  _ = try logarithms.vartimeLogarithm(of: y)
}

// adversary: G-13
// The same below the groups, where secrets are limbs.
func limbs(
  _ order: Modulus<4>, _ n: Natural<4>, _ fixed: FixedBaseTable<64>, _ powers: PowerTable,
  _ field: MontgomeryField, _ wide: Natural<64>, _ s: borrowing SecretLimbs
) {
  // refused: SecretLimbs
  _ = order.vartimePow(n, s)
  // refused: SecretLimbs
  _ = order.vartimePow(s, n)
  // refused: SecretLimbs
  _ = order.vartimeAdd(n, s)
  // refused: SecretLimbs
  _ = order.vartimeSubtract(s, n)
  // refused: SecretLimbs
  _ = order.vartimeMultiply(n, s)
  // refused: SecretLimbs
  _ = order.vartimeReduce(s)
  // refused: SecretLimbs
  _ = order.vartimeInverse(s)
  // refused: SecretLimbs
  _ = order.vartimeJacobi(s)
  // refused: SecretLimbs
  _ = fixed.vartimePow(s)
  // refused: SecretLimbs
  _ = powers.vartimePow(s)
  // refused: SecretLimbs
  _ = field.vartimeProducts([[s]])
  // refused: SecretLimbs
  let request = PowerRequest(x: s, table: powers, terms: [])
  _ = field.vartimeAnswers([request], orderComplement: 189)
  // refused: SecretLimbs
  _ = PowerRequest.Term(fixed: s, exponent: n)
  // refused: SecretLimbs
  _ = PowerRequest.Term(fixed: n, exponent: s)
  // refused: SecretLimbs
  let factor = PowerFactor(x: wide, exponent: s)
  _ = field.vartimeMultiPower([factor], bits: 256, testsResidues: false)
  // refused: SecretLimbs
  let walk = MontgomeryProgression(from: s, by: wide, in: field)
  _ = walk.vartimeNext()
  // refused: SecretLimbs
  _ = PowerTable(base: s, in: field)
  // refused: 'pointer' is inaccessible due to 'internal' protection level
  _ = s.pointer
}
// Secrets, and what carries them, are not printed, compared, encoded or put where copies are made.

func useSecretScalar(_ s: borrowing SecretScalar) {
  // refused: argument type 'SecretScalar' does not conform to expected type 'Copyable'
  print(s)
  // refused: argument type 'SecretScalar' does not conform to expected type 'Copyable'
  debugPrint(s)
  // refused: requires that 'SecretScalar' conform to 'Copyable'
  dump(s)
  // refused: no exact matches in call to instance method 'appendInterpolation'
  _ = "\(s)"
  // refused: no exact matches in call to initializer
  _ = String(describing: s)
  // refused: argument type 'SecretScalar' does not conform to expected type 'Copyable'
  _ = Mirror(reflecting: s)
  // refused: requires that 'SecretScalar' conform to 'Equatable'
  _ = s == s
  // refused: requires that 'SecretScalar' conform to 'Comparable'
  _ = s < s
  // refused: requires that 'SecretScalar' conform to 'Hashable'
  _ = Set([s])
  // refused: requires that 'SecretScalar' conform to 'Copyable'
  _ = [s]
  // refused: value of type 'SecretScalar' does not conform to specified type 'Copyable'
  let _: Any = s
  // refused: SecretScalar
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useSecretElement(_ s: borrowing SecretElement) {
  // refused: argument type 'SecretElement' does not conform to expected type 'Copyable'
  print(s)
  // refused: argument type 'SecretElement' does not conform to expected type 'Copyable'
  debugPrint(s)
  // refused: requires that 'SecretElement' conform to 'Copyable'
  dump(s)
  // refused: no exact matches in call to instance method 'appendInterpolation'
  _ = "\(s)"
  // refused: no exact matches in call to initializer
  _ = String(describing: s)
  // refused: argument type 'SecretElement' does not conform to expected type 'Copyable'
  _ = Mirror(reflecting: s)
  // refused: requires that 'SecretElement' conform to 'Equatable'
  _ = s == s
  // refused: requires that 'SecretElement' conform to 'Comparable'
  _ = s < s
  // refused: requires that 'SecretElement' conform to 'Hashable'
  _ = Set([s])
  // refused: requires that 'SecretElement' conform to 'Copyable'
  _ = [s]
  // refused: value of type 'SecretElement' does not conform to specified type 'Copyable'
  let _: Any = s
  // refused: SecretElement
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useSecretLimbs(_ s: borrowing SecretLimbs) {
  // refused: argument type 'SecretLimbs' does not conform to expected type 'Copyable'
  print(s)
  // refused: argument type 'SecretLimbs' does not conform to expected type 'Copyable'
  debugPrint(s)
  // refused: requires that 'SecretLimbs' conform to 'Copyable'
  dump(s)
  // refused: no exact matches in call to instance method 'appendInterpolation'
  _ = "\(s)"
  // refused: no exact matches in call to initializer
  _ = String(describing: s)
  // refused: argument type 'SecretLimbs' does not conform to expected type 'Copyable'
  _ = Mirror(reflecting: s)
  // refused: requires that 'SecretLimbs' conform to 'Equatable'
  _ = s == s
  // refused: requires that 'SecretLimbs' conform to 'Comparable'
  _ = s < s
  // refused: requires that 'SecretLimbs' conform to 'Hashable'
  _ = Set([s])
  // refused: requires that 'SecretLimbs' conform to 'Copyable'
  _ = [s]
  // refused: value of type 'SecretLimbs' does not conform to specified type 'Copyable'
  let _: Any = s
  // refused: SecretLimbs
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useSecretBytes(_ s: borrowing SecretBytes) {
  // refused: argument type 'SecretBytes' does not conform to expected type 'Copyable'
  print(s)
  // refused: argument type 'SecretBytes' does not conform to expected type 'Copyable'
  debugPrint(s)
  // refused: requires that 'SecretBytes' conform to 'Copyable'
  dump(s)
  // refused: no exact matches in call to instance method 'appendInterpolation'
  _ = "\(s)"
  // refused: no exact matches in call to initializer
  _ = String(describing: s)
  // refused: argument type 'SecretBytes' does not conform to expected type 'Copyable'
  _ = Mirror(reflecting: s)
  // refused: requires that 'SecretBytes' conform to 'Equatable'
  _ = s == s
  // refused: requires that 'SecretBytes' conform to 'Comparable'
  _ = s < s
  // refused: requires that 'SecretBytes' conform to 'Hashable'
  _ = Set([s])
  // refused: requires that 'SecretBytes' conform to 'Copyable'
  _ = [s]
  // refused: value of type 'SecretBytes' does not conform to specified type 'Copyable'
  let _: Any = s
  // refused: SecretBytes
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useSecretScalars(_ s: borrowing SecretScalars) {
  // refused: argument type 'SecretScalars' does not conform to expected type 'Copyable'
  print(s)
  // refused: argument type 'SecretScalars' does not conform to expected type 'Copyable'
  debugPrint(s)
  // refused: requires that 'SecretScalars' conform to 'Copyable'
  dump(s)
  // refused: no exact matches in call to instance method 'appendInterpolation'
  _ = "\(s)"
  // refused: no exact matches in call to initializer
  _ = String(describing: s)
  // refused: argument type 'SecretScalars' does not conform to expected type 'Copyable'
  _ = Mirror(reflecting: s)
  // refused: requires that 'SecretScalars' conform to 'Equatable'
  _ = s == s
  // refused: requires that 'SecretScalars' conform to 'Comparable'
  _ = s < s
  // refused: requires that 'SecretScalars' conform to 'Hashable'
  _ = Set([s])
  // refused: requires that 'SecretScalars' conform to 'Copyable'
  _ = [s]
  // refused: value of type 'SecretScalars' does not conform to specified type 'Copyable'
  let _: Any = s
  // refused: SecretScalars
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useSecretLimbList(_ s: borrowing SecretLimbList) {
  // refused: argument type 'SecretLimbList' does not conform to expected type 'Copyable'
  print(s)
  // refused: argument type 'SecretLimbList' does not conform to expected type 'Copyable'
  debugPrint(s)
  // refused: requires that 'SecretLimbList' conform to 'Copyable'
  dump(s)
  // refused: no exact matches in call to instance method 'appendInterpolation'
  _ = "\(s)"
  // refused: no exact matches in call to initializer
  _ = String(describing: s)
  // refused: argument type 'SecretLimbList' does not conform to expected type 'Copyable'
  _ = Mirror(reflecting: s)
  // refused: requires that 'SecretLimbList' conform to 'Equatable'
  _ = s == s
  // refused: requires that 'SecretLimbList' conform to 'Comparable'
  _ = s < s
  // refused: requires that 'SecretLimbList' conform to 'Hashable'
  _ = Set([s])
  // refused: requires that 'SecretLimbList' conform to 'Copyable'
  _ = [s]
  // refused: value of type 'SecretLimbList' does not conform to specified type 'Copyable'
  let _: Any = s
  // refused: SecretLimbList
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useSecretElements(_ s: borrowing SecretElements) {
  // refused: argument type 'SecretElements' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'SecretElements' conform to 'Equatable'
  _ = s == s
  // refused: SecretElements
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useSecretPowerBatch(_ s: borrowing SecretPowerBatch) {
  // refused: argument type 'SecretPowerBatch' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'SecretPowerBatch' conform to 'Equatable'
  _ = s == s
  // refused: SecretPowerBatch
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useBallotSecrets(_ s: borrowing BallotSecrets) {
  // refused: argument type 'BallotSecrets' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'BallotSecrets' conform to 'Equatable'
  _ = s == s
  // refused: BallotSecrets
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useBallotPrecomputation(_ s: borrowing BallotPrecomputation) {
  // refused: argument type 'BallotPrecomputation' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'BallotPrecomputation' conform to 'Equatable'
  _ = s == s
  // refused: BallotPrecomputation
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useTrusteeSecrets(_ s: borrowing TrusteeSecrets) {
  // refused: argument type 'TrusteeSecrets' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'TrusteeSecrets' conform to 'Equatable'
  _ = s == s
  // refused: TrusteeSecrets
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useReceivedShare(_ s: borrowing ReceivedShare) {
  // refused: argument type 'ReceivedShare' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'ReceivedShare' conform to 'Equatable'
  _ = s == s
  // refused: ReceivedShare
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useTrusteeShare(_ s: borrowing TrusteeShare) {
  // refused: argument type 'TrusteeShare' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'TrusteeShare' conform to 'Equatable'
  _ = s == s
  // refused: TrusteeShare
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useDecryptionNonces(_ s: borrowing DecryptionNonces) {
  // refused: argument type 'DecryptionNonces' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'DecryptionNonces' conform to 'Equatable'
  _ = s == s
  // refused: DecryptionNonces
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useHedgedNonces(_ s: borrowing HedgedNonces) {
  // refused: argument type 'HedgedNonces' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'HedgedNonces' conform to 'Equatable'
  _ = s == s
  // refused: HedgedNonces
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useRangeProofRandomness(_ s: borrowing RangeProofRandomness) {
  // refused: argument type 'RangeProofRandomness' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'RangeProofRandomness' conform to 'Equatable'
  _ = s == s
  // refused: RangeProofRandomness
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useNoteSigner(_ s: borrowing NoteSigner) {
  // refused: argument type 'NoteSigner' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'NoteSigner' conform to 'Equatable'
  _ = s == s
  // refused: NoteSigner
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useBlindedMessage(_ s: borrowing BlindedMessage) {
  // refused: argument type 'BlindedMessage' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'BlindedMessage' conform to 'Equatable'
  _ = s == s
  // refused: BlindedMessage
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useBlindingState(_ s: borrowing BlindingState) {
  // refused: argument type 'BlindingState' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'BlindingState' conform to 'Equatable'
  _ = s == s
  // refused: BlindingState
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useRSAPrivateKey(_ s: borrowing RSAPrivateKey) {
  // refused: argument type 'RSAPrivateKey' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'RSAPrivateKey' conform to 'Equatable'
  _ = s == s
  // refused: RSAPrivateKey
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useCosigner(_ s: borrowing Cosigner) {
  // refused: argument type 'Cosigner' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'Cosigner' conform to 'Equatable'
  _ = s == s
  // refused: Cosigner
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useEd25519PrivateKey(_ s: borrowing Ed25519.PrivateKey) {
  // refused: argument type 'Ed25519.PrivateKey' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'Ed25519.PrivateKey' conform to 'Equatable'
  _ = s == s
  // refused: Ed25519.PrivateKey
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useCredentialSecrets(_ s: borrowing CredentialSecrets) {
  // refused: argument type 'CredentialSecrets' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'CredentialSecrets' conform to 'Equatable'
  _ = s == s
  // refused: CredentialSecrets
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useCredentialKeyBundle(_ s: borrowing CredentialKeyBundle) {
  // refused: argument type 'CredentialKeyBundle' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'CredentialKeyBundle' conform to 'Equatable'
  _ = s == s
  // refused: CredentialKeyBundle
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useLetterLink(_ s: borrowing LetterLink) {
  // refused: argument type 'LetterLink' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'LetterLink' conform to 'Equatable'
  _ = s == s
  // refused: LetterLink
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useLetterPrinter(_ s: borrowing LetterPrinter) {
  // refused: argument type 'LetterPrinter' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'LetterPrinter' conform to 'Equatable'
  _ = s == s
  // refused: LetterPrinter
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useMailedCode(_ s: borrowing MailedCode) {
  // refused: argument type 'MailedCode' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'MailedCode' conform to 'Equatable'
  _ = s == s
  // refused: MailedCode
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useQRCode(_ s: borrowing QRCode) {
  // refused: argument type 'QRCode' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'QRCode' conform to 'Equatable'
  _ = s == s
  // refused: QRCode
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}

func useSeedLink(_ s: borrowing SeedLink) {
  // refused: argument type 'SeedLink' does not conform to expected type 'Copyable'
  print(s)
  // refused: requires that 'SeedLink' conform to 'Equatable'
  _ = s == s
  // refused: SeedLink
  let _: any Encodable = s
  // refused: 'copy' cannot be applied to noncopyable types
  _ = copy s
}
