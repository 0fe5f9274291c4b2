// SPDX-License-Identifier: Apache-2.0

import Foundation
import StrictJSON
import TestSupport
import Testing

/// `Specs/openapi/ballot-box.yaml`, as `Tests/Scripts/openapi.py` reads it.
struct OpenAPIDocument: Sendable {
  /// Statuses by route, such as `GET /ballots/{code}`.
  let statuses: [String: Set<Int>]

  static let ballotBox = Result { try OpenAPIDocument() }

  private init() throws {
    let (status, text) = try Self.run([])
    try #require(status == 0, "\(text)")
    guard case .object(let members) = try JSONValue(parsing: Array(text.utf8)) else {
      throw Call.Broken(description: "no routes: \(text)")
    }
    var statuses: [String: Set<Int>] = [:]
    for member in members {
      guard case .array(let values) = member.value else { continue }
      statuses[member.name] = Set(
        values.compactMap { if case .integer(let code) = $0 { Int(code) } else { nil } })
    }
    self.statuses = statuses
  }

  /// Runs the script; its status, and what it printed.
  static func run(_ arguments: [String]) throws -> (Int32, String) {
    let run = try ToolRun.python(
      "Tests/Scripts/openapi.py", ["Specs/openapi/ballot-box.yaml"] + arguments)
    return (run.status, run.text)
  }

  /// The route that a path belongs to; nil if there is none.
  static func route(_ path: String) -> String? {
    let path = path.prefix { $0 != "?" }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
      .map(String.init)
    switch (parts.first, parts.count) {
    case ("tile", 2...): return "/tile/{path}"
    case ("ballots", 2): return "/ballots/{code}"
    case ("ballots", 3) where parts[2] == "cast" || parts[2] == "challenge":
      return "/ballots/{code}/\(parts[2])"
    case ("entries", 2): return "/entries/{leaf}"
    case (let name?, 1): return "/\(name)"
    default: return nil
    }
  }

  /// Every status that a test sees is in the document.
  static func expectDocumented(_ call: Call, _ status: Int) throws {
    let document = try ballotBox.get()
    let method = call.method == "HEAD" ? "GET" : call.method
    if let route = route(call.path), let known = document.statuses["\(method) \(route)"] {
      #expect(known.contains(status), "\(method) \(route) answers \(status)")
      return
    }
    #expect([400, 404, 405].contains(status), "\(method) \(call.path) answers \(status)")
  }
}
