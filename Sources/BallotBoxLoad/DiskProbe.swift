// SPDX-License-Identifier: Apache-2.0

#if canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// How often a disk can be waited for: 4 KiB are appended to a file and `fsync` is called, again and again.
public enum DiskProbe {
  /// The rate in a folder, in calls a second.
  ///
  /// - Parameter time: how long to measure.
  /// - Throws: ``LoadError/file(_:)``.
  public static func rate(in folder: String, for time: Duration) throws(LoadError) -> Double {
    let path = "\(folder)/fsync-probe"
    let number = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw .file("\(path): cannot be written") }
    defer {
      _ = close(number)
      _ = unsafe unlink(path)
    }
    let block = [UInt8](repeating: 0x55, count: 4096)
    let start = ContinuousClock.now
    var count = 0
    while start.duration(to: .now) < time {
      let written = unsafe block.withUnsafeBytes { unsafe write(number, $0.baseAddress, $0.count) }
      guard written == block.count, fsync(number) == 0 else {
        throw .file("\(path): cannot be written")
      }
      count += 1
    }
    return Double(count) / start.duration(to: .now).seconds
  }
}
