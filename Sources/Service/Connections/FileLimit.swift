// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Open files that the system grants the process.
enum FileLimit {
  /// Raises the soft limit to what is needed for so many connections and as many files as requests may
  /// read, if the hard limit allows.
  /// - Returns: the connections that there are files for.
  static func prepare(connections: Int, requests: Int) -> Int {
    let reserve = requests + Self.reserve
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard unsafe getrlimit(resource, &limit) == 0 else { return connections }
    let wanted = rlim_t(connections + reserve)
    if limit.rlim_cur < wanted {
      var raised = limit
      raised.rlim_cur = min(wanted, limit.rlim_max)
      if unsafe setrlimit(resource, &raised) == 0 { limit = raised }
    }
    let granted = limit.rlim_cur > rlim_t(Int32.max) ? Int(Int32.max) : Int(limit.rlim_cur)
    return min(connections, max(16, granted - reserve))
  }

  /// Files for the program itself: libraries, stores, tiles, event loops.
  private static let reserve = 256
}
