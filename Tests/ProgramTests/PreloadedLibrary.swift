// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// A library that is loaded before the C library, compiled from a source of the tests.
final class PreloadedLibrary: Sendable {
  private let folder: TemporaryFolder

  var path: String { folder / "library.so" }

  /// - Parameter untilExit: whether it is held by all tests until the process ends.
  init(_ source: String, untilExit: Bool = false) throws {
    folder = try TemporaryFolder("library", untilExit: untilExit)
    let run = try ToolRun(
      "/usr/bin/env",
      [
        "clang", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o",
        folder / "library.so", Shared.repository.appendingPathComponent(source).path, "-ldl",
      ])
    try #require(run.status == 0, "\(run.text)")
  }

  /// The variable that names such libraries.
  static let variable = "LD_PRELOAD"

  /// Both sets of variables; the libraries of both are loaded.
  static func join(_ one: [String: String], _ other: [String: String]) -> [String: String] {
    var all = one.merging(other) { $1 }
    let libraries = [one, other].compactMap { $0[variable] }
    if !libraries.isEmpty { all[variable] = libraries.joined(separator: ":") }
    return all
  }
}
