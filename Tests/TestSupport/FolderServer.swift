// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Serves the files of a folder as they are, the way any web server would. What it was asked for is noted,
/// and a test may answer some paths itself.
public final class FolderServer: Sendable {
  private final class Log: Sendable {
    let paths = Mutex<[String]>([])
  }

  private let server: RawServer
  private let log = Log()

  /// A server of `folder`.
  ///
  /// - Parameter instead: true when it has answered a path itself.
  public convenience init(
    _ folder: String,
    instead: @escaping @Sendable (String, RawServer.Connection) -> Bool = { _, _ in false }
  ) throws {
    try self.init(folder, answering: { instead($0.path, $1) ? .answered : .file })
  }

  /// What a test does with a request.
  public enum Answer: Sendable {
    /// The file is to be served.
    case file
    /// The test has answered.
    case answered
    /// The connection ends.
    case end
  }

  /// The same with the whole request in the test's hands.
  public init(
    _ folder: String,
    answering answer: @escaping @Sendable (RawServer.Request, RawServer.Connection) -> Answer
  ) throws {
    let log = log
    server = try RawServer(answering: { _, request, connection in
      let path = request.path
      log.paths.withLock { $0.append(path) }
      switch answer(request, connection) {
      case .answered: return true
      case .end: return false
      case .file: break
      }
      guard !path.contains(".."), !path.contains("?"),
        let data = FileManager.default.contents(atPath: "\(folder)/\(path)")
      else { return connection.answer(404, body: Array("no such file".utf8)) }
      return connection.answer(200, body: [UInt8](data))
    })
  }

  /// The paths that were asked for, in order.
  public var paths: [String] { log.paths.withLock { $0 } }

  /// The address of the server.
  public var address: String { server.address }
}
