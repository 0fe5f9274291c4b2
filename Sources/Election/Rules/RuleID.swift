// SPDX-License-Identifier: Apache-2.0

/// The stable identifier of a rule. `EG-6.D` is item D of verification 6 of ElectionGuard 2.1.0;
/// `LOG-`, `ELI-`, `BAL-` and `CER-` are this project's own, on the log, on eligibility, on ballots
/// and on the ceremonies of keys and decryption.
///
/// Every rule has a sentence (``sentence``), so a rule without one does not compile.
public enum RuleID: String, Hashable, Sendable, CaseIterable, Comparable {
  // Verification 1: parameters
  case eg1A = "EG-1.A"
  case eg1B = "EG-1.B"
  case eg1C = "EG-1.C"
  case eg1D = "EG-1.D"
  case eg1E = "EG-1.E"
  case eg1F = "EG-1.F"
  // Verification 2: trustees' keys
  case eg2A = "EG-2.A"
  case eg2B = "EG-2.B"
  case eg2C = "EG-2.C"
  // Verification 3: the election's keys
  case eg3A = "EG-3.A"
  case eg3B = "EG-3.B"
  // Verification 4: the extended base hash
  case eg4A = "EG-4.A"
  // Verification 5: ballot identifiers
  case eg5A = "EG-5.A"
  case eg5B = "EG-5.B"
  // Verification 6: selections
  case eg6A = "EG-6.A"
  case eg6B = "EG-6.B"
  case eg6C = "EG-6.C"
  case eg6D = "EG-6.D"
  // Verification 7: contest limits
  case eg7A = "EG-7.A"
  case eg7B = "EG-7.B"
  case eg7C = "EG-7.C"
  case eg7D = "EG-7.D"
  // Verification 8: confirmation codes
  case eg8A = "EG-8.A"
  case eg8B = "EG-8.B"
  case eg8C = "EG-8.C"
  case eg8D = "EG-8.D"
  case eg8E = "EG-8.E"
  case eg8F = "EG-8.F"
  case eg8G = "EG-8.G"
  // Verification 9: aggregation
  case eg9A = "EG-9.A"
  case eg9B = "EG-9.B"
  // Verification 10: tally decryption
  case eg10A = "EG-10.A"
  case eg10B = "EG-10.B"
  case eg10C = "EG-10.C"
  // Verification 11: tally content
  case eg11A = "EG-11.A"
  case eg11B = "EG-11.B"
  case eg11C = "EG-11.C"
  case eg11D = "EG-11.D"
  // Verification 12: contest data
  case eg12A = "EG-12.A"
  case eg12B = "EG-12.B"
  case eg12C = "EG-12.C"
  // Verification 13: challenged ballots
  case eg13A = "EG-13.A"
  case eg13B = "EG-13.B"
  // Verification 14: content of challenged ballots
  case eg14A = "EG-14.A"
  case eg14B = "EG-14.B"
  case eg14C = "EG-14.C"
  case eg14D = "EG-14.D"
  case eg14E = "EG-14.E"
  case eg14F = "EG-14.F"
  // Verifications 15 to 19: pre-encrypted ballots. No check exists yet; a record that has such
  // ballots is reported as incomplete.
  case eg15 = "EG-15"
  case eg16 = "EG-16"
  case eg17 = "EG-17"
  case eg18 = "EG-18"
  case eg19 = "EG-19"

  // The log
  case log1 = "LOG-1"
  case log2 = "LOG-2"
  case log3 = "LOG-3"
  case log4 = "LOG-4"
  case log5 = "LOG-5"
  case log6 = "LOG-6"
  case log7 = "LOG-7"
  case log8 = "LOG-8"
  case log9 = "LOG-9"
  case log10 = "LOG-10"
  case log11 = "LOG-11"
  // Eligibility
  case eliListed1 = "ELI-LISTED-1"
  case eliListed2 = "ELI-LISTED-2"
  case eli1 = "ELI-1"
  case eli2 = "ELI-2"
  case eli3 = "ELI-3"
  case eli4 = "ELI-4"
  case eli5 = "ELI-5"
  case eli6 = "ELI-6"
  case eli7 = "ELI-7"
  case eli8 = "ELI-8"
  case eli9 = "ELI-9"
  case eli10 = "ELI-10"
  case eli11 = "ELI-11"
  case eli12 = "ELI-12"
  // Ballots
  case bal1 = "BAL-1"
  case bal2 = "BAL-2"
  case bal3 = "BAL-3"
  case bal4 = "BAL-4"
  case bal5 = "BAL-5"
  case bal6 = "BAL-6"
  case bal7 = "BAL-7"
  case bal8 = "BAL-8"
  // Ceremonies
  case cer1 = "CER-1"
  case cer2 = "CER-2"
  case cer3 = "CER-3"
  case cer4 = "CER-4"
  case cer5 = "CER-5"
  case cer6 = "CER-6"
  case cer7 = "CER-7"
  case cer8 = "CER-8"
  case cer9 = "CER-9"
  case cer10 = "CER-10"
  case cer11 = "CER-11"

  /// The order of ``allCases``, which is the order of reports.
  public static func < (left: RuleID, right: RuleID) -> Bool {
    (order[left] ?? 0) < (order[right] ?? 0)
  }

  private static let order = Dictionary(
    uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
}
