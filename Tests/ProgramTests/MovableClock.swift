// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// `Tests/MovableClock`: the time of day of a test's programs, which the test moves on. So nobody waits until a window
/// of an election closes, and none closes while a busy machine is still at work in it.
final class MovableClock: Sendable {
  private static let library = Result {
    try PreloadedLibrary("Tests/MovableClock/movableclock.c", untilExit: true)
  }

  private let file: String
  /// Seconds that it is ahead of this machine's clock.
  private let shift = Mutex<Int64>(0)
  /// The variables that programs are run with.
  let environment: [String: String]

  /// A clock with this machine's time.
  init(in folder: TemporaryFolder) throws {
    file = try folder.write([UInt8](repeating: 0, count: 8), to: "clock")
    environment = [
      PreloadedLibrary.variable: try Self.library.get().path, "URNA_CLOCK": file,
    ]
  }

  /// Seconds since 1970.
  var now: Int { Int(Date().timeIntervalSince1970) + Int(shift.withLock { $0 }) }

  /// Moves it on until a second is over. Programs that run see it at once.
  func move(past second: Int) throws {
    try shift.withLock { shift in
      shift = max(shift, Int64(second + 1 - Int(Date().timeIntervalSince1970)))
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
      try handle.write(contentsOf: unsafe withUnsafeBytes(of: shift) { unsafe Data($0) })
      try handle.close()
    }
  }
}
