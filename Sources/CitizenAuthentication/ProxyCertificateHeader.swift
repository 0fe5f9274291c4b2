// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// The certificate of a client as a proxy in front of the issuer passes it on: nginx's
/// `$ssl_client_escaped_cert` in `X-Client-Cert`, next to a secret in `X-Proxy-Secret` that only the proxy and
/// the issuer know (`Ceremonies/operations/nginx-issuer.conf`).
///
/// The handshake between client and proxy shows that the client has the certificate's private key. The issuer
/// sees nothing of it and believes the proxy, which it knows by the secret. It believes nothing else: the
/// certificate is checked again by ``ClientCertificateVerifier``.
///
/// ```
/// X-Client-Cert  = PEM of one certificate; all but A-Z a-z 0-9 - . _ ~ as "%" and two hexadecimal digits
/// X-Proxy-Secret = 32 to 256 visible ASCII characters
/// ```
public final class ProxyCertificateHeader: Sendable {
  /// The name of the field with the certificate.
  public static let certificateField = "X-Client-Cert"
  /// The name of the field with the secret.
  public static let secretField = "X-Proxy-Secret"
  /// Most bytes of the field with the certificate.
  public static let maximumByteCount = 24_576
  /// Bytes of the secret.
  public static let secretByteCounts = 32...256

  private let secret: SecretBytes

  /// - Parameter secretFile: the bytes of the file with the secret, secret: one line of 32 to 256 visible ASCII
  ///   characters without spaces.
  /// - Throws: ``AuthenticationError/configuration(_:)``.
  public init(secretFile: borrowing SecretBytes) throws(AuthenticationError) {
    var count = secretFile.count
    let isPlain = secretFile.withBytes { bytes in
      if count > 0, unsafe bytes.unsafeLoad(fromByteOffset: count - 1, as: UInt8.self) == 0x0A {
        count -= 1
      }
      // Every byte is looked at, so the time says only how many there are.
      var isPlain = true
      for index in 0..<count {
        isPlain =
          (0x21...0x7E).contains(
            unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)) && isPlain
      }
      return isPlain
    }
    guard isPlain, Self.secretByteCounts.contains(count), let secret = secretFile.slice(0..<count)
    else {
      throw .configuration(
        "the secret of the proxy is a line of 32 to 256 visible ASCII characters")
    }
    self.secret = secret
  }

  /// The certificate that the proxy saw, DER; nil where it saw none.
  ///
  /// - Parameters:
  ///   - certificates: the values of all fields ``certificateField`` of the request.
  ///   - secrets: the values of all fields ``secretField``. Secret.
  /// - Throws: ``AuthenticationError/proxy(_:)`` for a field without the right secret next to it, and for a field
  ///   in another form. A caller refuses the request then; it has no certificate.
  public func certificate(
    certificates: [String], secrets: [String]
  ) throws(AuthenticationError) -> [UInt8]? {
    if certificates.isEmpty && secrets.isEmpty { return nil }
    guard secrets.count == 1, let text = secrets.first, isSecret(text) else {
      throw .proxy("the request comes from the proxy")
    }
    guard certificates.count <= 1 else { throw .proxy("one field with a certificate") }
    guard let field = certificates.first, !field.isEmpty else { return nil }
    guard field.utf8.count <= Self.maximumByteCount else {
      throw .proxy("a certificate of at most \(Self.maximumByteCount) bytes, escaped")
    }
    guard let text = Self.unescaped(Array(field.utf8)), let der = PEM.onlyCertificate(text) else {
      throw .proxy("one certificate in PEM, escaped for a URL")
    }
    return der
  }

  private func isSecret(_ text: String) -> Bool {
    guard Self.secretByteCounts.contains(text.utf8.count) else { return false }
    return secret.isEqualConstantTime(to: SecretBytes(copying: text.utf8))
  }

  /// Only what `encodeURIComponent` leaves as it is may stand for itself.
  private static func unescaped(_ text: [UInt8]) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      switch text[index] {
      case UInt8(ascii: "%"):
        guard index + 2 < text.count, let byte = Hex.decode(upper(text[index + 1...index + 2]))
        else { return nil }
        bytes += byte
        index += 3
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        bytes.append(text[index])
        index += 1
      default: return nil
      }
    }
    return bytes
  }

  private static func upper(_ digits: ArraySlice<UInt8>) -> String {
    String(decoding: digits, as: UTF8.self).uppercased()
  }
}
