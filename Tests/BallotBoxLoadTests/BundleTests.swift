// SPDX-License-Identifier: Apache-2.0

import BallotBoxLoad
import Cryptography
import Foundation
import Testing

/// A bundle that is read wrongly would send other ballots than were made.
@Suite struct BundleTests {
  private static func ballot(_ number: Int) -> PreparedBallot {
    let bytes = SHA256.hash(Array("\(number)".utf8))
    return PreparedBallot(
      code: bytes, submission: Array(repeating: UInt8(number % 251), count: 1 + number % 700),
      cast: Array("cast \(number)".utf8))
  }

  private static func folder() throws -> String {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "urna-bundles-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url.path
  }

  @Test func ballotsComeBackAcrossFiles() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let count = BallotBundle.ballotCount + 3
    let writer = BallotBundleWriter(folder: folder)
    for number in 0..<count { try writer.add(Self.ballot(number)) }
    try writer.finish()
    #expect(FileManager.default.fileExists(atPath: "\(folder)/\(BallotBundle.fileName(1))"))
    let reader = BallotBundleReader(folder: folder, count: count)
    for number in 0..<count { #expect(try reader.next() == Self.ballot(number)) }
    #expect(try reader.next() == nil)
  }

  @Test func aBundleThatIsCutOffIsNamed() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let writer = BallotBundleWriter(folder: folder)
    for number in 0..<2 { try writer.add(Self.ballot(number)) }
    try writer.finish()
    let path = "\(folder)/\(BallotBundle.fileName(0))"
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    try whole.dropLast().write(to: URL(fileURLWithPath: path))
    let reader = BallotBundleReader(folder: folder, count: 2)
    #expect(try reader.next() == Self.ballot(0))
    #expect(throws: LoadError.prepared("\(path): ends too early")) { try reader.next() }
  }

  @Test func aMissingBundleIsNamed() throws {
    let folder = try Self.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(throws: LoadError.self) {
      try BallotBundleReader(folder: folder, count: 1).next()
    }
  }
}
