// SPDX-License-Identifier: Apache-2.0
// What must not compile because it copies a secret. The compiler looks for these errors when a file
// has no others; the comments are those of Refused.swift.

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

// refused: 's' consumed more than once
func twiceSecretScalar(_ s: consuming SecretScalar) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepSecretScalar(_ s: borrowing SecretScalar) -> SecretScalar {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureSecretScalar(_ s: borrowing SecretScalar) -> () -> Void {
  { lookSecretScalar(s) }
}
func lookSecretScalar(_ s: borrowing SecretScalar) {}

// refused: 's' consumed more than once
func twiceSecretElement(_ s: consuming SecretElement) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepSecretElement(_ s: borrowing SecretElement) -> SecretElement {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureSecretElement(_ s: borrowing SecretElement) -> () -> Void {
  { lookSecretElement(s) }
}
func lookSecretElement(_ s: borrowing SecretElement) {}

// refused: 's' consumed more than once
func twiceSecretLimbs(_ s: consuming SecretLimbs) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepSecretLimbs(_ s: borrowing SecretLimbs) -> SecretLimbs {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureSecretLimbs(_ s: borrowing SecretLimbs) -> () -> Void {
  { lookSecretLimbs(s) }
}
func lookSecretLimbs(_ s: borrowing SecretLimbs) {}

// refused: 's' consumed more than once
func twiceSecretBytes(_ s: consuming SecretBytes) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepSecretBytes(_ s: borrowing SecretBytes) -> SecretBytes {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureSecretBytes(_ s: borrowing SecretBytes) -> () -> Void {
  { lookSecretBytes(s) }
}
func lookSecretBytes(_ s: borrowing SecretBytes) {}

// refused: 's' consumed more than once
func twiceSecretScalars(_ s: consuming SecretScalars) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepSecretScalars(_ s: borrowing SecretScalars) -> SecretScalars {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureSecretScalars(_ s: borrowing SecretScalars) -> () -> Void {
  { lookSecretScalars(s) }
}
func lookSecretScalars(_ s: borrowing SecretScalars) {}

// refused: 's' consumed more than once
func twiceSecretLimbList(_ s: consuming SecretLimbList) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepSecretLimbList(_ s: borrowing SecretLimbList) -> SecretLimbList {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureSecretLimbList(_ s: borrowing SecretLimbList) -> () -> Void {
  { lookSecretLimbList(s) }
}
func lookSecretLimbList(_ s: borrowing SecretLimbList) {}

// refused: 's' consumed more than once
func twiceSecretElements(_ s: consuming SecretElements) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepSecretElements(_ s: borrowing SecretElements) -> SecretElements {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureSecretElements(_ s: borrowing SecretElements) -> () -> Void {
  { lookSecretElements(s) }
}
func lookSecretElements(_ s: borrowing SecretElements) {}

// refused: 's' consumed more than once
func twiceSecretPowerBatch(_ s: consuming SecretPowerBatch) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepSecretPowerBatch(_ s: borrowing SecretPowerBatch) -> SecretPowerBatch {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureSecretPowerBatch(_ s: borrowing SecretPowerBatch) -> () -> Void {
  { lookSecretPowerBatch(s) }
}
func lookSecretPowerBatch(_ s: borrowing SecretPowerBatch) {}

// refused: 's' consumed more than once
func twiceBallotSecrets(_ s: consuming BallotSecrets) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepBallotSecrets(_ s: borrowing BallotSecrets) -> BallotSecrets {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureBallotSecrets(_ s: borrowing BallotSecrets) -> () -> Void {
  { lookBallotSecrets(s) }
}
func lookBallotSecrets(_ s: borrowing BallotSecrets) {}

// refused: 's' consumed more than once
func twiceBallotPrecomputation(_ s: consuming BallotPrecomputation) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepBallotPrecomputation(_ s: borrowing BallotPrecomputation) -> BallotPrecomputation {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureBallotPrecomputation(_ s: borrowing BallotPrecomputation) -> () -> Void {
  { lookBallotPrecomputation(s) }
}
func lookBallotPrecomputation(_ s: borrowing BallotPrecomputation) {}

// refused: 's' consumed more than once
func twiceTrusteeSecrets(_ s: consuming TrusteeSecrets) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepTrusteeSecrets(_ s: borrowing TrusteeSecrets) -> TrusteeSecrets {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureTrusteeSecrets(_ s: borrowing TrusteeSecrets) -> () -> Void {
  { lookTrusteeSecrets(s) }
}
func lookTrusteeSecrets(_ s: borrowing TrusteeSecrets) {}

// refused: 's' consumed more than once
func twiceReceivedShare(_ s: consuming ReceivedShare) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepReceivedShare(_ s: borrowing ReceivedShare) -> ReceivedShare {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureReceivedShare(_ s: borrowing ReceivedShare) -> () -> Void {
  { lookReceivedShare(s) }
}
func lookReceivedShare(_ s: borrowing ReceivedShare) {}

// refused: 's' consumed more than once
func twiceTrusteeShare(_ s: consuming TrusteeShare) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepTrusteeShare(_ s: borrowing TrusteeShare) -> TrusteeShare {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureTrusteeShare(_ s: borrowing TrusteeShare) -> () -> Void {
  { lookTrusteeShare(s) }
}
func lookTrusteeShare(_ s: borrowing TrusteeShare) {}

// refused: 's' consumed more than once
func twiceDecryptionNonces(_ s: consuming DecryptionNonces) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepDecryptionNonces(_ s: borrowing DecryptionNonces) -> DecryptionNonces {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureDecryptionNonces(_ s: borrowing DecryptionNonces) -> () -> Void {
  { lookDecryptionNonces(s) }
}
func lookDecryptionNonces(_ s: borrowing DecryptionNonces) {}

// refused: 's' consumed more than once
func twiceHedgedNonces(_ s: consuming HedgedNonces) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepHedgedNonces(_ s: borrowing HedgedNonces) -> HedgedNonces {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureHedgedNonces(_ s: borrowing HedgedNonces) -> () -> Void {
  { lookHedgedNonces(s) }
}
func lookHedgedNonces(_ s: borrowing HedgedNonces) {}

// refused: 's' consumed more than once
func twiceRangeProofRandomness(_ s: consuming RangeProofRandomness) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepRangeProofRandomness(_ s: borrowing RangeProofRandomness) -> RangeProofRandomness {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureRangeProofRandomness(_ s: borrowing RangeProofRandomness) -> () -> Void {
  { lookRangeProofRandomness(s) }
}
func lookRangeProofRandomness(_ s: borrowing RangeProofRandomness) {}

// refused: 's' consumed more than once
func twiceNoteSigner(_ s: consuming NoteSigner) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepNoteSigner(_ s: borrowing NoteSigner) -> NoteSigner {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureNoteSigner(_ s: borrowing NoteSigner) -> () -> Void {
  { lookNoteSigner(s) }
}
func lookNoteSigner(_ s: borrowing NoteSigner) {}

// refused: 's' consumed more than once
func twiceBlindedMessage(_ s: consuming BlindedMessage) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepBlindedMessage(_ s: borrowing BlindedMessage) -> BlindedMessage {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureBlindedMessage(_ s: borrowing BlindedMessage) -> () -> Void {
  { lookBlindedMessage(s) }
}
func lookBlindedMessage(_ s: borrowing BlindedMessage) {}

// refused: 's' consumed more than once
func twiceBlindingState(_ s: consuming BlindingState) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepBlindingState(_ s: borrowing BlindingState) -> BlindingState {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureBlindingState(_ s: borrowing BlindingState) -> () -> Void {
  { lookBlindingState(s) }
}
func lookBlindingState(_ s: borrowing BlindingState) {}

// refused: 's' consumed more than once
func twiceRSAPrivateKey(_ s: consuming RSAPrivateKey) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepRSAPrivateKey(_ s: borrowing RSAPrivateKey) -> RSAPrivateKey {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureRSAPrivateKey(_ s: borrowing RSAPrivateKey) -> () -> Void {
  { lookRSAPrivateKey(s) }
}
func lookRSAPrivateKey(_ s: borrowing RSAPrivateKey) {}

// refused: 's' consumed more than once
func twiceCosigner(_ s: consuming Cosigner) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepCosigner(_ s: borrowing Cosigner) -> Cosigner {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureCosigner(_ s: borrowing Cosigner) -> () -> Void {
  { lookCosigner(s) }
}
func lookCosigner(_ s: borrowing Cosigner) {}

// refused: 's' consumed more than once
func twiceEd25519PrivateKey(_ s: consuming Ed25519.PrivateKey) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepEd25519PrivateKey(_ s: borrowing Ed25519.PrivateKey) -> Ed25519.PrivateKey {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureEd25519PrivateKey(_ s: borrowing Ed25519.PrivateKey) -> () -> Void {
  { lookEd25519PrivateKey(s) }
}
func lookEd25519PrivateKey(_ s: borrowing Ed25519.PrivateKey) {}

// refused: 's' consumed more than once
func twiceCredentialSecrets(_ s: consuming CredentialSecrets) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepCredentialSecrets(_ s: borrowing CredentialSecrets) -> CredentialSecrets {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureCredentialSecrets(_ s: borrowing CredentialSecrets) -> () -> Void {
  { lookCredentialSecrets(s) }
}
func lookCredentialSecrets(_ s: borrowing CredentialSecrets) {}

// refused: 's' consumed more than once
func twiceCredentialKeyBundle(_ s: consuming CredentialKeyBundle) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepCredentialKeyBundle(_ s: borrowing CredentialKeyBundle) -> CredentialKeyBundle {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureCredentialKeyBundle(_ s: borrowing CredentialKeyBundle) -> () -> Void {
  { lookCredentialKeyBundle(s) }
}
func lookCredentialKeyBundle(_ s: borrowing CredentialKeyBundle) {}

// refused: 's' consumed more than once
func twiceLetterLink(_ s: consuming LetterLink) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepLetterLink(_ s: borrowing LetterLink) -> LetterLink {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureLetterLink(_ s: borrowing LetterLink) -> () -> Void {
  { lookLetterLink(s) }
}
func lookLetterLink(_ s: borrowing LetterLink) {}

// refused: 's' consumed more than once
func twiceLetterPrinter(_ s: consuming LetterPrinter) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepLetterPrinter(_ s: borrowing LetterPrinter) -> LetterPrinter {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureLetterPrinter(_ s: borrowing LetterPrinter) -> () -> Void {
  { lookLetterPrinter(s) }
}
func lookLetterPrinter(_ s: borrowing LetterPrinter) {}

// refused: 's' consumed more than once
func twiceMailedCode(_ s: consuming MailedCode) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepMailedCode(_ s: borrowing MailedCode) -> MailedCode {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureMailedCode(_ s: borrowing MailedCode) -> () -> Void {
  { lookMailedCode(s) }
}
func lookMailedCode(_ s: borrowing MailedCode) {}

// refused: 's' consumed more than once
func twiceQRCode(_ s: consuming QRCode) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepQRCode(_ s: borrowing QRCode) -> QRCode {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureQRCode(_ s: borrowing QRCode) -> () -> Void {
  { lookQRCode(s) }
}
func lookQRCode(_ s: borrowing QRCode) {}

// refused: 's' consumed more than once
func twiceSeedLink(_ s: consuming SeedLink) {
  let a = s
  let b = s
  _ = a
  _ = b
}

// refused: 's' is borrowed and cannot be consumed
func keepSeedLink(_ s: borrowing SeedLink) -> SeedLink {
  s
}

// refused: 's' cannot be captured by an escaping closure since it is a borrowed parameter
func captureSeedLink(_ s: borrowing SeedLink) -> () -> Void {
  { lookSeedLink(s) }
}
func lookSeedLink(_ s: borrowing SeedLink) {}
