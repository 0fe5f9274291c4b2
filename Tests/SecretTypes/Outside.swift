// SPDX-License-Identifier: Apache-2.0
// What must not compile outside the package: the ways to a secret's limbs and bytes. The comments are those
// of Refused.swift.

import BigIntegers
import Cryptography
import Groups

func outside(
  _ s: borrowing SecretScalar, _ x: borrowing SecretElement, _ limbs: borrowing SecretLimbs,
  _ bytes: inout SecretBytes
) {
  // refused: 'limbs' is inaccessible due to 'package' protection level
  _ = s.limbs
  // refused: 'limbs' is inaccessible due to 'package' protection level
  _ = x.limbs
  // refused: inaccessible due to 'package' protection level
  _ = SecretScalar(limbs.copy())
  // refused: inaccessible due to 'package' protection level
  bytes.withBytes { _ in }
  // refused: inaccessible due to 'package' protection level
  bytes.withUnsafeBytes { _ in }
  // refused: inaccessible due to 'package' protection level
  bytes.withUnsafeMutableBytes { _ in }
}
