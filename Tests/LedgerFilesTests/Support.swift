// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Ledger
import LedgerFiles
import Testing

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
