// SPDX-License-Identifier: Apache-2.0

#if canImport(Musl)
  import Musl

  /// Constants that the C libraries give different types.
  enum Platform {
    static let stream = SOCK_STREAM
    static let streamSocket = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC
    static let tcp = IPPROTO_TCP
    static let noSignal = MSG_NOSIGNAL
  }
#else
  import Glibc

  /// Constants that the C libraries give different types.
  enum Platform {
    static let stream = Int32(SOCK_STREAM.rawValue)
    static let streamSocket =
      stream | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    static let tcp = Int32(IPPROTO_TCP)
    static let noSignal = Int32(MSG_NOSIGNAL)
  }
#endif
