// SPDX-License-Identifier: Apache-2.0

/// Where a server is: `http://` or `https://`, a host, a port where it is not the usual one, and a path in
/// front of everything that is asked for.
///
/// ```
/// address = ("http" / "https") "://" host [":" port] ["/" segment]* ["/"]
/// host    = a name of a-z 0-9 - . (made lower-case) / IPv4 / "[" IPv6 "]"
/// segment = A-Z a-z 0-9 - . _ ~, neither "." nor ".."
/// ```
///
/// User, password, query, fragment and escapes are refused.
public struct WebAddress: Hashable, Sendable, CustomStringConvertible {
  /// The schemes.
  public enum Scheme: String, Sendable {
    /// Without encryption: for one's own machine, or behind a proxy.
    case http
    /// With a certificate that the system's authorities vouch for.
    case https
  }

  /// The scheme.
  public let scheme: Scheme
  /// A name or an address, without brackets.
  public let host: String
  /// 1 to 65535.
  public let port: UInt16
  /// Empty, or a path that begins with a slash and ends without one.
  public let prefix: String

  /// The longest address in bytes.
  public static let maximumByteCount = 1024

  /// Whether a text is meant as a URL and not as a file's path.
  public static func isMeant(by text: String) -> Bool {
    let scheme = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
    return !scheme.isEmpty && text[scheme.endIndex...].hasPrefix("://")
  }

  /// Reads an address.
  ///
  /// - Throws: ``WebError/address(_:_:)`` for anything else.
  public init(_ text: String) throws(WebError) {
    func refusal(_ rule: String) -> WebError {
      // What was refused may hold a password; it is not repeated.
      .address("address", rule)
    }
    guard text.utf8.count <= Self.maximumByteCount else {
      throw refusal("at most \(Self.maximumByteCount) bytes")
    }
    let bytes = Array(text.utf8)
    guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw refusal("ASCII without spaces")
    }
    var rest = text[...]
    if rest.hasPrefix("https://") {
      scheme = .https
      rest = rest.dropFirst(8)
    } else if rest.hasPrefix("http://") {
      scheme = .http
      rest = rest.dropFirst(7)
    } else {
      throw refusal("begins with http:// or https://")
    }
    let authority = rest.prefix { $0 != "/" }
    rest = rest.dropFirst(authority.count)
    guard !authority.contains("@") else { throw refusal("without user and password") }
    let (host, port) = try Self.split(authority, scheme)
    self.host = host
    self.port = port
    prefix = try Self.prefix(rest)
  }

  private static func split(
    _ authority: Substring, _ scheme: Scheme
  ) throws(WebError) -> (String, UInt16) {
    var host = authority
    var portText: Substring?
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else {
        throw .address("address", "an IPv6 address ends with a bracket")
      }
      host = authority[authority.index(after: authority.startIndex)..<end]
      let behind = authority[authority.index(after: end)...]
      if behind.hasPrefix(":") {
        portText = behind.dropFirst()
      } else if !behind.isEmpty {
        throw .address("address", "behind an IPv6 address stands only a port")
      }
      guard host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }), host.contains(":") else {
        throw .address("address", "an IPv6 address of digits, colons and dots")
      }
    } else {
      if let colon = authority.firstIndex(of: ":") {
        host = authority[..<colon]
        portText = authority[authority.index(after: colon)...]
      }
      let labels = host.split(separator: ".", omittingEmptySubsequences: false)
      guard host.utf8.count <= 253,
        labels.allSatisfy({ label in
          (1...63).contains(label.utf8.count)
            && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
        })
      else { throw .address("address", "a host's name of letters, digits, - and .") }
    }
    guard let portText else { return (host.lowercased(), scheme == .https ? 443 : 80) }
    guard let port = UInt16(portText), port > 0, String(port) == portText else {
      throw .address("address", "a port from 1 to 65535")
    }
    return (host.lowercased(), port)
  }

  private static func prefix(_ text: Substring) throws(WebError) -> String {
    var text = text
    if text.hasSuffix("/") { text = text.dropLast() }
    if text.isEmpty { return "" }
    let segments = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    for segment in segments {
      guard !segment.isEmpty, segment != ".", segment != "..",
        segment.utf8.allSatisfy(WebPath.isPlain)
      else { throw .address("address", "a path of letters, digits and - . _ ~, without query") }
    }
    return String(text)
  }

  /// What a request names as the host.
  var hostField: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port == (scheme == .https ? 443 : 80) ? name : "\(name):\(port)"
  }

  /// The address in its one spelling, without a slash at the end.
  public var description: String { "\(scheme.rawValue)://\(hostField)\(prefix)" }
}

/// Paths of requests, relative to a ``WebAddress``.
enum WebPath {
  /// Letters, digits and `- . _ ~`, which mean themselves in every URL.
  static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      true
    default: false
    }
  }

  /// Demands segments of plain characters, and at most one query of plain characters, `=` and `&`.
  static func check(_ path: String) throws(WebError) {
    let parts = path.utf8.split(separator: UInt8(ascii: "?"), omittingEmptySubsequences: false)
    guard path.utf8.count <= 512, var front = parts.first, parts.count <= 2 else {
      throw .address("path", "at most 512 bytes and one query")
    }
    // Some servers have addresses that end with a slash.
    if front.count > 1, front.last == UInt8(ascii: "/") { front.removeLast() }
    guard
      front.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy({
        !$0.isEmpty && $0.allSatisfy(isPlain) && !$0.elementsEqual(".".utf8)
          && !$0.elementsEqual("..".utf8)
      }),
      parts.dropFirst().allSatisfy({
        $0.allSatisfy { isPlain($0) || $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "&") }
      })
    else { throw .address("path", "segments of letters, digits and - . _ ~, joined by slashes") }
  }
}
