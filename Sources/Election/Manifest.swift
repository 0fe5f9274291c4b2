// SPDX-License-Identifier: Apache-2.0

/// What is voted on: contests, options, limits, ballot styles (ElectionGuard 2.1, section 3.1.3).
///
/// A manifest is one JSON file. ElectionGuard hashes its exact bytes into the election base hash H_B,
/// so the file is kept as it came and never written anew. The fields are listed in
/// `election.manifest.schema.json`. Contests, options and ballot styles are numbered from 1 in the
/// order of the file; those numbers are the indices ind_c, ind_o of ElectionGuard.
public struct Manifest: Sendable, Equatable {
  /// The exact bytes of the file.
  public let bytes: [UInt8]
  /// The election's unique label.
  public let label: String
  /// The election's name.
  public let name: LocalizedText
  /// The languages of all names, the default one first (BCP 47 tags).
  public let languages: [String]
  /// The parties that options can name.
  public let parties: [Party]
  /// The areas that contests and ballot styles belong to.
  public let districts: [District]
  /// The contests; the first has index 1.
  public let contests: [Contest]
  /// The ballot styles; the first has index 1.
  public let ballotStyles: [BallotStyle]

  /// The contest of that index, counted from 1.
  public func contest(at index: Int) -> Contest? {
    contests.indices.contains(index - 1) ? contests[index - 1] : nil
  }

  /// The ballot style of that index, counted from 1.
  public func ballotStyle(at index: Int) -> BallotStyle? {
    ballotStyles.indices.contains(index - 1) ? ballotStyles[index - 1] : nil
  }

  /// The indices, counted from 1, of the ballot styles that a district's voters may use, ascending.
  public func ballotStyles(forDistrict label: String) -> [Int] {
    ballotStyles.indices.filter { ballotStyles[$0].districts.contains(label) }.map { $0 + 1 }
  }

  /// The indices, counted from 1, of the contests that no ballot style has. Nobody can vote on them;
  /// a commission is warned of it.
  public var contestsWithoutBallotStyle: [Int] {
    let used = Set(ballotStyles.lazy.flatMap(\.contests))
    return (1...max(contests.count, 1)).filter { !used.contains($0) && contest(at: $0) != nil }
  }

  init(
    bytes: [UInt8], label: String, name: LocalizedText, languages: [String], parties: [Party],
    districts: [District], contests: [Contest], ballotStyles: [BallotStyle]
  ) {
    self.bytes = bytes
    self.label = label
    self.name = name
    self.languages = languages
    self.parties = parties
    self.districts = districts
    self.contests = contests
    self.ballotStyles = ballotStyles
  }
}

/// A party, or a coalition of parties.
public struct Party: Sendable, Equatable {
  /// Unique among the parties.
  public let label: String
  /// The name that voters see.
  public let name: LocalizedText

  /// Makes a party; the manifest that takes it checks it.
  public init(label: String, name: LocalizedText) {
    self.label = label
    self.name = name
  }
}

/// An area: where a contest is held, or whose voters a ballot style is for.
public struct District: Sendable, Equatable {
  /// Unique among the districts.
  public let label: String
  /// The name that voters see.
  public let name: LocalizedText

  /// Makes a district; the manifest that takes it checks it.
  public init(label: String, name: LocalizedText) {
    self.label = label
    self.name = name
  }
}

/// The list of contests that one voter sees.
public struct BallotStyle: Sendable, Equatable {
  /// Unique among the ballot styles.
  public let label: String
  /// The name that voters and officials see.
  public let name: LocalizedText
  /// Labels of the districts whose voters may use this style: one or more, no label twice.
  public let districts: [String]
  /// Indices of contests, counted from 1, strictly ascending.
  public let contests: [Int]

  /// Makes a ballot style; the manifest that takes it checks it.
  public init(label: String, name: LocalizedText, districts: [String], contests: [Int]) {
    self.label = label
    self.name = name
    self.districts = districts
    self.contests = contests
  }
}
