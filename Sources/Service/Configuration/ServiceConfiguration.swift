// SPDX-License-Identifier: Apache-2.0

public import Logging

/// How a server listens, what it grants, and what it logs.
///
/// `Specs/service.md` has the keys, their defaults and the order in which flags, environment and file
/// count.
public struct ServiceConfiguration: Sendable {
  /// The address to listen on, a name or a number.
  public var host: String
  /// The port to listen on; 0 lets the system choose.
  public var port: Int
  /// A file that gets the port, in decimal with a line break, once the server listens.
  public var portFile: String?
  /// What clients are granted.
  public var limits: ServiceLimits
  /// The least serious level that is logged.
  public var logLevel: Logger.Level
  #if TLS
    /// Certificate chain and private key. Without them the server speaks plain HTTP.
    public var tls: TLSFiles?
  #endif

  #if TLS
    /// Files of a server's identity, all PEM (RFC 7468).
    public struct TLSFiles: Hashable, Sendable {
      /// The certificate chain, the server's own first.
      public var certificate: String
      /// The private key, readable by its owner only.
      public var privateKey: String
      /// The authorities of clients' certificates, anchors and those between; nil: clients are not asked for one.
      /// A client may come without; one with a certificate that does not hold is turned away.
      public var clientAuthorities: String?

      /// Paths.
      public init(certificate: String, privateKey: String, clientAuthorities: String? = nil) {
        self.certificate = certificate
        self.privateKey = privateKey
        self.clientAuthorities = clientAuthorities
      }
    }
  #endif

  /// A configuration of defaults: this machine only.
  public init(host: String = "127.0.0.1", port: Int = 8080) {
    self.host = host
    self.port = port
    limits = ServiceLimits()
    logLevel = .info
  }

  /// All keys that servers share. A program adds its own.
  public static let keys: [ConfigurationKey] = {
    var keys: [ConfigurationKey] = [
      .string("host"), .integer("port", 0...65535), .string("portFile"),
      ConfigurationKey("log.level", .choice(Logger.Level.allCases.map(\.rawValue))),
    ]
    keys += ServiceLimits.keys
    #if TLS
      keys += [
        .string("tls.certificate"), .string("tls.privateKey"), .string("tls.clientAuthorities"),
      ]
    #endif
    return keys
  }()

  /// Whether clients are asked for certificates in the handshake of TLS.
  public var asksForCertificates: Bool {
    #if TLS
      return tls?.clientAuthorities != nil
    #else
      return false
    #endif
  }

  /// Reads the shared keys.
  public init(_ settings: Settings) throws(ServiceError) {
    self.init()
    if let host = try settings.string("host") {
      guard !host.isEmpty, !host.utf8.contains(0) else {
        throw settings.failure("host", "an address is required")
      }
      self.host = host
    }
    if let port = try settings.integer("port") { self.port = port }
    portFile = try settings.string("portFile")
    if let name = try settings.string("log.level"), let level = Logger.Level(rawValue: name) {
      logLevel = level
    }
    limits = try ServiceLimits(settings)
    #if TLS
      switch (try settings.string("tls.certificate"), try settings.string("tls.privateKey")) {
      case (nil, nil):
        guard try settings.string("tls.clientAuthorities") == nil else {
          throw settings.failure("tls.certificate", "the key is missing")
        }
        tls = nil
      case (let certificate?, let privateKey?):
        tls = TLSFiles(
          certificate: certificate, privateKey: privateKey,
          clientAuthorities: try settings.string("tls.clientAuthorities"))
      case (nil, _): throw settings.failure("tls.certificate", "the key is missing")
      case (_, nil): throw settings.failure("tls.privateKey", "the key is missing")
      }
    #endif
  }
}
