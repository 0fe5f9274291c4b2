// SPDX-License-Identifier: Apache-2.0

internal import HummingbirdCore
internal import NIOCore
internal import Synchronization

#if TLS
  internal import HummingbirdHTTP2
  internal import HummingbirdTLS
  internal import NIOSSL
#endif

/// Builds the stack of a connection: guards, TLS if there are files for it, HTTP/1 or HTTP/2.
enum ServerBuilder {
  static func builder(
    _ configuration: ServiceConfiguration, limits: ServiceLimits, registry: ConnectionRegistry
  ) throws -> HTTPServerBuilder {
    #if TLS
      if let files = configuration.tls {
        return try secure(files, limits: limits, registry: registry)
      }
    #endif
    return HTTPServerBuilder { responder in
      GuardedChannel(
        base: HTTP1Channel(
          responder: responder, configuration: http1(limits, isSecure: false)),
        registry: registry)
    }
  }

  private static func http1(
    _ limits: ServiceLimits, isSecure: Bool
  ) -> HTTP1Channel.Configuration {
    HTTP1Channel.Configuration(
      additionalChannelHandlers: [GuardInstaller(isSecure: isSecure)],
      // The guards keep the time: Hummingbird's own clock starts again with each piece of a body.
      idleTimeout: nil,
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: limits.headBytes, maxHeaderListSize: limits.headBytes,
        maxHeaderFieldCount: limits.headFields))
  }

  #if TLS
    /// TLS 1.2 and later, with HTTP/2 where the client speaks it (RFC 9113).
    private static func secure(
      _ files: ServiceConfiguration.TLSFiles, limits: ServiceLimits, registry: ConnectionRegistry
    ) throws -> HTTPServerBuilder {
      var tls: TLSConfiguration
      do {
        let chain = try NIOSSLCertificate.fromPEMFile(files.certificate)
        let key = try NIOSSLPrivateKey(file: files.privateKey, format: .pem)
        tls = TLSConfiguration.makeServerConfiguration(
          certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
      } catch {
        throw ServiceError.file(path: files.certificate, rule: "a certificate chain and its key")
      }
      tls.minimumTLSVersion = .tlsv12
      if let path = files.clientAuthorities {
        do { tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(path)) } catch {
          throw ServiceError.file(path: path, rule: "the authorities of clients' certificates")
        }
        tls.certificateVerification = .optionalVerification
        // Browsers show their owner the certificates of these authorities.
        tls.sendCANameList = true
      }
      var configuration = HTTP2UpgradeChannel.Configuration(
        idleTimeout: .seconds(limits.idleSeconds), gracefulCloseTimeout: .seconds(5),
        streamConfiguration: http1(limits, isSecure: true))
      configuration.maxAgeTimeout = .seconds(600)
      return HTTPServerBuilder { [tls, configuration] responder in
        GuardedChannel(
          base: try HTTP2UpgradeChannel(
            tlsConfiguration: tls, configuration: configuration, responder: responder),
          registry: registry)
      }
    }
  #endif
}

/// An error of the start, on its way out of a callback that cannot throw.
final class StartFailure: Sendable {
  private let stored = Mutex<(any Error)?>(nil)

  var error: (any Error)? { stored.withLock { $0 } }

  func set(_ error: any Error) { stored.withLock { $0 = $0 ?? error } }
}
