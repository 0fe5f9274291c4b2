// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Issuance
internal import StrictJSON

/// Says who holds a client certificate that a national or other authority issued.
///
/// The chain, the times, the purpose and the revocation lists are checked by ``Cryptography/CertificateAuthorities``
/// (RFC 5280). That the client has the private key is shown in its TLS handshake, before this code is asked.
public struct ClientCertificateVerifier: Sendable {
  private let authorities: CertificateAuthorities
  private let identifier: CertificateIdentifier
  private let issuers: Set<Digest>

  /// Most bytes of a file with certificates.
  public static let maximumFileByteCount = 4 << 20

  /// A verifier.
  ///
  /// - Parameters:
  ///   - anchors: PEM file with the self-signed authorities that are trusted.
  ///   - intermediates: PEM file with the authorities between; may be empty.
  ///   - revocationLists: files with revocation lists, each DER or PEM.
  ///   - identifier: where the personal identifier stands.
  ///   - issuers: SHA-256 of the DER of those authorities that may issue citizens' certificates directly. Empty:
  ///     every authority of the chain may. An anchor often vouches for authorities for machines, too.
  ///   - requiresRevocationCheck: false takes certificates whose revocation cannot be known.
  /// - Throws: ``AuthenticationError``.
  public init(
    anchors: [UInt8], intermediates: [UInt8] = [], revocationLists: [[UInt8]],
    identifier: CertificateIdentifier, issuers: Set<Digest> = [],
    requiresRevocationCheck: Bool = true
  ) throws(AuthenticationError) {
    self.identifier = identifier
    self.issuers = issuers
    var lists: [[UInt8]] = []
    for file in revocationLists {
      // DER begins with a SEQUENCE.
      if file.first == 0x30 {
        lists.append(file)
      } else {
        let found = try PEM.blocks(file, label: "X509 CRL")
        guard !found.isEmpty else { throw .configuration("a revocation list in DER or PEM") }
        lists += found
      }
    }
    let anchors = try Self.certificates(anchors)
    let intermediates = try Self.certificates(intermediates)
    do {
      authorities = try CertificateAuthorities(
        anchors: anchors, intermediates: intermediates, revocationLists: lists,
        requiresRevocationCheck: requiresRevocationCheck)
    } catch { throw .configuration(error.rule) }
  }

  private static func certificates(_ file: [UInt8]) throws(AuthenticationError) -> [[UInt8]] {
    guard file.count <= maximumFileByteCount else {
      throw .configuration("certificates of at most \(maximumFileByteCount) bytes")
    }
    return try PEM.blocks(file, label: "CERTIFICATE")
  }

  /// When the first of the revocation lists is over, in seconds since 1970-01-01 00:00 UTC: from then on nobody
  /// with a certificate of its authority is accepted, so an operator brings a new one before.
  public var nextUpdate: Int64? { authorities.nextUpdate }

  /// Checks a certificate and reads the identifier.
  ///
  /// - Parameters:
  ///   - certificate: DER, as the TLS layer or ``ProxyCertificateHeader`` has it.
  ///   - time: seconds since 1970-01-01 00:00 UTC.
  /// - Returns: the citizen. The evidence is personal:
  ///   `{"certificates":[PEM, …],"time":…,"version":1}`, from the citizen's certificate to the anchor.
  /// - Throws: ``AuthenticationError/certificate(_:)`` or ``AuthenticationError/identifier(_:)``.
  public func verify(
    _ certificate: [UInt8], at time: Int64
  ) throws(AuthenticationError) -> CitizenIdentity {
    let chain: [[UInt8]]
    do { chain = try authorities.chain(of: certificate, at: time) } catch {
      throw .certificate(error)
    }
    guard chain.count >= 2, chain[0] == certificate else {
      throw .certificate(CertificateRefusal(.chain, "an authority issued the certificate"))
    }
    guard issuers.isEmpty || issuers.contains(SHA256.hash(chain[1])) else {
      throw .certificate(
        CertificateRefusal(.chain, "one of the configured authorities issued the certificate"))
    }
    let evidence = JSONValue.object([
      JSONMember(name: "version", value: .integer(1)),
      JSONMember(name: "time", value: .integer(time)),
      JSONMember(
        name: "certificates",
        value: .array(chain.map { .string(PEM.text($0, label: "CERTIFICATE")) })),
    ]).canonicalBytes()
    return CitizenIdentity(identifier: try identifier.value(in: certificate), evidence: evidence)
  }
}
