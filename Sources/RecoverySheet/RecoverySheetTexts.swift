// SPDX-License-Identifier: Apache-2.0

/// What a recovery sheet says, in one language. Plain text; where `{election}` or `{date}` stands, the value is put
/// in, once. Other braces stay as they are.
public struct RecoverySheetTexts: Hashable, Sendable {
  /// The language as a BCP 47 tag, such as `en`.
  public var language: String
  /// The heading.
  public var title: String
  /// Below the heading: for which election, and when the sheet was made.
  public var subject: String
  /// What the sheet is: paragraphs.
  public var purpose: [String]
  /// What must not happen with it: paragraphs, in a frame.
  public var warnings: [String]
  /// Above the words.
  public var wordsHeading: String
  /// Below the QR code.
  public var scanHint: String
  /// How the wallet is restored: paragraphs.
  public var instructions: [String]

  /// Texts from their parts.
  public init(
    language: String, title: String, subject: String, purpose: [String], warnings: [String],
    wordsHeading: String, scanHint: String, instructions: [String]
  ) {
    self.language = language
    self.title = title
    self.subject = subject
    self.purpose = purpose
    self.warnings = warnings
    self.wordsHeading = wordsHeading
    self.scanHint = scanHint
    self.instructions = instructions
  }

  /// English.
  public static let english = RecoverySheetTexts(
    language: "en",
    title: "Recovery sheet of your voting wallet",
    subject: "{election} · made on {date}",
    purpose: [
      "This sheet restores your wallet if the device with it is lost or broken. The words and the picture say the "
        + "same; either is enough."
    ],
    warnings: [
      "Whoever has this sheet, or has seen it, can vote in your place in this election.",
      "Keep it on paper, where nobody else finds it. Do not photograph it, do not store it on a computer or in a "
        + "network, do not type it into any web page. Nobody will ask you for it: no authority, no helper.",
      "If somebody else may have seen it, tell the election's authorities before you vote.",
    ],
    wordsHeading: "Your 24 words, row by row",
    scanHint: "The same as a picture",
    instructions: [
      "To restore the wallet, install the voting program on another device and type in all the words in the order of "
        + "their numbers, or scan the picture with that device only. The first four letters of a word are enough.",
      "When the election is over, destroy the sheet.",
    ])
}
