// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// Why words and a seed do not belong together. Names the number of a word, and never a word: what is written
/// there may be nearly right.
public enum SeedWordsError: Error, Equatable, Sendable {
  /// The seed has another length than 32 bytes.
  case seedLength(found: Int)
  /// The text is longer than any sheet, in bytes.
  case textLength(limit: Int)
  /// The word with this number, from 1, is not in the list.
  case word(number: Int)
  /// What stands as a number before the word with this number, from 1, is another number, or no word follows it.
  case numbering(number: Int)
  /// Another number of words than 24.
  case count(found: Int)
  /// The check at the end does not fit: a word is wrong, or words are in the wrong order.
  case checksum
}

extension SeedWordsError: CustomStringConvertible {
  /// The reason in words.
  public var description: String {
    switch self {
    case .seedLength(let found): "a seed has \(SeedWords.seedByteCount) bytes, not \(found)"
    case .textLength(let limit): "the words have more than \(limit) bytes"
    case .word(let number): "word \(number) is not in the list"
    case .numbering(let number): "the number before word \(number) is not right"
    case .count(let found): "\(found) words instead of \(SeedWords.count)"
    case .checksum: "the check is not right: a word is wrong, or words are in the wrong order"
    }
  }
}

/// A wallet's seed of 32 bytes as 24 English words, exactly as BIP-39 writes entropy of 256 bits:
///
///     bits = seed ‖ the first 8 bits of SHA-256(seed)
///     word i = list[bits 11(i-1) to 11i - 1], i = 1, ..., 24
///
/// The seed is the entropy itself. What BIP-39 derives from words with PBKDF2 is another value, and not used.
///
/// Words are as secret as the seed. Both live in memory that is wiped. The time depends on them: this is for the
/// holder's own device.
public enum SeedWords {
  /// How many words stand for a seed.
  public static let count = 24
  /// Bytes of a seed.
  public static let seedByteCount = 32
  /// Most bytes of what people write, with numbers and blanks.
  public static let maximumWrittenByteCount = 4096

  private static let bitsOfWord = 11

  /// The words of a seed: ASCII, small letters, one blank between two words. Secret.
  ///
  /// - Throws: ``SeedWordsError/seedLength(found:)``.
  public static func words(of seed: borrowing SecretBytes) throws(SeedWordsError) -> SecretBytes {
    let keys = try keys(of: seed)
    var length = count - 1
    unsafe keys.withUnsafeBytes { keys in
      for index in 0..<count { length += unsafe letterCount(Self.key(keys, index)) }
    }
    var text = SecretBytes(zeros: length)
    unsafe keys.withUnsafeBytes { keys in
      unsafe text.withUnsafeMutableBytes { text in
        var position = 0
        for index in 0..<count {
          if index > 0 {
            unsafe text[position] = UInt8(ascii: " ")
            position += 1
          }
          let key = unsafe Self.key(keys, index)
          for letter in 0..<letterCount(key) {
            unsafe text[position] = byte(key, letter)
            position += 1
          }
        }
      }
    }
    return text
  }

  /// The word with a number from 1 to 24: for tables. Secret.
  static func word(
    _ number: Int, of seed: borrowing SecretBytes
  ) throws(SeedWordsError) -> SecretBytes {
    let keys = try keys(of: seed)
    let key = unsafe keys.withUnsafeBytes { unsafe Self.key($0, number - 1) }
    var text = SecretBytes(zeros: letterCount(key))
    unsafe text.withUnsafeMutableBytes { text in
      for letter in text.indices { unsafe text[letter] = byte(key, letter) }
    }
    return text
  }

  /// Reads what somebody typed, or copied from a sheet.
  ///
  /// Capitals count as small letters; there may be any blanks and line ends between words; before a word may stand
  /// its own number with a dot or a bracket, as in `1.` or `12)`; and four or more of a word's first letters stand
  /// for it. Everything else is refused, also a number that is not the word's own, which shows words in another
  /// order than the sheet's.
  ///
  /// - Parameter written: ASCII. Secret.
  /// - Returns: 32 bytes. Secret.
  /// - Throws: ``SeedWordsError``.
  public static func seed(
    from written: borrowing SecretBytes
  ) throws(SeedWordsError) -> SecretBytes {
    guard written.count <= maximumWrittenByteCount else {
      throw .textLength(limit: maximumWrittenByteCount)
    }
    // One byte more than the seed, for the check.
    var bits = SecretBytes(zeros: seedByteCount + 1)
    var reader = WordReader()
    var found = 0
    while let key = try reader.next(written, number: found + 1, limit: count) {
      found += 1
      if found > count { continue }
      guard let index = index(key) else { throw .word(number: found) }
      unsafe bits.withUnsafeMutableBytes { bits in
        for bit in 0..<bitsOfWord where index >> (bitsOfWord - 1 - bit) & 1 == 1 {
          let place = (found - 1) * bitsOfWord + bit
          unsafe bits[place / 8] |= 0x80 >> UInt8(place % 8)
        }
      }
    }
    guard found == count else { throw .count(found: found) }
    guard let seed = bits.slice(0..<seedByteCount),
      let check = bits.slice(seedByteCount..<seedByteCount + 1),
      check.isEqualConstantTime(to: checksum(seed))
    else { throw .checksum }
    return seed
  }

  /// The first byte of SHA-256(seed).
  private static func checksum(_ seed: borrowing SecretBytes) -> SecretBytes {
    SecretBytes(copying: SHA256.hash(seed).bytes.prefix(1))
  }

  /// The list's keys of the 24 words, eight bytes each.
  private static func keys(of seed: borrowing SecretBytes) throws(SeedWordsError) -> SecretBytes {
    guard seed.count == seedByteCount else { throw .seedLength(found: seed.count) }
    let bits = seed.appending(checksum(seed))
    var keys = SecretBytes(zeros: 8 * count)
    unsafe bits.withUnsafeBytes { bits in
      unsafe keys.withUnsafeMutableBytes { keys in
        for number in 0..<count {
          var index = 0
          for place in number * bitsOfWord..<(number + 1) * bitsOfWord {
            index = index << 1 | Int(unsafe bits[place / 8] >> UInt8(7 - place % 8) & 1)
          }
          unsafe keys.storeBytes(
            of: SeedWordList.keys[index], toByteOffset: 8 * number, as: UInt64.self)
        }
      }
    }
    return keys
  }

  private static func key(_ keys: UnsafeRawBufferPointer, _ index: Int) -> UInt64 {
    unsafe keys.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)
  }

  private static func letterCount(_ key: UInt64) -> Int { 8 - key.trailingZeroBitCount / 8 }

  private static func byte(_ key: UInt64, _ place: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: key >> UInt64(8 * (7 - place)))
  }

  /// The number, from 0, of the word that is written so, or begins with these four or more letters.
  private static func index(_ key: UInt64) -> Int? {
    var low = 0
    var high = SeedWordList.keys.count
    while low < high {
      let middle = (low + high) / 2
      if SeedWordList.keys[middle] < key { low = middle + 1 } else { high = middle }
    }
    guard low < SeedWordList.keys.count else { return nil }
    let word = SeedWordList.keys[low]
    if word == key { return low }
    let letters = letterCount(key)
    guard letters >= SeedWordList.prefix, letters < 8,
      (word ^ key) >> UInt64(8 * (8 - letters)) == 0
    else { return nil }
    return low
  }
}
