// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
public import Ledger

extension ElectionState {
  /// What can be said about an entry from its leaf alone: its type, phase, author and signature, and
  /// whether a voter is on the list. A server asks this before it keeps an entry for its batch, so that
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
      .log8, type.phases.contains(phase) && type != .configuration,
      "not admitted in the phase \(phase.rawValue)")
    if case .pseudonym(let key) = entry.author {
      check.require(.eli1, voters[key] != nil, "the key is not on the list")
    }
    guard !check.findings.hasFailures, let electionID else { return check.findings }
    checkAuthor(type, electionID: electionID, into: &check)
    return check.findings
  }
}
