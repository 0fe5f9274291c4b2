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
}

extension ServiceLimits {
  /// Limits of time that no test reaches.
  package static var patient: ServiceLimits {
    var limits = ServiceLimits()
    limits.headerSeconds = 300
    limits.bodySeconds = 300
    limits.idleSeconds = 300
    limits.writeSeconds = 300
    limits.shutdownSeconds = 300
    return limits
  }
}
