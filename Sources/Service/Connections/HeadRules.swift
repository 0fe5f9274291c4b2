// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import NIOHTTP1

/// What RFC 9112 and RFC 9110 demand of a request's head and the parser does not check, above all
/// whatever lets two readers see two different messages in one.
struct HeadRules {
  /// The status to refuse the request with; nil when it keeps the rules.
  let refusal: HTTPResponse.Status?
  /// No request may follow on the connection.
  let isLast: Bool
  /// The client waits for `100 Continue` before it sends the body.
  let expectsContinue: Bool

  init(_ head: HTTPRequestHead, bodyLimit: Int) {
    let isOld = head.version == .http1_0
    // An upgrade is never made, but the parser stops behind a request that asks for one.
    isLast = isOld || !head.isKeepAlive || head.headers.contains(name: "upgrade")
    let expectations = head.headers["expect"]
    expectsContinue = !isOld && expectations.contains { $0.lowercased() == "100-continue" }
    refusal = Self.refusal(head, bodyLimit, isOld: isOld)
  }

  private static func refusal(
    _ head: HTTPRequestHead, _ bodyLimit: Int, isOld: Bool
  ) -> HTTPResponse.Status? {
    guard head.version == .http1_1 || isOld else { return .httpVersionNotSupported }
    guard head.method != .CONNECT else { return .notImplemented }
    guard isTarget(head.uri) else { return .badRequest }
    let hosts = head.headers["host"].count
    // RFC 9112 section 3.2.
    guard hosts == 1 || (isOld && hosts == 0) else { return .badRequest }
    for (name, value) in head.headers {
      guard isToken(name), value.utf8.allSatisfy(isFieldByte) else { return .badRequest }
    }
    let expectations = head.headers["expect"]
    guard expectations.allSatisfy({ $0.lowercased() == "100-continue" }) else {
      return .expectationFailed
    }
    return framing(head, bodyLimit, isOld: isOld)
  }

  /// RFC 9112 section 6: one way to tell where the body ends, and only one.
  private static func framing(
    _ head: HTTPRequestHead, _ bodyLimit: Int, isOld: Bool
  ) -> HTTPResponse.Status? {
    let codings = head.headers["transfer-encoding"]
    let lengths = head.headers["content-length"]
    if !codings.isEmpty {
      guard lengths.isEmpty, !isOld, codings.count == 1 else { return .badRequest }
      guard codings.allSatisfy({ $0.lowercased() == "chunked" }) else { return .notImplemented }
    }
    guard let length = lengths.first else { return nil }
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard lengths.count == 1, (1...18).contains(length.utf8.count),
      length.utf8.allSatisfy(digits.contains), let count = Int(length)
    else { return .badRequest }
    return count <= bodyLimit ? nil : .contentTooLarge
  }

  /// Origin form or absolute form of visible ASCII (RFC 9112 section 3.2). `*` is not served.
  private static func isTarget(_ target: String) -> Bool {
    let isKnownForm =
      target.hasPrefix("/") || target.hasPrefix("http://") || target.hasPrefix("https://")
    return isKnownForm && target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }

  /// RFC 9110 section 5.6.2.
  private static func isToken(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }

  /// RFC 9110 section 5.5.
  private static func isFieldByte(_ byte: UInt8) -> Bool {
    byte == 0x09 || (byte >= 0x20 && byte != 0x7F)
  }
}
