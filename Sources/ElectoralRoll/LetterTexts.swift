// SPDX-License-Identifier: Apache-2.0

/// What letters say, in one language. Plain text; where `{election}`, `{sender}`, `{other}` or `{district}` stands,
/// the value is put in. Other braces stay as they are.
public struct LetterTexts: Hashable, Sendable {
  /// The language as a BCP 47 tag, such as `en`.
  public var language: String
  /// Before the election's name in the line of the subject.
  public var subject: String
  /// What the letter is for: paragraphs above the code.
  public var purpose: [String]
  /// Above the code.
  public var codeHeading: String
  /// Below the QR code.
  public var scanHint: String
  /// Before the number of the district, below the code: what else has to be typed in.
  public var districtLabel: String
  /// Before the number of the entry.
  public var entryLabel: String
  /// Before the number of the authority.
  public var letterLabel: String
  /// A paragraph about the other letter, where two authorities send one each.
  public var otherLetter: String
  /// A paragraph for elections with one authority.
  public var onlyLetter: String
  /// What to do when the letter was opened, or was not meant for the reader: paragraphs.
  public var warnings: [String]

  /// Texts from their parts.
  public init(
    language: String, subject: String, purpose: [String], codeHeading: String, scanHint: String,
    districtLabel: String, entryLabel: String, letterLabel: String,
    otherLetter: String, onlyLetter: String, warnings: [String]
  ) {
    self.language = language
    self.subject = subject
    self.purpose = purpose
    self.codeHeading = codeHeading
    self.scanHint = scanHint
    self.districtLabel = districtLabel
    self.entryLabel = entryLabel
    self.letterLabel = letterLabel
    self.otherLetter = otherLetter
    self.onlyLetter = onlyLetter
    self.warnings = warnings
  }

  /// English.
  public static let english = LetterTexts(
    language: "en",
    subject: "Your code for: {election}",
    purpose: [
      "You are on the electoral roll of the district {district}. With the code below you can register to "
        + "vote in “{election}” over the internet.",
      "The code itself does not vote. It shows, once, that you are entitled. What you vote later has no connection "
        + "with this letter that we, or whoever sends another one, could follow.",
    ],
    codeHeading: "Your code",
    scanHint: "Scan this with the voting app, or type in the code.",
    districtLabel: "District",
    entryLabel: "Entry",
    letterLabel: "Letter",
    otherLetter:
      "This letter comes from {sender}. You get a second letter, with another code, from {other}. "
      + "You need both. Two authorities send them so that neither can register in your place.",
    onlyLetter: "This letter comes from {sender}. You need no other letter.",
    warnings: [
      "Keep the letter until the election is over, and show it to nobody. Nobody will ask you for the code "
        + "by telephone or by mail.",
      "If the letter had been opened, or if it is not addressed to you, please tell {sender}.",
    ])
}
