// SPDX-License-Identifier: Apache-2.0

import COpenSSLTLS

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The client's side of TLS 1.2 or 1.3 over a socket. The certificate must be one for the host, vouched for
/// by the system's authorities (or those of `SSL_CERT_FILE`). It has one owner, so one thread uses it at a time.
@safe struct TLS: ~Copyable, @unchecked Sendable {
  private let context: OpaquePointer
  private let connection: OpaquePointer

  /// OpenSSL writes to the socket by itself, where a lost connection would raise a signal.
  private static let isReady: Bool = {
    signal(SIGPIPE, SIG_IGN)
    return true
  }()

  init(
    _ socket: Int32, host: String, _ identity: ClientIdentity?, _ exchange: Exchange
  ) throws(WebError) {
    guard Self.isReady, let context = unsafe urna_tls_context() else {
      throw .unreachable(exchange.path, "TLS can be set up")
    }
    if let identity,
      unsafe urna_tls_identity(context, identity.certificate, identity.privateKey) != 1
    {
      ERR_clear_error()
      unsafe SSL_CTX_free(context)
      throw .unreachable(exchange.path, "the client's certificate and key can be used")
    }
    let isLiteral = host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." }
    guard
      let connection = unsafe urna_tls_connection(context, socket, host, isLiteral ? 1 : 0)
    else {
      unsafe SSL_CTX_free(context)
      throw .unreachable(exchange.path, "TLS can be set up for this host")
    }
    unsafe self.context = unsafe context
    unsafe self.connection = unsafe connection
  }

  deinit {
    unsafe SSL_free(connection)
    unsafe SSL_CTX_free(context)
  }

  borrowing func handshake(
    _ socket: borrowing Socket, _ exchange: Exchange, _ deadline: Deadline
  ) throws(WebError) {
    while true {
      ERR_clear_error()
      let result = unsafe SSL_do_handshake(connection)
      if result == 1 { return }
      switch outcome(result) {
      case .wantsRead: _ = try socket.wait(for: POLLIN, exchange, deadline)
      case .wantsWrite: _ = try socket.wait(for: POLLOUT, exchange, deadline)
      default:
        if let problem = unsafe urna_tls_certificate_problem(connection) {
          throw .unreachable(exchange.path, "certificate: \(unsafe String(cString: problem))")
        }
        throw .unreachable(exchange.path, "TLS: \(Self.reason())")
      }
    }
  }

  borrowing func write(_ bytes: ArraySlice<UInt8>) -> ChannelOutcome {
    ERR_clear_error()
    let result = unsafe bytes.withUnsafeBytes {
      unsafe SSL_write(connection, $0.baseAddress, Int32(clamping: $0.count))
    }
    return result > 0 ? .count(Int(result)) : outcome(result)
  }

  borrowing func read(into buffer: inout [UInt8]) -> ChannelOutcome {
    ERR_clear_error()
    let result = unsafe buffer.withUnsafeMutableBytes {
      unsafe SSL_read(connection, $0.baseAddress, Int32(clamping: $0.count))
    }
    return result > 0 ? .count(Int(result)) : outcome(result)
  }

  private borrowing func outcome(_ result: Int32) -> ChannelOutcome {
    switch unsafe SSL_get_error(connection, result) {
    case SSL_ERROR_WANT_READ: .wantsRead
    case SSL_ERROR_WANT_WRITE: .wantsWrite
    case SSL_ERROR_ZERO_RETURN: .end
    default: .failed("TLS: \(Self.reason())")
    }
  }

  private static func reason() -> String {
    guard let text = unsafe ERR_reason_error_string(ERR_get_error()) else {
      return "the connection ended"
    }
    return unsafe String(cString: text)
  }
}
