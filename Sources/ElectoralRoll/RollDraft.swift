// SPDX-License-Identifier: Apache-2.0

public import Cryptography
internal import Election

/// The roll of an election: entries in a random order, entries with keys first. Private; its trees' roots go into
/// the election's configuration.
///
/// Source: `Specs/roll.md`, section "The roll".
public struct RollDraft: Hashable, Sendable {
  /// Most districts.
  public static let maximumDistricts = CredentialTerms.maximumDistricts

  /// register_id: 32 random bytes that name the roll. Public.
  public let register: Digest
  /// The districts in the order of their numbers.
  public let districts: [RollDistrict]
  /// The rows, by district and then by index.
  public let rows: [RollRow]
  /// Where the rows of each district begin.
  private let starts: [Int]

  /// Makes a roll of a list: a random name, a random order in each district, so that an index says nothing
  /// about the citizen, and a random salt for each entry.
  ///
  /// - Parameter districts: the labels in the order of their numbers.
  /// - Throws: ``RollError``.
  public init(_ list: CitizenList, districts: [String]) throws(RollError) {
    try self.init(list, districts: districts, randomness: .system)
  }

  /// The same from given random bytes, for tests.
  package init(
    _ list: CitizenList, districts: [String], randomness: consuming RollRandomness
  ) throws(RollError) {
    let numbers = try Self.numbers(districts)
    var randomness = randomness
    let register = try randomness.digest()
    var places: [Place] = []
    places.reserveCapacity(list.citizens.count)
    for (position, citizen) in list.citizens.enumerated() {
      guard let number = numbers[citizen.district] else {
        throw .unknownDistrict(citizen.district)
      }
      let order = try randomness.digest()
      places.append(
        Place(
          district: number, isIdentified: !citizen.getsLetters, order: order, position: position))
    }
    places.sort()
    var rows: [RollRow] = []
    rows.reserveCapacity(places.count)
    for place in places {
      let citizen = list.citizens[place.position]
      let isFirst = rows.last?.district != place.district
      rows.append(
        RollRow(
          district: place.district, index: isFirst ? 1 : (rows.last?.index ?? 0) + 1,
          citizen: citizen.citizen,
          identifier: citizen.identifier.map(RollIdentity.digest), salt: try randomness.digest(),
          name: citizen.name, address: citizen.address))
    }
    try self.init(register: register, districts: districts, rows: rows)
  }

  /// A roll from rows that a database kept.
  ///
  /// - Parameters:
  ///   - districts: the labels in the order of their numbers.
  ///   - rows: by district and then by index.
  /// - Throws: ``RollError`` unless the rows of each district are numbered from 1 on and those with keys come
  ///   first.
  public init(register: Digest, districts: [String], rows: [RollRow]) throws(RollError) {
    _ = try Self.numbers(districts)
    var starts: [Int] = []
    var figures: [RollDistrict] = []
    var position = 0
    for (offset, label) in districts.enumerated() {
      let number = offset + 1
      starts.append(position)
      var (voters, keyEntries) = (0, 0)
      while position < rows.count, rows[position].district == number {
        let row = rows[position]
        voters += 1
        guard row.index == voters, !row.hasKeys || keyEntries == voters - 1 else {
          throw .order(district: number, index: row.index)
        }
        if row.hasKeys { keyEntries += 1 }
        position += 1
      }
      guard voters <= CredentialTerms.maximumVoters else { throw .tooManyEntries(district: label) }
      figures.append(
        RollDistrict(label: label, number: number, voters: voters, keyEntries: keyEntries))
    }
    guard position == rows.count else {
      throw .order(district: rows[position].district, index: rows[position].index)
    }
    self.register = register
    self.districts = figures
    self.rows = rows
    self.starts = starts
  }

  /// The district of a number from 1; nil if there is none.
  public func district(_ number: Int) -> RollDistrict? {
    districts.indices.contains(number &- 1) ? districts[number - 1] : nil
  }

  /// The rows of a district in the order of their indices; empty if there is no such district.
  public func rows(of number: Int) -> ArraySlice<RollRow> {
    guard let district = district(number) else { return [] }
    return rows[starts[number - 1]..<starts[number - 1] + district.voters]
  }

  /// The number of each label.
  private static func numbers(_ labels: [String]) throws(RollError) -> [String: Int] {
    var numbers: [String: Int] = [:]
    for (offset, label) in labels.enumerated() where DistrictLabel.isValid(label) {
      numbers[label] = offset + 1
    }
    guard (1...maximumDistricts).contains(labels.count), numbers.count == labels.count else {
      throw .districts
    }
    return numbers
  }
}

/// Where a citizen's entry goes. Sorting by random values is a fair shuffle: two equal ones of 32 bytes do not
/// happen.
private struct Place: Comparable {
  let district: Int
  let isIdentified: Bool
  let order: Digest
  let position: Int

  static func < (left: Place, right: Place) -> Bool {
    if left.district != right.district { return left.district < right.district }
    if left.isIdentified != right.isIdentified { return right.isIdentified }
    return left.order < right.order
  }
}
