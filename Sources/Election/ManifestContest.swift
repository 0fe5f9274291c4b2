// SPDX-License-Identifier: Apache-2.0

/// One question to the voters. A ballot that selects nothing in a contest is allowed in every contest.
public struct Contest: Sendable, Equatable {
  /// Unique among the contests.
  public let label: String
  /// The title that voters see.
  public let name: LocalizedText
  /// What stands below the title: the question itself, an explanation. May have line breaks.
  public let text: LocalizedText?
  /// The label of the district that the contest belongs to.
  public let district: String
  /// How selections are counted.
  public let variation: VoteVariation
  /// L: the sum of all selections of the contest lies in 0...L.
  public let selectionLimit: Int
  /// R: each selection lies in 0...R.
  public let optionLimit: Int
  /// b_Λ: length of the encrypted contest data in blocks of 32 bytes; 0 when the contest has none.
  public let contestDataBlocks: Int
  /// The options; the first has index 1.
  public let options: [ContestOption]

  /// Makes a contest; the manifest that takes it checks it.
  public init(
    label: String, name: LocalizedText, text: LocalizedText? = nil, district: String,
    variation: VoteVariation, selectionLimit: Int, optionLimit: Int, contestDataBlocks: Int,
    options: [ContestOption]
  ) {
    self.label = label
    self.name = name
    self.text = text
    self.district = district
    self.variation = variation
    self.selectionLimit = selectionLimit
    self.optionLimit = optionLimit
    self.contestDataBlocks = contestDataBlocks
    self.options = options
  }

  /// The option of that index, counted from 1.
  public func option(at index: Int) -> ContestOption? {
    options.indices.contains(index - 1) ? options[index - 1] : nil
  }

  /// Blocks of 32 bytes that hold the texts of `lines` write-in lines: 160 bytes a line (128 of text,
  /// the rest for its frame) and one block for the whole.
  public static func dataBlocks(forWriteInLines lines: Int) -> Int {
    lines > 0 ? 1 + 5 * min(lines, ManifestLimits.options) : 0
  }
}

/// One option of a contest: a candidate, a ticket, a list, an answer, or a line to write a name on.
public struct ContestOption: Sendable, Equatable {
  /// Unique within the contest.
  public let label: String
  /// The name that voters see.
  public let name: LocalizedText
  /// The label of the option's party, if it has one.
  public let party: String?
  /// Whether the voter writes a text for this option. Its selection is encrypted and counted like any
  /// other; the text goes into the contest data.
  public let isWriteIn: Bool

  /// Makes an option; the manifest that takes it checks it.
  public init(label: String, name: LocalizedText, party: String? = nil, isWriteIn: Bool = false) {
    self.label = label
    self.name = name
    self.party = party
    self.isWriteIn = isWriteIn
  }
}

/// How selections are counted, and what that means for the limits L and R of a contest with n options.
public enum VoteVariation: String, Sendable, CaseIterable {
  /// One option. L = R = 1.
  case plurality = "plurality"
  /// Up to L of n options. R = 1, L ≤ n.
  case nOfM = "n-of-m"
  /// Any number of options. R = 1, L = n.
  case approval = "approval"
  /// Points: up to R an option, up to L in all; also cumulative voting. R ≤ L ≤ R·n.
  case score = "score"
  /// One of two answers. n = 2, L = R = 1.
  case yesNo = "yes-no"

  /// The rule that these limits break, or nil.
  func problem(selectionLimit: Int, optionLimit: Int, options: Int) -> String? {
    let isSingle = selectionLimit == 1 && optionLimit == 1
    return switch self {
    case .plurality: isSingle ? nil : "plurality needs selectionLimit 1 and optionLimit 1"
    case .yesNo: isSingle && options == 2 ? nil : "yes-no needs two options and both limits 1"
    case .nOfM:
      optionLimit == 1 && selectionLimit <= options
        ? nil : "n-of-m needs optionLimit 1 and a selectionLimit of at most the number of options"
    case .approval:
      optionLimit == 1 && selectionLimit == options
        ? nil : "approval needs optionLimit 1 and a selectionLimit equal to the number of options"
    case .score:
      optionLimit <= selectionLimit && selectionLimit <= optionLimit * options
        ? nil : "score needs optionLimit ≤ selectionLimit ≤ optionLimit × options"
    }
  }
}
