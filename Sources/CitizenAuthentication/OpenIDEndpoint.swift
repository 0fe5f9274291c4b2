// SPDX-License-Identifier: Apache-2.0

internal import WebClient

/// An address of a provider.
struct OpenIDEndpoint: Hashable, Sendable {
  /// As the provider wrote it.
  let text: String

  /// The longest address in bytes.
  static let maximumByteCount = 1024

  /// Reads an address: `https`, or `http` on this machine; ASCII, without user, password and fragment.
  ///
  /// - Throws: ``AuthenticationError/provider(_:)`` with the name of the member, not the address.
  init(_ text: String, _ name: String) throws(AuthenticationError) {
    self.text = text
    let head = text.prefix { !"?#".contains($0) }
    guard text.utf8.count <= Self.maximumByteCount,
      text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !Self.forbidden.contains($0) })
    else {
      throw .provider("\(name) is an address of at most \(Self.maximumByteCount) bytes of ASCII")
    }
    let slashes = head.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    guard slashes.count >= 3 else { throw .provider("\(name) is an address") }
    do throws(WebError) {
      let server = try WebAddress(slashes[..<3].joined(separator: "/"))
      try Self.checkScheme(server, name)
    } catch { throw .provider("\(name): \(error.rule)") }
  }

  private static let forbidden = Array("#\"<>\\^`{|}".utf8)

  /// Without encryption only this machine is spoken to.
  static func checkScheme(_ server: WebAddress, _ name: String) throws(WebError) {
    guard server.scheme == .https || ["127.0.0.1", "::1", "localhost"].contains(server.host) else {
      throw .address(name, "begins with https://")
    }
  }

  /// The server, and the path there, for requests that this program makes itself.
  ///
  /// - Throws: ``AuthenticationError/web(_:)``.
  func split() throws(AuthenticationError) -> (server: WebAddress, path: String) {
    let parts = text.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
    guard parts.count == 4, !parts[3].isEmpty else {
      throw .web(.address("address", "has a path"))
    }
    do { return (try WebAddress(parts[..<3].joined(separator: "/")), String(parts[3])) } catch {
      throw .web(error)
    }
  }
}
