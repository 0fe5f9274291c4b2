// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes
public import Hummingbird
internal import NIOCore
public import StrictJSON

/// An answer that says what is wrong (RFC 9457, `application/problem+json`). Routes throw it.
///
/// It tells a person what to do and a program which rule was broken. It never repeats anything of the
/// request.
public struct Problem: Error, Equatable, Sendable, HTTPResponseError {
  /// A URI reference that names the kind of problem (section 3.1.1).
  public var type: String
  /// The kind in words, the same each time (section 3.1.3).
  public var title: String
  /// The status code (section 3.1.2).
  public var status: HTTPResponse.Status
  /// What is special about this occurrence (section 3.1.4).
  public var detail: String?
  /// Further members (section 3.2), such as `rule`. The five standard names are not among them.
  public var extensions: [JSONMember]
  /// Fields of the answer, such as `Retry-After`.
  public var headers: HTTPFields

  /// A problem from its parts.
  ///
  /// - Parameter title: the status's phrase unless given.
  public init(
    _ status: HTTPResponse.Status, type: String = "about:blank", title: String? = nil,
    detail: String? = nil, extensions: [JSONMember] = [], headers: HTTPFields = [:]
  ) {
    self.type = type
    self.title = title ?? (status.reasonPhrase.isEmpty ? "Problem" : status.reasonPhrase)
    self.status = status
    self.detail = detail
    self.extensions = extensions.filter { !Self.standardNames.contains($0.name) }
    self.headers = headers
  }

  /// Too much at once: 503, and when to come again.
  public static func busy(retryAfter seconds: Int, detail: String? = nil) -> Problem {
    Problem(
      .serviceUnavailable, detail: detail, headers: [.retryAfter: String(max(1, seconds))])
  }

  /// The media type.
  public static let mediaType = "application/problem+json"

  private static let standardNames: Set<String> = ["type", "title", "status", "detail", "instance"]

  /// The JSON object.
  public var bytes: [UInt8] {
    var members = [
      JSONMember(name: "type", value: .string(type)),
      JSONMember(name: "title", value: .string(title)),
      JSONMember(name: "status", value: .integer(Int64(status.code))),
    ]
    if let detail { members.append(JSONMember(name: "detail", value: .string(detail))) }
    return JSONValue.object(members + extensions).canonicalBytes()
  }

  /// The answer. It is never stored by a cache.
  public var response: Response {
    var fields = headers
    fields[.contentType] = Self.mediaType
    fields[.cacheControl] = "no-store"
    return Response(
      status: status, headers: fields,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  /// The answer, as Hummingbird asks for it.
  public func response(from request: Request, context: some RequestContext) -> Response {
    response
  }
}
