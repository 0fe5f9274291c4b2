// SPDX-License-Identifier: Apache-2.0

/// A name that voters wrote on a write-in line, and on how many counted ballots.
///
/// Names are equal when they are canonically equivalent in Unicode. A name says what was written and
/// not how many votes it got: the vote for the line is in the option's total. Names of overvoted
/// contests, which count as blank, are left out.
public struct WrittenName: Sendable, Equatable {
  /// The contest's label.
  public let contest: String
  /// The write-in option's label.
  public let option: String
  /// The name.
  public let name: String
  /// Number of counted ballots with it.
  public let ballots: Int
}

extension TallyDecrypted {
  /// The names on the opened contest data, by contest, option and frequency; and the number of contest
  /// data that hold something else than a voter's program of this version writes.
  public func writtenNames(_ manifest: ManifestOutline) -> (names: [WrittenName], unreadable: Int) {
    var counts: [Int: [Int: [String: Int]]] = [:]
    var unreadable = 0
    for item in contestData {
      guard let contest = manifest.contest(item.contest) else {
        unreadable += 1
        continue
      }
      do {
        let data = try ContestData(decoding: item.bytes, options: contest.options.count)
        guard data.overvote == nil else { continue }
        for writeIn in data.writeIns {
          counts[item.contest, default: [:]][writeIn.option, default: [:]][
            writeIn.text, default: 0] += 1
        }
      } catch { unreadable += 1 }
    }
    var names: [WrittenName] = []
    for (index, contest) in manifest.contests.enumerated() {
      for (option, label) in contest.options.enumerated() {
        let found = (counts[index + 1]?[option + 1] ?? [:]).sorted {
          $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key
        }
        names += found.map {
          WrittenName(contest: contest.label, option: label, name: $0.key, ballots: $0.value)
        }
      }
    }
    return (names, unreadable)
  }
}
