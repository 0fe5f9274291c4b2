// SPDX-License-Identifier: Apache-2.0

internal import Ledger

/// Textual encodings of DER (RFC 7468).
public enum PEM {
  /// Blocks of a file, at most.
  public static let maximumBlockCount = 256

  /// The contents of all blocks with this label, in the order of the file. What stands outside of blocks is
  /// passed over, and so are blocks with other labels.
  ///
  /// - Parameter label: such as `CERTIFICATE`.
  /// - Throws: ``AuthenticationError/configuration(_:)`` for a block that is not in the form.
  public static func blocks(
    _ text: [UInt8], label: String
  ) throws(AuthenticationError) -> [[UInt8]] {
    let begin = Array("-----BEGIN \(label)-----".utf8)
    let end = Array("-----END \(label)-----".utf8)
    var found: [[UInt8]] = []
    var base64: [UInt8]?
    for var line in text.split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    {
      while let last = line.last, [0x20, 0x09, 0x0D].contains(last) { line.removeLast() }
      if line.elementsEqual(begin) {
        guard base64 == nil else { throw malformed(label) }
        base64 = []
      } else if line.elementsEqual(end) {
        guard let text = base64, let bytes = Base64.decode(text), !bytes.isEmpty else {
          throw malformed(label)
        }
        base64 = nil
        found.append(bytes)
        guard found.count <= maximumBlockCount else {
          throw .configuration("a file of at most \(maximumBlockCount) blocks")
        }
      } else {
        base64?.append(contentsOf: line)
      }
    }
    guard base64 == nil else { throw malformed(label) }
    return found
  }

  private static func malformed(_ label: String) -> AuthenticationError {
    .configuration("a block \(label) in the form of RFC 7468")
  }

  /// A block, in lines of 64 characters.
  public static func text(_ der: [UInt8], label: String) -> String {
    let base64 = Array(Base64.encode(der).utf8)
    var text = "-----BEGIN \(label)-----\n"
    for start in stride(from: 0, to: base64.count, by: 64) {
      text += String(decoding: base64[start..<min(start + 64, base64.count)], as: UTF8.self)
      text += "\n"
    }
    return text + "-----END \(label)-----\n"
  }

  /// The one certificate of a text that has nothing else, in lines of 64 characters: as OpenSSL writes it.
  static func onlyCertificate(_ text: [UInt8]) -> [UInt8]? {
    do throws(AuthenticationError) {
      let found = try blocks(text, label: "CERTIFICATE")
      guard found.count == 1, text.elementsEqual(Self.text(found[0], label: "CERTIFICATE").utf8)
      else { return nil }
      return found[0]
    } catch { return nil }
  }
}
