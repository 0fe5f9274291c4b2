// SPDX-License-Identifier: Apache-2.0

import Cryptography
import RecoverySheet
import TestSupport
import Testing

@Suite struct SeedLinkTests {
  private func refusal(_ link: [UInt8]) -> SeedLinkError? {
    do throws(SeedLinkError) {
      _ = try SeedLink(SecretBytes(copying: link)).seed.count
      return nil
    } catch { return error }
  }

  @Test func readsWhatItWrites() throws {
    var random = SeededGenerator(seed: .random(in: 0...UInt64.max))
    for _ in 0..<200 {
      let seed = random.bytes(32)
      let written = text(try SeedLink(seed: SecretBytes(copying: seed)).text())
      #expect(written == "urna:seed?w=" + Hex.encode(seed), "seed \(random.seed)")
      #expect(try SeedLink(SecretBytes(copying: written.utf8)).seed.revealed() == seed)
    }
    #expect(SeedLink.byteCount == 76)
    for count in [0, 31, 33] {
      #expect(throws: SeedLinkError.seedLength(found: count)) {
        _ = try SeedLink(seed: SecretBytes(zeros: count)).seed.count
      }
    }
  }

  @Test func thereIsOneSpelling() throws {
    let link =
      Array("urna:seed?w=".utf8) + Array(String(repeating: "0123456789ABCDEF", count: 4).utf8)
    #expect(refusal(link) == nil)
    // Every byte at every place: only other capital digits are read.
    for place in link.indices {
      for byte in UInt8.min...UInt8.max where byte != link[place] {
        var other = link
        other[place] = byte
        let error = refusal(other)
        if place < 12 {
          #expect(error == .start)
        } else if (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) {
          #expect(error == nil)
        } else {
          #expect(error == .digit(number: place - 11))
        }
      }
    }
    for count in link.indices {
      #expect(refusal(Array(link.prefix(count))) == .length(found: count))
    }
    for other in [link + [0x30], [0x20] + link, link + [0x0A], link + link] {
      #expect(refusal(other) == .length(found: other.count))
    }
  }
}
