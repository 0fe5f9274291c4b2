// SPDX-License-Identifier: Apache-2.0

import BallotBoxLoad

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Open files that the system grants this process.
enum OpenFiles {
  /// Raises the soft limit, as far as the hard one allows.
  static func raise(to count: Int) {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard unsafe getrlimit(resource, &limit) == 0, limit.rlim_cur < rlim_t(count) else { return }
    limit.rlim_cur = min(rlim_t(count), limit.rlim_max)
    _ = unsafe setrlimit(resource, &limit)
  }
}

/// Ports that nobody listens on.
enum FreePorts {
  /// Lets the system choose ports. Somebody else may take one later.
  static func find(_ count: Int) throws(LoadError) -> [Int] {
    var sockets: [Int32] = []
    defer { for number in sockets { _ = close(number) } }
    var ports: [Int] = []
    for _ in 0..<count {
      let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      guard number >= 0 else { throw .file("no socket") }
      sockets.append(number)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
          unsafe bind(number, generic, length) == 0 && getsockname(number, generic, &length) == 0
        }
      }
      guard result else { throw .file("no free port") }
      ports.append(Int(UInt16(bigEndian: address.sin_port)))
    }
    return ports
  }
}
