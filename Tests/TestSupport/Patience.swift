// SPDX-License-Identifier: Apache-2.0

package import Service

/// How long tests wait for what must come. Only what never comes takes longer, also on a machine that does much other
/// work: no test measures time.
package enum Patience {
  /// Seconds.
  package static let seconds = 600
  package static let time = Duration.seconds(seconds)
  package static let milliseconds = Int32(seconds * 1000)
  /// For curl.
  package static let ofCurl = ["--max-time", "\(seconds)"]

  /// Whether work whose time must not grow with a power of its input comes within a time. Other work on the machine
  /// can delay it: one of several runs has to.
  package static func isDone(
    within bound: Duration, _ body: () async throws -> Void
  ) async rethrows -> Bool {
    for _ in 0..<20 {
      let start = ContinuousClock.now
      try await body()
      if ContinuousClock.now - start < bound { return true }
    }
    return false
  }
}

extension ServiceLimits {
  /// The usual limits with other times, in seconds.
  package init(header: Int, body: Int, idle: Int, write: Int, shutdown: Int) {
    self.init()
    headerSeconds = header
    bodySeconds = body
    idleSeconds = idle
    writeSeconds = write
    shutdownSeconds = shutdown
  }

  /// Limits of time that no test reaches.
  package static var patient: ServiceLimits {
    ServiceLimits(header: 300, body: 300, idle: 300, write: 300, shutdown: 300)
  }
}
