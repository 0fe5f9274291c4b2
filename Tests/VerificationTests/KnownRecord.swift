// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Election
import Groups
import StrictJSON
import TestSupport
import Testing

import Verification

/// The known-answer record of ElectionGuard 2.1.0, and variants of it.
struct KnownRecord: Sendable {
  static let folder = "vectors/electionguard/kat-2.1"
  /// Ballots that a variant leaves alone are verified once.
  static let cache = ElectionGuardCheckCache()

  let record: JSONValue
  let manifest: [UInt8]

  init() throws {
    record = try JSONValue(parsing: try Shared.bytes("\(Self.folder)/record.json"))
    manifest = try Shared.bytes("\(Self.folder)/manifest.json")
  }

  /// The report of a variant.
  func report(_ variant: JSONValue, cores: Int = 1) async throws -> VerificationReport {
    try await ElectionGuardRecord.verify(
      record: variant.canonicalBytes(), manifest: manifest, cores: cores, cache: Self.cache)
  }

  /// The rules that a variant breaks: `6.A` for EG-6.A, this project's own in full.
  func broken(_ variant: JSONValue) async throws -> Set<String> {
    let report = try await report(variant)
    let identifiers = report.lines.filter { $0.result == .failed }.map { line in
      let id = line.rule.rawValue
      return id.hasPrefix("EG-") ? String(id.dropFirst(3)) : id
    }
    return Set(identifiers)
  }

  /// The rules that are broken when the text at a pointer is replaced.
  func broken(_ pointer: String, _ text: String) async throws -> Set<String> {
    try await broken(try record.replacing(pointer, with: .string(text)))
  }

  /// The text at a pointer.
  func text(_ pointer: String) throws -> String {
    guard case .string(let text) = try record.value(at: pointer) else {
      throw PointerError(pointer: pointer)
    }
    return text
  }
}

/// Natural numbers as upper-case hexadecimal text, for values that no type of the library admits.
enum HexNumber {
  static let p = text(Group.standard.parameters.encoded.prefix(512))
  static let q = text(Group.standard.parameters.encoded[512..<544])
  static let g = text(Group.standard.parameters.encoded.suffix(512))

  static func text(_ bytes: some Sequence<UInt8>) -> String { Hex.encode(Array(bytes)) }

  /// The number in so many digits.
  static func small(_ number: Int, digits: Int) -> String {
    let text = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
  }

  /// a + b, with one digit more only when it is needed.
  static func add(_ a: String, _ b: String) -> String { combine(a, b, subtracting: false) }

  /// a − b for a ≥ b.
  static func subtract(_ a: String, _ b: String) -> String { combine(a, b, subtracting: true) }

  private static func combine(_ a: String, _ b: String, subtracting: Bool) -> String {
    let count = max(a.utf8.count, b.utf8.count)
    let (left, right) = (digits(a, count), digits(b, count))
    var result: [Character] = []
    var carry = 0
    for position in stride(from: count - 1, through: 0, by: -1) {
      let sum = left[position] + (subtracting ? -right[position] : right[position]) + carry
      carry = sum < 0 ? -1 : sum / 16
      result.append(Character(String((sum + 16) % 16, radix: 16, uppercase: true)))
    }
    if carry > 0 { result.append("1") }
    return String(result.reversed())
  }

  private static func digits(_ text: String, _ count: Int) -> [Int] {
    Array(repeating: 0, count: count - text.utf8.count) + text.map { $0.hexDigitValue ?? 0 }
  }
}
