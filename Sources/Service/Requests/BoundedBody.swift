// SPDX-License-Identifier: Apache-2.0

public import Hummingbird
internal import HTTPTypes
internal import NIOCore
internal import Synchronization

extension Request {
  /// The whole body, if it is at most `limit` bytes and comes in time.
  ///
  /// - Parameters:
  ///   - limit: bytes. A larger `Content-Length` is refused before anything is read.
  ///   - limits: the time: `bodySeconds`, and more for whoever keeps to `bytesPerSecond`.
  /// - Throws: ``Problem`` 413 for too many bytes, 408 for too much time, 400 for a body that is not as
  ///   long as it says; the connection's own error when it breaks.
  public func boundedBody(_ limit: Int, limits: ServiceLimits) async throws -> [UInt8] {
    let limit = min(limit, limits.bodyBytes)
    let declared = try declaredLength()
    if let declared, declared > limit { throw Self.tooLarge(limit) }
    let progress = BodyProgress()
    let body = self.body
    let bytes = try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
      group.addTask {
        var bytes: [UInt8] = []
        if let declared { bytes.reserveCapacity(declared) }
        for try await part in body {
          guard part.readableBytes <= limit - bytes.count else { throw Self.tooLarge(limit) }
          bytes.append(contentsOf: part.readableBytesView)
          progress.received.store(bytes.count, ordering: .relaxed)
        }
        return bytes
      }
      group.addTask {
        try await progress.waitUntilLate(limits)
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let bytes = first else {
        throw Problem(.requestTimeout, detail: "The body did not come in time.")
      }
      return bytes
    }
    if let declared, declared != bytes.count {
      throw Problem(.badRequest, detail: "The body is not as long as its Content-Length.")
    }
    return bytes
  }

  /// The value of `Content-Length` (RFC 9110 section 8.6).
  private func declaredLength() throws -> Int? {
    guard let text = headers[.contentLength] else { return nil }
    let isNumber = !text.isEmpty && text.utf8.count <= 18 && text.utf8.allSatisfy(Self.isDigit)
    guard isNumber, let length = Int(text) else {
      throw Problem(.badRequest, detail: "Content-Length is not a number.")
    }
    return length
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  private static func tooLarge(_ limit: Int) -> Problem {
    Problem(.contentTooLarge, detail: "The body may have at most \(limit) bytes.")
  }
}

/// How much of a body has come, and since when it is waited for.
private final class BodyProgress: Sendable {
  let start = ContinuousClock.now
  let received = Atomic<Int>(0)

  /// Returns when the body is later than the limits allow.
  func waitUntilLate(_ limits: ServiceLimits) async throws {
    while true {
      let earned = received.load(ordering: .relaxed) / max(1, limits.bytesPerSecond)
      let deadline = start + .seconds(limits.bodySeconds + earned)
      if ContinuousClock.now >= deadline { return }
      try await Task.sleep(until: deadline, clock: .continuous)
    }
  }
}
