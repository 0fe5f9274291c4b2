// SPDX-License-Identifier: Apache-2.0

public import WebClient

/// An identity provider as an issuer knows it: its configuration and its keys, fetched when they are needed and
/// kept for a time.
///
/// A token with an unknown key makes it ask for the keys again, but not more often than once in
/// ``unknownKeyPause``: strangers can make up tokens.
public actor OpenIDProvider {
  /// The name, exactly.
  public nonisolated let issuer: String
  private let client: @Sendable (WebAddress) -> WebClient
  private let lifetime: Duration
  private let unknownKeyPause: Duration
  private let pinned: OpenIDKeySet?
  private let clock = ContinuousClock()
  private var known: Known?
  private var fetching: Task<Result<Known, AuthenticationError>, Never>?
  private var lastFetch: ContinuousClock.Instant?

  private struct Known: Sendable {
    let keys: OpenIDKeySet
    let time: ContinuousClock.Instant
  }

  /// A provider. Nothing is sent yet.
  ///
  /// - Parameters:
  ///   - issuer: `https://…`, without query; `http` only for this machine.
  ///   - lifetime: how long configuration and keys are used before they are fetched again. A key that the provider
  ///     withdraws is believed that long.
  ///   - unknownKeyPause: the shortest time between two fetches for keys that are not known.
  ///   - client: makes the client of a server: other times, or a proxy.
  public init(
    issuer: String, lifetime: Duration = .seconds(3600), unknownKeyPause: Duration = .seconds(60),
    client: @escaping @Sendable (WebAddress) -> WebClient = { WebClient($0) }
  ) {
    self.issuer = issuer
    self.client = client
    self.lifetime = lifetime
    self.unknownKeyPause = unknownKeyPause
    pinned = nil
  }

  /// A provider whose keys the operator has in a file: nothing is fetched, and no other key is believed.
  ///
  /// - Parameter keys: a set of keys (RFC 7517, section 5).
  /// - Throws: ``AuthenticationError/provider(_:)``; ``AuthenticationError/configuration(_:)`` for a set without a
  ///   key that can be used.
  public init(issuer: String, pinnedKeys keys: [UInt8]) throws(AuthenticationError) {
    self.issuer = issuer
    let set = try OpenIDKeySet(keys)
    guard !set.keys.isEmpty else { throw .configuration("the provider has a key") }
    pinned = set
    client = { WebClient($0) }
    lifetime = .zero
    unknownKeyPause = .zero
  }

  /// Fetches configuration and keys, as a server does when it starts, so that it fails then.
  /// - Throws: ``AuthenticationError``.
  public func prepare() async throws(AuthenticationError) {
    if pinned == nil { _ = try await fetch() }
  }

  /// The one key for a token.
  /// - Throws: ``AuthenticationError/token(_:)`` when there is none.
  func key(
    _ identifier: String?, _ algorithm: OpenIDAlgorithm
  ) async throws(AuthenticationError) -> OpenIDKey {
    if let pinned {
      guard let key = pinned.key(identifier, algorithm) else { throw Self.unknownKey }
      return key
    }
    let current: Known
    if let known, clock.now - known.time < lifetime {
      current = known
    } else {
      current = try await fetch()
    }
    if let key = current.keys.key(identifier, algorithm) { return key }
    if let lastFetch, clock.now - lastFetch < unknownKeyPause, fetching == nil {
      throw Self.unknownKey
    }
    guard let key = try await fetch().keys.key(identifier, algorithm) else {
      throw Self.unknownKey
    }
    return key
  }

  private static var unknownKey: AuthenticationError {
    .token("the provider has one key with this kid for this algorithm")
  }

  /// One fetch at a time; who comes meanwhile gets its result.
  private func fetch() async throws(AuthenticationError) -> Known {
    let task: Task<Result<Known, AuthenticationError>, Never>
    if let fetching {
      task = fetching
    } else {
      lastFetch = clock.now
      let (issuer, client, clock) = (issuer, client, clock)
      task = Task {
        do throws(AuthenticationError) {
          let metadata = try await OpenIDMetadata.discover(issuer, client: client)
          let (server, path) = try metadata.keys.split()
          let document = try await OpenIDJSON.get(
            client(server), path, limit: OpenIDKeySet.maximumByteCount)
          return .success(Known(keys: try OpenIDKeySet(document), time: clock.now))
        } catch { return .failure(error) }
      }
      fetching = task
    }
    let result = await task.value
    if fetching == task { fetching = nil }
    let found = try result.get()
    known = found
    return found
  }
}
