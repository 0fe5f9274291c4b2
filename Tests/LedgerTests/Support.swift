// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import Ledger
import TestSupport
import Testing

/// Base64 of the vectors, read with another implementation than the one under test.
func base64(_ text: String) throws -> [UInt8] {
  [UInt8](try #require(Data(base64Encoded: text)))
}

func digest(base64 text: String) throws -> Digest { try #require(Digest(base64(text))) }

func decodeShared<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  return try decoder.decode(type, from: Data(try Shared.bytes(path)))
}

func utf8(_ text: String) -> [UInt8] { [UInt8](text.utf8) }

/// Leaf hashes of the decimal numbers 0..<count.
func numberedLeaves(_ count: Int) -> [Digest] {
  (0..<count).map { MerkleTree.leafHash(utf8(String($0))) }
}

/// RFC 6962, section 2.1, as it is written there: slow, recursive, without a shared line of code.
enum SlowTree {
  static func root(_ leaves: ArraySlice<Digest>) -> Digest {
    if leaves.isEmpty { return SHA256.hash([UInt8]()) }
    if leaves.count == 1, let only = leaves.first { return only }
    let k = split(leaves.count)
    return SHA256.hash(
      [1] + root(leaves.prefix(k)).bytes + root(leaves.dropFirst(k)).bytes)
  }

  static func path(_ m: Int, _ leaves: ArraySlice<Digest>) -> [Digest] {
    if leaves.count <= 1 { return [] }
    let k = split(leaves.count)
    return m < k
      ? path(m, leaves.prefix(k)) + [root(leaves.dropFirst(k))]
      : path(m - k, leaves.dropFirst(k)) + [root(leaves.prefix(k))]
  }

  static func proof(_ m: Int, _ leaves: ArraySlice<Digest>, _ complete: Bool = true) -> [Digest] {
    if m == leaves.count { return complete ? [] : [root(leaves)] }
    let k = split(leaves.count)
    return m <= k
      ? proof(m, leaves.prefix(k), complete) + [root(leaves.dropFirst(k))]
      : proof(m - k, leaves.dropFirst(k), false) + [root(leaves.prefix(k))]
  }

  private static func split(_ count: Int) -> Int {
    var k = 1
    while 2 * k < count { k *= 2 }
    return k
  }
}

/// Tiles of a tree in memory.
struct MemoryTiles: TileSource {
  var levels: [[Digest]]

  init(_ leaves: [Digest]) {
    levels = [leaves]
    while let below = levels.last, below.count >= 256 {
      levels.append(
        stride(from: 0, through: below.count - 256, by: 256).map {
          SlowTree.root(below[$0..<$0 + 256])
        })
    }
  }

  func tile(level: Int, index: UInt64, width: Int) throws(LedgerError) -> [UInt8] {
    guard levels.indices.contains(level), let start = Int(exactly: index * 256),
      start + width <= levels[level].count
    else { throw LedgerError("tile/\(level)/\(index)", "exists") }
    return HashTile.encode(levels[level][start..<start + width])
  }
}

/// A log's signer with a key made of one repeated byte.
func testSigner(_ name: String, seed: UInt8) throws -> NoteSigner {
  try NoteSigner(name: name, key: privateKey(seed))
}

/// A cosigner with a key made of one repeated byte.
func testCosigner(_ name: String, seed: UInt8) throws -> Cosigner {
  try Cosigner(name: name, key: privateKey(seed))
}

private func privateKey(_ seed: UInt8) throws -> Ed25519.PrivateKey {
  try Ed25519.PrivateKey(seed: SecretBytes(copying: [UInt8](repeating: seed, count: 32)))
}
