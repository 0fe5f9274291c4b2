// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Glibc

extension Program {
  /// SHA-256 of the program's own file, in lower-case hexadecimal as `sha256sum` prints it; `unknown`
  /// where it cannot be read. Reads the whole file: once, at a server's start.
  public static var digest: String {
    let descriptor = unsafe open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "unknown" }
    defer { _ = close(descriptor) }
    var hash = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes {
        unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
      }
      if count == 0 { return hash.finalize().hex.lowercased() }
      if count < 0, errno != EINTR { return "unknown" }
      if count > 0 { hash.update(buffer.prefix(count)) }
    }
  }
}
