// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// Why a roll cannot be made. Holds nothing personal.
public enum RollError: Error, Equatable, Sendable {
  /// The districts are none, too many, not labels or not unique.
  case districts
  /// A district has more entries than a roll may have.
  case tooManyEntries(district: String)
  /// A citizen's district is not among the roll's.
  case unknownDistrict(String)
  /// There is no district of this number.
  case noDistrict(Int)
  /// The rows of a district are not numbered from 1 on, or entries with keys do not come first.
  case order(district: Int, index: Int)
  /// Entries with keys need one or two files of keys, made for this roll.
  case letterKeys
  /// An entry has the same key in both files, or one file has another entry's key of the other.
  case sameKey(district: String, index: Int)
  /// libcrypto or the operating system refused.
  case cryptography(CryptographyError)
}

extension RollError: CustomStringConvertible {
  /// The reason in words.
  public var description: String {
    switch self {
    case .districts: "the districts must be different labels, 1 to \(RollDraft.maximumDistricts)"
    case .tooManyEntries(let district): "the district '\(district)' has too many entries"
    case .unknownDistrict(let label): "the district '\(label)' is not in the election"
    case .noDistrict(let number): "there is no district \(number)"
    case .order(let district, let index):
      "the rows of district \(district) are not in their order at \(index)"
    case .letterKeys: "entries with keys need one or two files of keys that were made for this roll"
    case .sameKey(let district, let index):
      "the key of entry \(index) of the district '\(district)' stands in both files"
    case .cryptography(let error): error.description
    }
  }
}
