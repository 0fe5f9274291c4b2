// SPDX-License-Identifier: Apache-2.0

public import Hummingbird

/// What a route knows about a request besides the request. It has no address of the other side, and
/// none can be got from it.
public struct ServiceContext: RequestContext {
  /// Path parameters and route.
  public var coreContext: CoreRequestContextStorage

  /// Takes what Hummingbird needs, and leaves the channel.
  public init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
  }
}
