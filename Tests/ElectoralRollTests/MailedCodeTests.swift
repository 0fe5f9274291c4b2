// SPDX-License-Identifier: Apache-2.0

import Cryptography
import ElectoralRoll
import Foundation
import TestSupport
import Testing

/// The text of secret bytes, for a test.
func text(_ secret: borrowing SecretBytes) -> String {
  String(decoding: secret.revealed(), as: UTF8.self)
}

@Suite struct MailedCodeTests {
  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

  private func refusal(_ written: String) -> MailedCodeError? {
    do throws(MailedCodeError) {
      _ = try MailedCode(parsing: written).characters().count
      return nil
    } catch {
      return error
    }
  }

  /// The check by the book: two sums over GF(32), computed with a table of powers.
  private func isCode(_ characters: [Character]) -> Bool {
    var powers = [1]
    while powers.count < 31 {
      let double = powers[powers.count - 1] << 1
      powers.append(double > 31 ? double ^ 0b100101 : double)
    }
    var sums = (0, 0)
    for (place, character) in characters.enumerated() {
      guard let value = Self.alphabet.firstIndex(of: character) else { return false }
      sums.0 ^= value
      guard let logarithm = powers.firstIndex(of: value) else { continue }
      sums.1 ^= powers[(logarithm + characters.count - 1 - place) % 31]
    }
    return characters.count == 22 && sums == (0, 0)
  }

  @Test func codesAreRandomAndHaveTheirForm() throws {
    var seen: Set<String> = []
    var used: [Set<Character>] = Array(repeating: [], count: 22)
    for _ in 0..<1000 {
      let code = try MailedCode.random()
      let characters = text(code.characters())
      #expect(isCode(Array(characters)))
      #expect(seen.insert(characters).inserted)
      for (place, character) in characters.enumerated() { used[place].insert(character) }
      let groups = text(code.grouped())
      #expect(groups.count == 27 && groups.replacing("-", with: "") == characters)
      #expect(groups.split(separator: "-").map(\.count) == [4, 4, 4, 4, 4, 2])
      for written in [characters, groups, groups.lowercased()] {
        #expect(try text(MailedCode(parsing: written).characters()) == characters)
      }
    }
    // Every character comes up at every place (one of 32 missing in 1000: 10^-14).
    #expect(used.allSatisfy { $0 == Set(Self.alphabet) })
  }

  @Test func whatPeopleTypeIsRead() throws {
    // Twenty zeros and ones, and their check.
    let code = "01010101010101010101"
    let check = Self.alphabet.flatMap { a in Self.alphabet.map { b in [a, b] } }
      .filter { isCode(Array(code) + $0) }
    #expect(check.count == 1)
    let full = code + String(try #require(check.first))
    for written in [
      full, full.lowercased(), full.replacing("0", with: "O"), full.replacing("0", with: "o"),
      full.replacing("1", with: "I"), full.replacing("1", with: "i"),
      full.replacing("1", with: "L"),
      full.replacing("1", with: "l"), full.map { "\($0)" }.joined(separator: " - "),
      "\n\t\(full)\r\n", String(repeating: " ", count: 100) + full,
    ] {
      #expect(try text(MailedCode(parsing: written).characters()) == full)
    }
    for (place, character) in [
      (1, "U"), (5, "u"), (22, "*"), (3, "é"), (3, "_"), (4, "\u{0}"), (9, "٣"), (9, "="),
    ] {
      var characters = full.map { "\($0)" }
      characters[place - 1] = character
      #expect(refusal(characters.joined()) == .character(place: place))
    }
    #expect(refusal("") == .length(found: 0))
    #expect(refusal(String(full.dropLast())) == .length(found: 21))
    #expect(refusal(full + "0") == .length(found: 23))
    #expect(refusal(full + full) == .length(found: 44))
    #expect(refusal(String(repeating: " ", count: 300) + full) == .length(found: 322))
    #expect(refusal("\u{2013}" + full) == .character(place: 1))
  }

  /// All of them, for some codes: one wrong character, two wrong ones, and so any two swapped.
  @Test func errorsAreFound() throws {
    for round in 0..<3 {
      let code = Array(text(try MailedCode.random().characters()))
      var missed = 0
      var tried = 0
      for place in code.indices {
        for wrong in Self.alphabet where wrong != code[place] {
          var changed = code
          changed[place] = wrong
          #expect(refusal(String(changed)) == .check)
          // Two wrong ones: every pair of places, and in the first round every pair of characters.
          for second in code.indices where second > place {
            for other in round == 0 ? Self.alphabet : [code[place]] where other != code[second] {
              changed[second] = other
              tried += 1
              if refusal(String(changed)) != .check { missed += 1 }
            }
            changed[second] = code[second]
          }
        }
        for second in code.indices where code[second] != code[place] {
          var swapped = code
          swapped.swapAt(place, second)
          #expect(refusal(String(swapped)) == .check)
        }
      }
      #expect(missed == 0 && tried > 5000)
    }
  }

  /// RFC 7914, section 12, through the function that makes keys of codes.
  @Test func scryptKnownAnswers() throws {
    for (passphrase, salt, n, r, p, expected) in [
      (
        "", "", 16, 1, 1,
        "77D6576238657B203B19CA42C18A0497F16B4844E3074AE8DFDFFA3FEDE21442"
          + "FCD0069DED0948F8326A753A0FC81F17E8D3E0FB2E0D3628CF35E20C38D18906"
      ),
      (
        "pleaseletmein", "SodiumChloride", 16384, 8, 1,
        "7023BDCB3AFD7348461C06CD81FD38EBFDA8FBBA904F8E3EA9B543F6545DA1F2"
          + "D5432955613F0FCF62D49705242A9AF9E61E85DC0D651E40DFCF017B45575887"
      ),
    ] as [(String, String, UInt64, UInt64, UInt64, String)] {
      let key = try Scrypt.derive(
        passphrase: SecretBytes(copying: passphrase.utf8), salt: Array(salt.utf8), n: n, r: r, p: p,
        byteCount: 64)
      #expect(Hex.encode(key.revealed()) == expected)
    }
  }

  /// The key is what Python computes from the same characters.
  @Test func keysAreThoseOfTheFormula() throws {
    let register = SHA256.hash("a roll".utf8)
    let code = try MailedCode.random()
    let key = try code.key(register: register, district: 258, index: 99_999_999, authority: 2)
    let script = """
      import hashlib, sys
      code, register, district, index, authority = sys.argv[1:]
      salt = b"urna/code/v1\\0" + bytes.fromhex(register) + int(district).to_bytes(4, "big") \\
          + int(index).to_bytes(4, "big") + bytes([int(authority)])
      print(hashlib.scrypt(code[:20].encode(), salt=salt, n=2**15, r=8, p=1, maxmem=2**26,
                           dklen=32).hex().upper())
      """
    let run = try ToolRun(
      "/usr/bin/python3",
      ["-c", script, text(code.characters()), register.hex, "258", "99999999", "2"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output == Hex.encode(key.seed().revealed()) + "\n")
    // The same code elsewhere is another key.
    var keys: Set<Ed25519.PublicKey> = [key.publicKey]
    for (register, district, index, authority) in [
      (register, 258, 99_999_999, 1), (register, 258, 99_999_998, 2),
      (register, 257, 99_999_999, 2),
      (SHA256.hash("b roll".utf8), 258, 99_999_999, 2),
    ] {
      let other = try code.key(
        register: register, district: district, index: index, authority: authority)
      #expect(keys.insert(other.publicKey).inserted)
    }
    for (district, index, authority) in [
      (0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1, 3), (10_001, 1, 1), (1, 100_000_001, 1), (-1, 1, 1),
      (.max, .max, .max), (.min, .min, .min),
    ] {
      #expect(throws: MailedCodeError.place) {
        _ = try code.key(register: register, district: district, index: index, authority: authority)
          .publicKey
      }
    }
  }

  @Test func errorsHoldNothingOfTheCode() throws {
    let code = text(try MailedCode.random().characters())
    for written in [code + "?", String(code.dropLast(3)), String(code.reversed())] {
      guard let error = refusal(written) else { continue }
      for part in [code.prefix(4), code.suffix(4)] {
        #expect(!error.description.contains(part) && !"\(error)".contains(part))
      }
    }
  }
}
