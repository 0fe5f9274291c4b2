// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// A SOCKS5 proxy (RFC 1928) that a ``WebClient`` goes through, such as Tor's.
///
/// ```
/// proxy    = "socks5://" [user ":" password "@"] host ":" port
/// user     = 1 to 255 of A-Z a-z 0-9 - . _ ~ ! $ & ' ( ) * + , ; =
/// password = as user
/// host     = a name of a-z 0-9 - . / IPv4 / "[" IPv6 "]"
/// ```
///
/// The server's name goes to the proxy as it is: this device asks no resolver about it. Only a proxy that is
/// itself given by a name, and not as an address such as `127.0.0.1`, has that name looked up.
///
/// User and password are secret: they are wiped with the last copy, and no description, mirror or error has
/// them. They go to the proxy without encryption, as RFC 1929 wants it, which suits a proxy on one's own machine.
public struct SOCKSProxy: Sendable {
  /// The longest text of a proxy in bytes.
  public static let maximumByteCount = 1024

  /// Where the proxy listens; scheme and prefix mean nothing here.
  let endpoint: WebAddress
  /// nil: the proxy must let everybody in.
  let credentials: Credentials?

  /// User and password as the message in which they are sent.
  final class Credentials: Sendable {
    /// RFC 1929, section 2: version 1, length and bytes of the user, length and bytes of the password. Secret.
    let message: SecretBytes

    fileprivate init(user: some Collection<UInt8>, password: some Collection<UInt8>) {
      var bytes: [UInt8] = []
      // Growing would leave copies behind.
      bytes.reserveCapacity(3 + user.count + password.count)
      bytes.append(1)
      bytes.append(UInt8(clamping: user.count))
      bytes += user
      bytes.append(UInt8(clamping: password.count))
      bytes += password
      message = SecretBytes.wiping(&bytes)
    }
  }

  private init(endpoint: WebAddress, credentials: Credentials?) {
    self.endpoint = endpoint
    self.credentials = credentials
  }

  /// Reads a proxy. The memory of `text`, which may hold a password, is the caller's.
  ///
  /// - Throws: ``WebError/address(_:_:)`` for anything else than the form above; it repeats nothing of the text.
  public init(_ text: String) throws(WebError) {
    guard text.utf8.count <= Self.maximumByteCount else {
      throw .address("proxy", "at most \(Self.maximumByteCount) bytes")
    }
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw .address("proxy", "ASCII without spaces")
    }
    let scheme = "socks5://"
    guard text.hasPrefix(scheme) else { throw .address("proxy", "begins with \(scheme)") }
    let parts = text.dropFirst(scheme.count).split(
      separator: "@", omittingEmptySubsequences: false)
    guard parts.count <= 2, let authority = parts.last else {
      throw .address("proxy", "user, password and host without @")
    }
    endpoint = try Self.endpoint(authority)
    credentials = parts.count == 2 ? try Self.credentials(parts[0]) : nil
  }

  /// The same proxy with a user and a password that are new and random, 128 bits each, in place of any others.
  ///
  /// Tor gives streams with different credentials different circuits (`IsolateSOCKSAuth`, which is on unless
  /// switched off), so that two clients over two such proxies are not seen to belong together. One ``WebClient``
  /// keeps its credentials. Other proxies refuse what they do not know.
  ///
  /// - Throws: ``Cryptography/CryptographyError/randomnessUnavailable``.
  public func isolated() throws(CryptographyError) -> SOCKSProxy {
    let user = Hex.encode(try SecureRandom.bytes(16))
    let password = Hex.encode(try SecureRandom.bytes(16))
    return SOCKSProxy(
      endpoint: endpoint, credentials: Credentials(user: user.utf8, password: password.utf8))
  }

  /// The proxy's name or address, without brackets.
  public var host: String { endpoint.host }

  /// The proxy's port, 1 to 65535.
  public var port: UInt16 { endpoint.port }

  /// Whether the client signs in. A proxy that does not ask for that is refused then: isolation would be lost.
  public var hasCredentials: Bool { credentials != nil }

  private static func endpoint(_ authority: Substring) throws(WebError) -> WebAddress {
    guard !authority.contains("/") else { throw .address("proxy", "nothing behind the port") }
    let address: WebAddress
    do throws(WebError) {
      address = try WebAddress("http://\(authority)")
    } catch {
      throw .address("proxy", error.rule)
    }
    // A web address may leave its port out.
    guard let colon = authority.lastIndex(of: ":"),
      authority[authority.index(after: colon)...] == String(address.port)
    else { throw .address("proxy", "a port from 1 to 65535") }
    return address
  }

  private static func credentials(_ text: Substring) throws(WebError) -> Credentials {
    let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    let others = "!$&'()*+,;=".utf8
    guard parts.count == 2,
      parts.allSatisfy({ part in
        (1...255).contains(part.count)
          && part.allSatisfy { WebPath.isPlain($0) || others.contains($0) }
      })
    else {
      throw .address(
        "proxy", "user:password of 1 to 255 letters, digits and - . _ ~ ! $ & ' ( ) * + , ; = each")
    }
    return Credentials(user: parts[0], password: parts[1])
  }
}

extension SOCKSProxy: CustomStringConvertible, CustomReflectable {
  /// Scheme, host and port, without user and password.
  public var description: String {
    "socks5://\(host.contains(":") ? "[\(host)]" : host):\(port)"
  }

  /// Shows as much as the description.
  public var customMirror: Mirror {
    Mirror(self, children: ["host": host, "port": port] as KeyValuePairs<String, Any>)
  }
}
