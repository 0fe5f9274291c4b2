// SPDX-License-Identifier: Apache-2.0

/// The certificate that a client shows to servers that ask for one, in files: PEM, the certificate first and its
/// chain behind it; and the private key, PEM without a passphrase. Secret: the second file.
public struct ClientIdentity: Hashable, Sendable {
  /// The path of the certificate.
  public let certificate: String
  /// The path of the private key.
  public let privateKey: String

  /// An identity in two files. They are read when a connection is made.
  public init(certificate: String, privateKey: String) {
    self.certificate = certificate
    self.privateKey = privateKey
  }
}
