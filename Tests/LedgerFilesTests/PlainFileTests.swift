// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import LedgerFiles
import TestSupport
import Testing

@Suite struct PlainFileTests {
  @Test func atomicWriteReplacesAndSetsPermissions() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/secret"
    try AtomicFile.write([1, 2, 3], to: path, permissions: 0o600)
    try AtomicFile.write([4], to: path, permissions: 0o600)
    #expect(try BoundedFile.read(path, limit: 1) == [4])
    #expect(try folder.files() == ["secret"])
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(throws: FileError.self) { try AtomicFile.write([1], to: "\(folder.path)/no/file") }
    #expect(throws: FileError.self) { try AtomicFile.write([1], to: "\(folder.path)/") }
    // A directory cannot be replaced; nothing is left behind.
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/folder", withIntermediateDirectories: true)
    #expect(throws: FileError.self) { try AtomicFile.write([1], to: "\(folder.path)/folder") }
    #expect(try folder.files() == ["secret"])
  }

  /// What a killed writer left goes; what another one is at work on, and what only looks like it, stays.
  @Test func leftoversAreRemoved() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/secret"
    let others = [
      ".other.0123456789ABCDEF.tmp", ".secret.0123.tmp", ".secret.0123456789ABCDEF.txt", "secret",
    ]
    for name in others { try folder.write([1], name) }
    try folder.write([2], ".secret.0123456789ABCDEF.tmp")
    try folder.write([3], ".secret.FEDCBA9876543210.tmp")
    let held = try FileHandle(
      forReadingFrom: URL(fileURLWithPath: "\(folder.path)/.secret.FEDCBA9876543210.tmp"))
    #expect(flock(held.fileDescriptor, LOCK_EX) == 0)
    try AtomicFile.removeLeftovers(of: path)
    #expect(try folder.files() == (others + [".secret.FEDCBA9876543210.tmp"]).sorted())
    try held.close()
    try AtomicFile.removeLeftovers(of: path)
    #expect(try folder.files() == others.sorted())
    // Somebody else's is none of ours, and keeps nobody from writing. Only the administrator can make one here.
    if geteuid() == 0 {
      try folder.write([4], ".secret.0123456789ABCDEF.tmp")
      #expect(unsafe chown("\(folder.path)/.secret.0123456789ABCDEF.tmp", 65_534, 65_534) == 0)
      try AtomicFile.removeLeftovers(of: path)
      #expect(folder.exists(".secret.0123456789ABCDEF.tmp"))
    }
    #expect(throws: FileError.self) {
      try AtomicFile.removeLeftovers(of: "\(folder.path)/no/secret")
    }
  }

  @Test func boundedReadNamesTheFile() throws {
    let folder = try TemporaryFolder()
    try folder.write([1, 2, 3], "x")
    #expect(try BoundedFile.read("\(folder.path)/x", limit: 3) == [1, 2, 3])
    #expect(throws: FileError("\(folder.path)/x", "at most 2 bytes")) {
      try BoundedFile.read("\(folder.path)/x", limit: 2)
    }
    #expect(throws: FileError.missing("\(folder.path)/y")) {
      try BoundedFile.read("\(folder.path)/y", limit: 2)
    }
    #expect(throws: FileError(folder.path, "a regular file")) {
      try BoundedFile.read(folder.path, limit: 2)
    }
    #expect(throws: FileError.self) { try BoundedFile.read("", limit: 2) }
  }

  // adversary: L-08
  @Test func pathsStayInside() throws {
    let folder = try TemporaryFolder()
    try folder.write([1], "inside/x")
    try folder.write([2], "outside")
    let files = LocalFileSystem(root: "\(folder.path)/inside")
    #expect(try files.read("x", limit: 1) == [1])
    for path in ["../outside", "./x", "", "..", "a/../../outside", "x\u{0}y", "x/y"] {
      #expect(throws: FileError.self, "\(path)") { try files.read(path, limit: 1) }
    }
    for path in ["../new", "..", ".", "", "y/../../new"] {
      #expect(throws: FileError.self, "\(path)") {
        try files.write([1], to: path, permissions: 0o644)
      }
    }
    #expect(!folder.exists("new"))
  }
}
