// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes
public import Hummingbird
internal import NIOCore

extension Response {
  /// Bytes that will never be others under this path: a tile, a bundle. Every cache may keep them for
  /// a year (RFC 8246 for `immutable`).
  public static func immutable(
    _ bytes: [UInt8], contentType: String = "application/octet-stream",
    headers: HTTPFields = [:]
  ) -> Response {
    cached(bytes, contentType, "public, max-age=31536000, immutable", headers)
  }

  /// A text that changes: a checkpoint. Caches may keep it for a few seconds.
  ///
  /// - Parameter seconds: 0 means that every cache asks again.
  public static func shortLived(
    _ text: [UInt8], seconds: Int, contentType: String = "text/plain; charset=utf-8",
    headers: HTTPFields = [:]
  ) -> Response {
    let control = seconds > 0 ? "public, max-age=\(seconds)" : "no-cache"
    return cached(text, contentType, control, headers)
  }

  /// An answer for the one who asked: nobody keeps it.
  public static func uncached(
    _ status: HTTPResponse.Status = .ok, _ bytes: [UInt8], contentType: String,
    headers: HTTPFields = [:]
  ) -> Response {
    var response = cached(bytes, contentType, "no-store", headers)
    response.status = status
    return response
  }

  private static func cached(
    _ bytes: [UInt8], _ contentType: String, _ control: String, _ headers: HTTPFields
  ) -> Response {
    var fields = headers
    fields[.contentType] = contentType
    fields[.cacheControl] = control
    return Response(
      status: .ok, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}
