// SPDX-License-Identifier: Apache-2.0

import Foundation
import LedgerFiles
import TestSupport
import Testing

/// A file that goes while it is served.
@Suite struct OpenFileTests {
  // adversary: L-01
  @Test func isReadToItsEndWhenItsNameGoes() throws {
    let folder = try TemporaryFolder()
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    try folder.write(bytes, "tile")
    let file = try OpenFile(folder.path + "/tile")
    #expect(file.byteCount == bytes.count)
    #expect(try file.read(10, at: 0) == Array(bytes[..<10]))
    try FileManager.default.removeItem(atPath: folder.path + "/tile")
    #expect(try file.read(bytes.count - 10, at: 10) == Array(bytes[10...]))
    #expect(throws: FileError.self) { try file.read(1, at: bytes.count) }
  }

  @Test func othersAreNotOpened() throws {
    let folder = try TemporaryFolder()
    do throws(FileError) {
      _ = try OpenFile(folder.path + "/none")
      Issue.record("there is no such file")
    } catch { #expect(error.isMissing) }
    #expect(throws: FileError.self) { try OpenFile(folder.path) }
    try folder.write([1], "file")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/link", withDestinationPath: folder.path + "/file")
    #expect(throws: FileError.self) { try OpenFile(folder.path + "/link") }
  }
}
