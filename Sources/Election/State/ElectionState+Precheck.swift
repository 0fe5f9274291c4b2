// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
public import Ledger

extension ElectionState {
  /// What can be said about an entry from its leaf alone: its type, phase, author and signature, and
  /// whether a voter is on the list; of credentials, whose authors nobody lists, all rules but those of batches.
  /// A server asks this before it keeps an entry for its batch, so that
  /// nobody fills its queue under another's name. It replaces no rule: ``check(_:payloads:)`` decides.
  public func precheck(_ file: EntryFile) -> Findings {
    var check = EntryCheck(
      RecordedEntry(index: size, entry: file.entry, payload: file.payload))
    let entry = file.entry
    guard let type = EntryType(rawValue: entry.type), entry.version == 1 else {
      check.require(.log5, false, "unknown type or version \(entry.type) \(entry.version)")
      return check.findings
    }
    check.require(
      .log8, isAdmitted(type) && type != .configuration,
      "not admitted in the phase \(phase.rawValue)")
    guard !check.findings.hasFailures, let electionID else { return check.findings }
    switch type {
    case .ballotSubmitted, .ballotCast, .ballotChallenged:
      if case .pseudonym(let key) = entry.author {
        check.require(voterRule, voter(key) != nil, "the key is not on the list")
      }
    case .credentialIssuance, .credentialActivation, .credentialCancelled:
      do {
        check.effect = try decode(
          type, check.recorded, electionID: electionID, NoPayloads(), into: &check)
      } catch {
        check.require(.log5, false, "\(error)")
      }
    default: break
    }
    guard !check.findings.hasFailures else { return check.findings }
    checkAuthor(type, electionID: electionID, into: &check)
    return check.complete()
  }
}

/// Entries of credentials refer to no earlier payload.
private struct NoPayloads: PayloadSource {
  func payload(at index: Int) -> [UInt8]? { nil }
}
