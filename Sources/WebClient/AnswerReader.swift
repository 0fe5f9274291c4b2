// SPDX-License-Identifier: Apache-2.0

/// Sends one request and reads its answer.
struct AnswerReader {
  private let limit: Int
  private var parser = ResponseParser()

  /// - Parameter limit: the longest body of a success, in bytes.
  init(limit: Int) { self.limit = limit }

  /// Whether no byte of an answer came.
  var isUntouched: Bool { parser.isUntouched }

  /// - Parameters:
  ///   - take: is offered the pieces of a success's body; those it does not take are kept.
  ///   - keep: gets the connection when it can serve another request.
  mutating func read(
    _ request: [UInt8], _ channel: consuming Channel, _ exchange: Exchange,
    _ take: (ArraySlice<UInt8>) throws(WebError) -> Bool,
    keep: (consuming Channel) -> Void
  ) throws(WebError) -> WebResponse {
    let isSent = try channel.write(request, exchange)
    var head: ResponseHead?
    var body: [UInt8] = []
    var received = 0
    while !parser.isDone {
      var input = try channel.read(exchange)[...]
      guard !input.isEmpty else {
        throw .interrupted(exchange.path, "the connection ended before the answer was complete")
      }
      while let event = try next(&input, exchange) {
        switch event {
        case .head(let found):
          head = found
          if (200..<300).contains(found.status), let text = found.value("content-length"),
            let length = Int(text), length > limit
          {
            throw .tooLarge(exchange.path, limit)
          }
        case .body(let piece):
          let isSuccess = (200..<300).contains(head?.status ?? 0)
          received += piece.count
          if isSuccess {
            guard received <= limit else { throw .tooLarge(exchange.path, limit) }
            if try !take(piece) { body += piece }
          } else {
            body += piece.prefix(WebClient.problemByteCount - body.count)
            // The rest of an error page is not worth waiting for.
            if body.count == WebClient.problemByteCount, let head { return response(head, body) }
          }
        case .end:
          guard input.isEmpty else {
            throw .malformed(exchange.path, "nothing behind the answer")
          }
        }
        if parser.isDone && input.isEmpty { break }
      }
    }
    guard let head else { throw .malformed(exchange.path, "a status line") }
    if isSent, head.isPersistent { keep(channel) }
    return response(head, body)
  }

  private mutating func next(
    _ input: inout ArraySlice<UInt8>, _ exchange: Exchange
  ) throws(WebError) -> ResponseParser.Event? {
    do { return try parser.next(&input) } catch { throw .malformed(exchange.path, error.rule) }
  }

  private func response(_ head: ResponseHead, _ body: [UInt8]) -> WebResponse {
    let text = head.value("retry-after") ?? ""
    // A date is not read; the policy's own pause is as good.
    let isNumber =
      (1...9).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    return WebResponse(
      status: head.status, contentType: head.value("content-type"),
      retryAfter: isNumber ? Int(text) : nil, body: body)
  }
}
