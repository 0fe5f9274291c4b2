// SPDX-License-Identifier: Apache-2.0

package import Cryptography
package import Ledger
package import Sequencing

/// Entries that differ by number. The sequencer does not look at their signatures.
package enum TestEntry {
  /// The item of this number, with one claim besides its leaf's.
  ///
  /// - Parameter subject: what the item claims; items of the same subject exclude each other.
  package static func item(_ number: Int, subject: Int? = nil) -> Sequencer.Item {
    let payload = [UInt8]("{\"n\":\(number)}".utf8)
    let signature = String(repeating: "0", count: 2 * Ed25519.signatureByteCount)
    let leaf =
      "{\"by\":\"commission\",\"payload\":{\"sha256\":\"\(SHA256.hash(payload).hex)\","
      + "\"size\":\(payload.count)},\"signature\":\"\(signature)\",\"type\":\"test.entry\",\"version\":1}"
    return Sequencer.Item(
      entry: [UInt8](leaf.utf8), payload: payload, claims: [claim(subject ?? number)])
  }

  /// The claim for a subject.
  package static func claim(_ subject: Int) -> LogClaim {
    LogClaim(kind: "test subject", [UInt8]("\(subject)".utf8))
  }

  /// The key that signs the log of the tests.
  package static func signer() throws -> NoteSigner {
    try NoteSigner(name: "example.org/simulated", key: key(1))
  }

  /// A key from a number.
  package static func key(_ number: UInt8) throws -> Ed25519.PrivateKey {
    try Ed25519.PrivateKey(seed: SecretBytes(copying: [UInt8](repeating: number, count: 32)))
  }
}

extension SequencerError {
  /// The claim that was made before, if that is the error.
  package var refusedClaim: LogClaim? {
    guard case .store(let error) = self, case .claimed(let claim) = error else { return nil }
    return claim
  }

  var inconsistency: String? {
    if case .inconsistent(let reason) = self { reason } else { nil }
  }
}
