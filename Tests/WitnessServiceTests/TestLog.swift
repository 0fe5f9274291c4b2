// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger

/// A log in memory whose operator can also lie.
struct TestLog: Sendable {
  static let origin = "example.com/log"
  let leaves: [Digest]
  let seed: UInt8
  let origin: String

  init(_ count: Int, seed: UInt8 = 1, origin: String = TestLog.origin, fork: String = "") {
    leaves = (0..<count).map { MerkleTree.leafHash([UInt8]("\(fork)\($0)".utf8)) }
    self.seed = seed
    self.origin = origin
  }

  private func signer() throws -> NoteSigner {
    try NoteSigner(
      name: origin,
      key: Ed25519.PrivateKey(seed: SecretBytes(copying: [UInt8](repeating: seed, count: 32))))
  }

  var key: NoteVerifierKey { get throws { try signer().verifierKey } }

  func checkpoint(_ size: Int) throws -> Checkpoint {
    try Checkpoint(
      origin: origin, size: UInt64(size), root: MerkleTree.root(of: leaves.prefix(size)))
  }

  func note(_ size: Int) throws -> [UInt8] { try checkpoint(size).signed(by: signer()) }

  func note(text: String) throws -> [UInt8] { try signer().sign(text: text).bytes }

  func proof(_ old: Int, _ new: Int) throws -> [Digest] {
    guard old > 0 else { return [] }
    return MerkleTree.consistencyProof(from: old, in: [Digest](leaves.prefix(new))) ?? []
  }

  /// The body of a request.
  // Inlined into an async function it makes the optimizer of Swift 6.3.1 crash.
  @inline(never)
  func request(_ old: Int, _ new: Int) throws -> [UInt8] {
    try AddCheckpointRequest(oldSize: UInt64(old), proof: proof(old, new), note: note(new)).bytes
  }
}
