// SPDX-License-Identifier: Apache-2.0

extension WitnessPolicy {
  /// Reads a policy.
  ///
  /// - Throws: ``LedgerError`` with the line's number for the first rule of c2sp.org/tlog-policy that
  ///   does not hold; also above 262,144 bytes, or 256 logs, witnesses or groups.
  public init(_ bytes: [UInt8]) throws(LedgerError) {
    guard bytes.count <= Self.maximumByteCount else {
      throw LedgerError("policy", "at most \(Self.maximumByteCount) bytes")
    }
    guard bytes.last == 0x0A else { throw LedgerError("policy", "every line ends in a newline") }
    var draft = Draft()
    let lines = bytes.dropLast().split(separator: 0x0A, omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      draft.place = "policy, line \(number + 1)"
      try draft.add(line)
    }
    guard let quorum = draft.quorum else { throw LedgerError("policy", "a quorum line") }
    self.init(
      bytes: bytes, logs: draft.logs, witnesses: draft.witnesses, groups: draft.groups,
      quorum: quorum)
  }
}

/// The part of a policy that was read.
private struct Draft {
  var place = "policy"
  var logs: [(key: NoteVerifierKey, url: String?)] = []
  var witnesses: [WitnessPolicy.Witness] = []
  var groups: [WitnessPolicy.Group] = []
  /// Nil before the quorum line, nil inside for `none`.
  var quorum: WitnessPolicy.Member??
  private var names: [[UInt8]: WitnessPolicy.Member] = [:]
  private var grouped: Set<WitnessPolicy.Member> = []

  mutating func add(_ line: ArraySlice<UInt8>) throws(LedgerError) {
    guard line.allSatisfy({ $0 == 0x09 || (0x20...0x7E).contains($0) || $0 >= 0x80 }) else {
      throw error("no control character but tab")
    }
    let items = line.split { $0 == 0x20 || $0 == 0x09 }.map { [UInt8]($0) }
    guard let keyword = items.first, keyword.first != UInt8(ascii: "#") else { return }
    let arguments = items.dropFirst()
    switch keyword {
    case [UInt8]("log".utf8): try addLog(arguments)
    case [UInt8]("witness".utf8): try addWitness(arguments)
    case [UInt8]("group".utf8): try addGroup(arguments)
    case [UInt8]("quorum".utf8): try setQuorum(arguments)
    default: throw error("begins with log, witness, group, quorum or #")
    }
  }

  private mutating func addLog(_ arguments: ArraySlice<[UInt8]>) throws(LedgerError) {
    guard (1...2).contains(arguments.count), let vkey = arguments.first else {
      throw error("`log`, a vkey and at most a URL")
    }
    let key: NoteVerifierKey
    do {
      key = try NoteVerifierKey(vkey: text(vkey))
    } catch {
      throw self.error("a log's key: \(error.rule)")
    }
    guard !logs.contains(where: { $0.key.publicKey == key.publicKey }) else {
      throw error("each log's public key once")
    }
    try count(logs.count, "logs")
    logs.append((key, url(arguments.dropFirst())))
  }

  private mutating func addWitness(_ arguments: ArraySlice<[UInt8]>) throws(LedgerError) {
    guard (2...3).contains(arguments.count), let name = arguments.first,
      let vkey = arguments.dropFirst().first
    else { throw error("`witness`, a name, a vkey and at most a URL") }
    let key: CosignerKey
    do {
      key = try CosignerKey(vkey: text(vkey))
    } catch {
      throw self.error("a witness's key: \(error.rule)")
    }
    guard !witnesses.contains(where: { $0.key.publicKey == key.publicKey }) else {
      throw error("each witness's public key once")
    }
    try count(witnesses.count, "witnesses")
    try define(name, as: .witness(witnesses.count))
    witnesses.append(
      .init(
        name: String(decoding: name, as: UTF8.self), key: key, url: url(arguments.dropFirst(2))))
  }

  private mutating func addGroup(_ arguments: ArraySlice<[UInt8]>) throws(LedgerError) {
    guard arguments.count >= 3, let name = arguments.first,
      let number = arguments.dropFirst().first
    else { throw error("`group`, a name, all, any or a number, and members") }
    var members: [WitnessPolicy.Member] = []
    for item in arguments.dropFirst(2) {
      let member = try self.member(item)
      guard grouped.insert(member).inserted else {
        throw error("each name is a member at most once")
      }
      members.append(member)
    }
    let threshold: Int
    switch number {
    case [UInt8]("all".utf8): threshold = members.count
    case [UInt8]("any".utf8): threshold = 1
    default:
      guard let number = Decimal.decode(number, maximum: UInt64(members.count)), number >= 1 else {
        throw error("all, any, or a decimal from 1 to the number of members")
      }
      threshold = Int(number)
    }
    try count(groups.count, "groups")
    try define(name, as: .group(groups.count))
    groups.append(.init(threshold: threshold, members: members))
  }

  private mutating func setQuorum(_ arguments: ArraySlice<[UInt8]>) throws(LedgerError) {
    guard arguments.count == 1, let name = arguments.first else {
      throw error("`quorum` and a name")
    }
    guard quorum == nil else { throw error("exactly one quorum line") }
    quorum = .some(name == Self.none ? nil : try member(name))
  }

  private static let none = [UInt8]("none".utf8)

  private mutating func define(
    _ name: [UInt8], as member: WitnessPolicy.Member
  ) throws(LedgerError) {
    guard name != Self.none else { throw error("the name `none` is taken") }
    guard names.updateValue(member, forKey: name) == nil else {
      throw error("each name is defined once")
    }
  }

  private func member(_ name: [UInt8]) throws(LedgerError) -> WitnessPolicy.Member {
    guard let member = names[name] else { throw error("names of earlier lines") }
    return member
  }

  private func count(_ count: Int, _ what: String) throws(LedgerError) {
    guard count < WitnessPolicy.maximumCount else {
      throw error("at most \(WitnessPolicy.maximumCount) \(what)")
    }
  }

  private func text(_ bytes: [UInt8]) throws(LedgerError) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw error("UTF-8") }
    return text
  }

  private func url(_ rest: ArraySlice<[UInt8]>) -> String? {
    rest.first.map { String(decoding: $0, as: UTF8.self) }
  }

  private func error(_ rule: String) -> LedgerError { LedgerError(place, rule) }
}
