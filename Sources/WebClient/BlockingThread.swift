// SPDX-License-Identifier: Apache-2.0

#if canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Work that waits for servers, on threads of its own.
///
/// Not on a dispatch queue: its threads are those that tasks run on, there are few of them, and when all of them
/// wait for servers, nothing else in the process goes on.
enum BlockingThread {
  private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Starts a thread that ends with the work.
  ///
  /// - Returns: whether the system gave one; otherwise nothing is run.
  static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    var attributes = pthread_attr_t()
    guard unsafe pthread_attr_init(&attributes) == 0 else { return false }
    defer { unsafe pthread_attr_destroy(&attributes) }
    guard
      unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED)) == 0,
      unsafe pthread_attr_setstacksize(&attributes, 1 << 20) == 0
    else { return false }
    let work = unsafe Unmanaged.passRetained(Work(body))
    var thread = pthread_t()
    let result = unsafe pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, work.toOpaque())
    if result != 0 { unsafe work.release() }
    return result == 0
  }
}
