// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// Why a certificate is not accepted. Names a rule, and nothing of the certificate.
public struct CertificateRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of rule it is.
  public enum Reason: Hashable, Sendable {
    /// The bytes are no certificate, or break the profile.
    case form
    /// No chain of signatures leads to a trust anchor.
    case chain
    /// The time lies outside a validity.
    case validity
    /// The certificate, or an authority above it, is on a revocation list.
    case revoked
    /// There is no revocation list of an authority in the chain.
    case noRevocationList
    /// The revocation list is not yet, or no longer, in force.
    case revocationListValidity
    /// The revocation list was not signed by the authority, or does not apply.
    case revocationListInvalid
    /// The certificate is not for the authentication of a client.
    case purpose
    /// A key or a signature is weaker than 112 bits.
    case weak
    /// Memory, or the library.
    case backend
  }

  /// What kind of rule it is.
  public let reason: Reason
  /// The rule in words.
  public let rule: String

  /// A refusal.
  public init(_ reason: Reason, _ rule: String) {
    self.reason = reason
    self.rule = rule
  }

  /// The rule in words.
  public var description: String { rule }

  /// From libcrypto's number.
  init(code: Int32) {
    let text: String
    if let pointer = unsafe X509_verify_cert_error_string(Int(code)) {
      text = unsafe String(cString: pointer)
    } else {
      text = "libcrypto refused"
    }
    self.init(Self.reason(code), text)
  }

  private static func reason(_ code: Int32) -> Reason {
    switch code {
    case X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED,
      X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD, X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
      .validity
    case X509_V_ERR_CERT_REVOKED: .revoked
    case X509_V_ERR_UNABLE_TO_GET_CRL, X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER: .noRevocationList
    case X509_V_ERR_CRL_NOT_YET_VALID, X509_V_ERR_CRL_HAS_EXPIRED,
      X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD, X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
      .revocationListValidity
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE, X509_V_ERR_CRL_SIGNATURE_FAILURE,
      X509_V_ERR_KEYUSAGE_NO_CRL_SIGN, X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION,
      X509_V_ERR_DIFFERENT_CRL_SCOPE, X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
      .revocationListInvalid
    case X509_V_ERR_INVALID_PURPOSE, X509_V_ERR_CERT_UNTRUSTED, X509_V_ERR_CERT_REJECTED: .purpose
    case X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_CA_KEY_TOO_SMALL, X509_V_ERR_CA_MD_TOO_WEAK: .weak
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
      X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
      X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_CHAIN_TOO_LONG,
      X509_V_ERR_CERT_SIGNATURE_FAILURE, X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE,
      X509_V_ERR_INVALID_CA, X509_V_ERR_PATH_LENGTH_EXCEEDED, X509_V_ERR_KEYUSAGE_NO_CERTSIGN,
      X509_V_ERR_INVALID_NON_CA, X509_V_ERR_PERMITTED_VIOLATION, X509_V_ERR_EXCLUDED_VIOLATION,
      X509_V_ERR_SUBJECT_ISSUER_MISMATCH, X509_V_ERR_AKID_SKID_MISMATCH,
      X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH:
      .chain
    case X509_V_ERR_OUT_OF_MEM, X509_V_ERR_UNSPECIFIED: .backend
    default: .form
    }
  }
}
