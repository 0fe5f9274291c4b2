// SPDX-License-Identifier: Apache-2.0

/// A citizen as the administration lists one. Private.
public struct Citizen: Hashable, Sendable {
  /// A reference that is unique inside the administration, 1 to 128 bytes.
  public let citizen: String
  /// The label of the district.
  public let district: String
  /// The personal identifier, as a certificate or an identity provider names it; nil for a citizen who gets
  /// letters.
  public let identifier: String?
  /// The name on a letter; may be empty with an identifier.
  public let name: String
  /// The lines of the address below the name, separated by line feeds; may be empty with an identifier.
  public let address: String

  /// A citizen from the parts, which are not checked here.
  init(citizen: String, district: String, identifier: String?, name: String, address: String) {
    self.citizen = citizen
    self.district = district
    self.identifier = identifier
    self.name = name
    self.address = address
  }

  /// Whether the citizen is known by keys, which come from letters.
  public var getsLetters: Bool { identifier == nil }
}

extension Citizen: CustomStringConvertible, CustomReflectable {
  /// Says nothing about the citizen, so that no log does.
  public var description: String { "a citizen" }
  /// Empty, so that a dump shows nothing.
  public var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// Reads the columns that describe a citizen, in a list and in changes of one.
struct CitizenParser {
  /// The election's districts. The labels' own storage is shared by all citizens.
  private let districts: [String: String]

  init(districts: some Sequence<String>) {
    self.districts = Dictionary(districts.map { ($0, $0) }) { first, _ in first }
  }

  /// The district of a label.
  func district(_ bytes: [UInt8]) throws(RollRule) -> String {
    let label = try TextRule.district.required(bytes)
    guard let known = districts[label] else {
      throw .unknownDistrict(DistrictLabel.isValid(label) ? label : nil)
    }
    return known
  }

  /// Every rule about one citizen that the columns break, or the citizen.
  func citizen(
    citizen: String?, district: String?, identifier: [UInt8], name: [UInt8], address: [UInt8],
    _ report: (RollRule) -> Void
  ) -> Citizen? {
    let identifier = Self.collect(report) { () throws(RollRule) in
      try TextRule.identifier.text(identifier)
    }
    let name = Self.collect(report) { () throws(RollRule) in try TextRule.name.text(name) }
    let address = Self.collect(report) { () throws(RollRule) in
      try TextRule.address.text(address)
    }
    if identifier == "" {
      if name?.isEmpty == true { report(.neededForLetter(column: "name")) }
      if address?.isEmpty == true { report(.neededForLetter(column: "address")) }
    }
    guard let citizen, let district, let identifier, let name, let address else { return nil }
    return Citizen(
      citizen: citizen, district: district, identifier: identifier.isEmpty ? nil : identifier,
      name: name, address: address)
  }

  /// What `body` reads; nil, and a report, if a rule is broken.
  static func collect<T>(
    _ report: (RollRule) -> Void, _ body: () throws(RollRule) -> T
  ) -> T? {
    do throws(RollRule) {
      return try body()
    } catch {
      report(error)
      return nil
    }
  }
}
