// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import Ledger
import LedgerFiles
import Testing

/// A folder that goes when the test is over.
final class TemporaryFolder {
  let path: String

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("urna-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
  }

  func write(_ bytes: [UInt8], _ name: String) throws {
    let url = URL(fileURLWithPath: "\(path)/\(name)")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(path)/\(name)")
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: "\(path)/\(name)")
  }

  /// Every file below the folder.
  func files() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: path).filter {
      var isDirectory: ObjCBool = false
      return unsafe FileManager.default.fileExists(
        atPath: "\(path)/\($0)", isDirectory: &isDirectory)
        && !isDirectory.boolValue
    }.sorted()
  }
}

func signer(seed: UInt8 = 1) throws -> NoteSigner {
  try NoteSigner(
    name: "example.org/election",
    key: Ed25519.PrivateKey(seed: SecretBytes(copying: [UInt8](repeating: seed, count: 32))))
}

/// Entries that differ by number. The signature is not looked at by the ledger's files, so one
/// key signs a single time and the rest borrows its form.
func items(_ numbers: Range<Int>, payloadSize: Int = 20) throws -> [RecordWriter.Item] {
  try numbers.map { number in
    let payload = [UInt8]("{\"n\":\(number)}".utf8) + [UInt8](repeating: 0x20, count: payloadSize)
    let signature = String(repeating: "0", count: 128)
    let leaf =
      "{\"by\":\"commission\",\"payload\":{\"sha256\":\"\(SHA256.hash(payload).hex)\","
      + "\"size\":\(payload.count)},\"signature\":\"\(signature)\",\"type\":\"test.entry\",\"version\":1}"
    return (try LedgerEntry(bytes: [UInt8](leaf.utf8)).bytes, payload)
  }
}
