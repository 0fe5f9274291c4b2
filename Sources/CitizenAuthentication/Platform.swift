// SPDX-License-Identifier: Apache-2.0

#if canImport(Musl)
  internal import Musl

  /// Constants that the C libraries give different types.
  enum Platform {
    static let streamSocket = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC
    static let noSignal = MSG_NOSIGNAL
  }
#else
  internal import Glibc

  /// Constants that the C libraries give different types.
  enum Platform {
    static let streamSocket =
      Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    static let noSignal = Int32(MSG_NOSIGNAL)
  }
#endif
