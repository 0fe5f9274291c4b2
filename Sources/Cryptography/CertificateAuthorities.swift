// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Authorities that vouch for clients, with their revocation lists: checks a certificate against them
/// (RFC 5280, section 6), as libcrypto does it for TLS.
///
/// * A chain of valid signatures from the certificate over intermediate authorities to a self-signed anchor,
///   at most ``maximumDepth`` intermediate ones; all of them within their validity.
/// * Basic constraints, path length, key usage, name constraints, and the strict profile of RFC 5280.
/// * The certificate is for the authentication of a client, where it has an extended key usage, and is no
///   authority itself.
/// * Keys and signatures of 112 bits and more: no SHA-1, no RSA below 2048 bits.
/// * For every certificate of the chain, a complete revocation list, signed by its authority, within thisUpdate
///   and nextUpdate, on which it does not stand.
///
/// Everything here is public. Nothing is fetched.
@safe
public final class CertificateAuthorities: @unchecked Sendable {
  // Unchecked: libcrypto locks a store, and nothing is added to it after `init`.
  private let store: OpaquePointer
  private let intermediates: OpaquePointer
  private let requiresRevocationCheck: Bool
  /// When the first of the revocation lists is over, in seconds since 1970-01-01 00:00 UTC; nil without lists.
  public private(set) var nextUpdate: Int64?

  /// Intermediate authorities between a certificate and its anchor, at most.
  public static let maximumDepth = 4
  /// Most bytes of a certificate.
  public static let maximumCertificateByteCount = 16_384
  /// Most bytes of a revocation list.
  public static let maximumListByteCount = 64 << 20

  /// Authorities.
  ///
  /// - Parameters:
  ///   - anchors: self-signed certificates that are trusted, DER; one or more.
  ///   - intermediates: certificates that may stand in a chain, DER. They are not trusted.
  ///   - revocationLists: DER. Their signatures are checked when a certificate is.
  ///   - requiresRevocationCheck: false only where the operator has said that revocation is not checked.
  /// - Throws: ``CertificateRefusal`` for bytes in another form, an anchor that is not self-signed, or a list
  ///   without nextUpdate.
  public init(
    anchors: [[UInt8]], intermediates: [[UInt8]], revocationLists: [[UInt8]],
    requiresRevocationCheck: Bool = true
  ) throws(CertificateRefusal) {
    guard let store = unsafe X509_STORE_new() else { throw Self.outOfMemory }
    guard let stack = unsafe urna_certificates_new() else {
      unsafe X509_STORE_free(store)
      throw Self.outOfMemory
    }
    unsafe self.store = unsafe store
    unsafe self.intermediates = unsafe stack
    self.requiresRevocationCheck = requiresRevocationCheck
    guard !anchors.isEmpty else { throw CertificateRefusal(.form, "there is a trust anchor") }
    for der in anchors {
      let certificate = try CertificateHandle(der)
      guard certificate.isSelfSigned else {
        throw CertificateRefusal(.form, "a trust anchor is self-signed")
      }
      guard unsafe X509_STORE_add_cert(store, certificate.pointer) == 1 else {
        throw Self.outOfMemory
      }
    }
    for der in intermediates {
      let certificate = try CertificateHandle(der)
      guard unsafe X509_up_ref(certificate.pointer) == 1 else { throw Self.outOfMemory }
      guard unsafe urna_certificates_push(stack, certificate.pointer) == 1 else {
        unsafe X509_free(certificate.pointer)
        throw Self.outOfMemory
      }
    }
    for der in revocationLists {
      let end = unsafe try Self.add(list: der, to: store)
      nextUpdate = min(nextUpdate ?? end, end)
    }
  }

  deinit {
    unsafe urna_certificates_free(intermediates)
    unsafe X509_STORE_free(store)
  }

  private static var outOfMemory: CertificateRefusal { CertificateRefusal(.backend, "memory") }

  /// - Returns: nextUpdate.
  private static func add(
    list der: [UInt8], to store: OpaquePointer
  ) throws(CertificateRefusal) -> Int64 {
    guard der.count <= maximumListByteCount else {
      throw CertificateRefusal(
        .form, "a revocation list has at most \(maximumListByteCount) bytes")
    }
    var read = 0
    let list = unsafe der.withUnsafeBufferPointer { bytes -> OpaquePointer? in
      guard let first = bytes.baseAddress else { return nil }
      var start: UnsafePointer<UInt8>? = unsafe first
      let list = unsafe d2i_X509_CRL(nil, &start, bytes.count)
      if let start = unsafe start { read = unsafe start - first }
      return unsafe list
    }
    defer { unsafe X509_CRL_free(list) }
    ERR_clear_error()
    guard let list = unsafe list, read == der.count else {
      throw CertificateRefusal(.form, "a revocation list in DER, and nothing behind it")
    }
    var end = unsafe tm()
    guard let next = unsafe X509_CRL_get0_nextUpdate(list),
      unsafe ASN1_TIME_to_tm(next, &end) == 1
    else { throw CertificateRefusal(.form, "a revocation list says when the next one comes") }
    guard unsafe X509_STORE_add_crl(store, list) == 1 else { throw outOfMemory }
    return unsafe Int64(timegm(&end))
  }

  /// Checks a certificate.
  ///
  /// - Parameters:
  ///   - der: the certificate, DER.
  ///   - time: seconds since 1970-01-01 00:00 UTC.
  /// - Returns: the chain in DER, from the certificate to the anchor.
  /// - Throws: ``CertificateRefusal`` with the first rule that does not hold.
  public func chain(
    of der: [UInt8], at time: Int64
  ) throws(CertificateRefusal) -> [[UInt8]] {
    let certificate = try CertificateHandle(der)
    guard unsafe X509_check_ca(certificate.pointer) == 0 else {
      throw CertificateRefusal(.purpose, "the certificate is not one of an authority")
    }
    guard let context = unsafe X509_STORE_CTX_new() else { throw Self.outOfMemory }
    defer { unsafe X509_STORE_CTX_free(context) }
    defer { ERR_clear_error() }
    guard
      unsafe X509_STORE_CTX_init(context, store, certificate.pointer, intermediates) == 1,
      let parameters = unsafe X509_STORE_CTX_get0_param(context),
      unsafe X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_CLIENT) == 1,
      unsafe X509_VERIFY_PARAM_set_flags(parameters, flags) == 1
    else { throw CertificateRefusal(.backend, "the check can be set up") }
    unsafe X509_VERIFY_PARAM_set_time(parameters, time_t(time))
    unsafe X509_VERIFY_PARAM_set_depth(parameters, Int32(Self.maximumDepth))
    unsafe X509_VERIFY_PARAM_set_auth_level(parameters, 2)
    guard unsafe X509_verify_cert(context) == 1,
      unsafe X509_STORE_CTX_get_error(context) == X509_V_OK
    else {
      let code = unsafe X509_STORE_CTX_get_error(context)
      throw CertificateRefusal(code: code == X509_V_OK ? X509_V_ERR_UNSPECIFIED : code)
    }
    return unsafe try Self.encoded(X509_STORE_CTX_get0_chain(context))
  }

  private var flags: UInt {
    let strict = X509_V_FLAG_X509_STRICT
    let lists = X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL
    return UInt(requiresRevocationCheck ? strict | lists : strict)
  }

  private static func encoded(
    _ chain: OpaquePointer?
  ) throws(CertificateRefusal) -> [[UInt8]] {
    var certificates: [[UInt8]] = []
    for index in 0..<(unsafe urna_certificates_count(chain)) {
      guard let certificate = unsafe urna_certificates_at(chain, index) else { throw outOfMemory }
      let count = unsafe i2d_X509(certificate, nil)
      guard count > 0 else { throw outOfMemory }
      var bytes = [UInt8](repeating: 0, count: Int(count))
      let written = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
        var start = buffer.baseAddress
        return unsafe i2d_X509(certificate, &start)
      }
      guard written == count else { throw outOfMemory }
      certificates.append(bytes)
    }
    return certificates
  }
}

/// A parsed certificate, freed with its owner.
@safe
private struct CertificateHandle: ~Copyable {
  let pointer: OpaquePointer

  init(_ der: [UInt8]) throws(CertificateRefusal) {
    guard der.count <= CertificateAuthorities.maximumCertificateByteCount else {
      throw CertificateRefusal(
        .form,
        "a certificate has at most \(CertificateAuthorities.maximumCertificateByteCount) bytes")
    }
    var read = 0
    let certificate = unsafe der.withUnsafeBufferPointer { bytes -> OpaquePointer? in
      guard let first = bytes.baseAddress else { return nil }
      var start: UnsafePointer<UInt8>? = unsafe first
      let certificate = unsafe d2i_X509(nil, &start, bytes.count)
      if let start = unsafe start { read = unsafe start - first }
      return unsafe certificate
    }
    ERR_clear_error()
    guard let certificate = unsafe certificate else {
      throw CertificateRefusal(.form, "a certificate in DER")
    }
    guard read == der.count else {
      unsafe X509_free(certificate)
      throw CertificateRefusal(.form, "nothing stands behind the certificate")
    }
    unsafe pointer = unsafe certificate
  }

  deinit { unsafe X509_free(pointer) }

  /// Subject and issuer are the same, and the key fits its own signature.
  var isSelfSigned: Bool { unsafe X509_self_signed(pointer, 1) == 1 }
}
