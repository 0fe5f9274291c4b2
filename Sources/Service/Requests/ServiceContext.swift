// SPDX-License-Identifier: Apache-2.0

public import Hummingbird

#if TLS
  internal import NIOCore
  internal import NIOSSL
#endif

/// What a route knows about a request besides the request. It has no address of the other side, and
/// none can be got from it.
public struct ServiceContext: RequestContext {
  /// Path parameters and route.
  public var coreContext: CoreRequestContextStorage
  #if TLS
    private let channel: any Channel
  #endif

  /// Takes what Hummingbird needs. Of the channel only the certificate of the other side can be had.
  public init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    #if TLS
      channel = source.channel
    #endif
  }

  /// The certificate that the other side showed in the handshake of TLS, DER; nil where it showed none, and in a
  /// server without TLS. It holds by the authorities of `tls.clientAuthorities`; revocation is not looked at.
  ///
  /// - Throws: errors of the TLS library.
  public func peerCertificate() async throws -> [UInt8]? {
    #if TLS
      // HTTP/2 has a channel for each request; the handshake was the connection's.
      for place in [channel, channel.parent].compactMap({ $0 }) {
        do {
          return try await place.nioSSL_peerCertificate().get()?.toDERBytes()
        } catch ChannelPipelineError.notFound { continue }
      }
    #endif
    return nil
  }
}
