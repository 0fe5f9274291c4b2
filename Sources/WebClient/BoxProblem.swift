// SPDX-License-Identifier: Apache-2.0

internal import StrictJSON

/// Why a ballot box took an entry not in (RFC 9457, `application/problem+json`). What a server wrote is
/// for people to read, and is not trusted: characters that a terminal would obey are replaced.
public struct BoxProblem: Hashable, Sendable {
  /// The status of the answer.
  public let status: Int
  /// What sort of problem it is, in words.
  public let title: String
  /// What is special about this case.
  public let detail: String?
  /// The identifiers of the rules that the entry breaks, as the box says, in its order.
  public let rules: [String]

  /// The media type.
  public static let mediaType = "application/problem+json"
  private static let maximumTextByteCount = 2048
  private static let maximumRuleCount = 64

  /// Reads an answer; one that is no problem in the format gives its status alone.
  package init(_ response: WebResponse) {
    status = response.status
    var title = "the ballot box answers \(response.status)"
    var detail: String?
    var rules: [String] = []
    if response.isType(Self.mediaType) {
      do throws(JSONError) {
        let fields = try JSONReader(
          try JSONValue(
            parsing: response.body,
            limits: JSONLimits(
              maxBytes: WebClient.problemByteCount, maxDepth: 8, maxStringBytes: 8192,
              maxItems: 1000,
              maxMembers: 64))
        ).openFields()
        if let text = fields.optional("title") { title = try Self.text(text) }
        if let text = fields.optional("detail") { detail = try Self.text(text) }
        if let items = fields.optional("rules") {
          for item in try items.array(0...Self.maximumRuleCount) {
            rules.append(try Self.text(try item.openFields()["id"]))
          }
        } else if let rule = fields.optional("rule") {
          rules.append(try Self.text(rule))
        }
      } catch {
        // What was read before stays; it is for people.
      }
    }
    self.title = title
    self.detail = detail
    self.rules = rules
  }

  private static func text(_ reader: JSONReader) throws(JSONError) -> String {
    PlainText.shown(try reader.string(maxBytes: maximumTextByteCount))
  }
}

/// Texts of servers, as a terminal may show them.
package enum PlainText {
  /// The text with every character replaced that is neither visible nor a space: control characters,
  /// changes of direction, line ends.
  package static func shown(_ text: String) -> String {
    var shown = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
        .unassigned:
        shown.append("\u{FFFD}")
      default: shown.append(scalar)
      }
    }
    return String(shown)
  }
}
