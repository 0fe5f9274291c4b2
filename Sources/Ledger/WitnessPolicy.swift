// SPDX-License-Identifier: Apache-2.0

/// Which logs are accepted, and whose cosignatures make a checkpoint valid (c2sp.org/tlog-policy):
///
/// ```
/// log <vkey> [<url>]
/// witness <name> <vkey> [<url>]
/// group <name> all|any|<k> <member>...
/// quorum <name>|none
/// ```
///
/// Items are separated by spaces and tabs; `#` begins a comment line. A group counts as a witness when
/// `k` of its members do. Names are bytes without meaning outside the file, refer to earlier lines
/// only, and are members at most once, so no witness counts twice.
public struct WitnessPolicy: Sendable {
  /// A witness of the policy.
  public struct Witness: Hashable, Sendable {
    /// The policy's name for it, as UTF-8 with other bytes replaced: for people to read. The policy
    /// itself compares the bytes.
    public let name: String
    /// The key of its cosignatures.
    public let key: CosignerKey
    /// Where it takes requests: the prefix before `/add-checkpoint`. Not checked.
    public let url: String?
  }

  /// A group of members, all defined before it.
  struct Group: Sendable {
    let threshold: Int
    let members: [Member]
  }

  /// What a name stands for: a place in ``witnesses`` or in the groups.
  enum Member: Hashable, Sendable {
    case witness(Int)
    case group(Int)
  }

  /// The longest policy in bytes.
  public static let maximumByteCount = 262_144
  /// The largest number of logs, of witnesses, and of groups.
  public static let maximumCount = 256

  /// The policy, byte for byte.
  public let bytes: [UInt8]
  /// The logs that are accepted; if there are none, any log that is known from elsewhere.
  public let logs: [(key: NoteVerifierKey, url: String?)]
  /// The witnesses, in the order of the file.
  public let witnesses: [Witness]
  let groups: [Group]
  let quorum: Member?

  /// Asks for no cosignature and accepts every log: the bytes `quorum none` and a newline.
  public static let none = WitnessPolicy(
    bytes: [UInt8]("quorum none\n".utf8), logs: [], witnesses: [], groups: [], quorum: nil)

  init(
    bytes: [UInt8], logs: [(key: NoteVerifierKey, url: String?)], witnesses: [Witness],
    groups: [Group], quorum: Member?
  ) {
    self.bytes = bytes
    self.logs = logs
    self.witnesses = witnesses
    self.groups = groups
    self.quorum = quorum
  }

  /// Whether the quorum is `none`: every checkpoint that its log signed is valid.
  public var isTrivial: Bool { quorum == nil }

  /// Whether these cosigners are a quorum. Keys that the policy does not name count for nothing.
  public func isSatisfied(by cosigners: Set<CosignerKey>) -> Bool {
    guard let quorum else { return true }
    let cosigned = witnesses.map { cosigners.contains($0.key) }
    // A group's members stand before it, so one pass decides all of them.
    var decided: [Bool] = []
    func holds(_ member: Member) -> Bool {
      switch member {
      case .witness(let index): cosigned[index]
      case .group(let index): decided[index]
      }
    }
    for group in groups {
      let count = group.members.filter { holds($0) }.count
      decided.append(count >= group.threshold)
    }
    return holds(quorum)
  }
}

extension WitnessPolicy: Hashable {
  /// Two policies are the same if their bytes are.
  public static func == (left: WitnessPolicy, right: WitnessPolicy) -> Bool {
    left.bytes == right.bytes
  }

  /// Feeds the bytes.
  public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}
