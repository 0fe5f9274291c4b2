// SPDX-License-Identifier: Apache-2.0

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// An open file of the operating system, closed with its owner. Every call that can be interrupted
/// is repeated.
struct Descriptor: ~Copyable, Sendable {
  private let number: Int32

  init?(_ number: Int32) {
    guard number >= 0 else { return nil }
    self.number = number
  }

  deinit { _ = close(number) }

  /// Opens a path from the working directory or the top.
  static func open(_ path: String, flags: Int32, name: String) throws(FileError) -> Descriptor {
    try open(path, from: AT_FDCWD, flags: flags, mode: 0, name: name)
  }

  /// Opens a path below this directory.
  borrowing func open(
    _ path: String, flags: Int32, mode: mode_t = 0, name: String
  ) throws(FileError) -> Descriptor {
    try Self.open(path, from: number, flags: flags, mode: mode, name: name)
  }

  private static func open(
    _ path: String, from base: Int32, flags: Int32, mode: mode_t, name: String
  ) throws(FileError) -> Descriptor {
    while true {
      let number = unsafe openat(base, path, flags | O_CLOEXEC, mode)
      let code = errno
      if let descriptor = Descriptor(number) { return descriptor }
      switch code {
      case EINTR: continue
      case ENOENT, ENOTDIR: throw .missing(name)
      case ELOOP, EMLINK: throw FileError(name, "not a symbolic link")
      default: throw FileError(name, "can be opened (\(reason(code)))")
      }
    }
  }

  /// Runs a call on the number. The descriptor stays open during the call.
  borrowing func perform<R>(_ call: (Int32) -> R) -> R {
    call(number)
  }

  /// The size of a regular file in bytes.
  borrowing func regularFileSize(name: String) throws(FileError) -> Int {
    var status = stat()
    guard unsafe fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(name, "a regular file")
    }
    return Int(status.st_size)
  }

  /// Exactly `count` bytes from `offset` on.
  borrowing func read(
    _ count: Int, at offset: Int, name: String
  ) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let result = unsafe bytes.withUnsafeMutableBytes { buffer in
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
        return unsafe pread(number, rest.baseAddress, rest.count, off_t(offset + done))
      }
      if result > 0 {
        done += result
      } else if result == 0 {
        throw FileError(name, "as long as it says")
      } else if errno != EINTR {
        throw FileError(name, "can be read (\(Self.reason(errno)))")
      }
    }
    return bytes
  }

  /// Writes all of `bytes`.
  borrowing func write(_ bytes: [UInt8], name: String) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let result = unsafe bytes.withUnsafeBytes { buffer in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
        return unsafe Self.systemWrite(number, rest.baseAddress, rest.count)
      }
      if result >= 0 {
        done += result
      } else if errno != EINTR {
        throw FileError(name, "can be written (\(Self.reason(errno)))")
      }
    }
  }

  /// Waits until the contents are on the disk. An error is final: what the system still holds in
  /// memory after it cannot be relied on.
  borrowing func synchronize(name: String) throws(FileError) {
    guard fsync(number) == 0 else {
      throw FileError(name, "reaches the disk (\(Self.reason(errno)))")
    }
  }

  /// Takes the exclusive lock, without waiting. It goes with the descriptor.
  borrowing func lock() -> Bool {
    flock(number, LOCK_EX | LOCK_NB) == 0
  }

  private static func systemWrite(
    _ number: Int32, _ start: UnsafeRawPointer?, _ count: Int
  ) -> Int {
    #if canImport(Musl)
      unsafe Musl.write(number, start, count)
    #else
      unsafe Glibc.write(number, start, count)
    #endif
  }

  static func reason(_ code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }
}
