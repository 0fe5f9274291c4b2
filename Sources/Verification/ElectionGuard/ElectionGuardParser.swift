// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Election
internal import ElGamal
internal import Groups
internal import StrictJSON

/// Reads the values of `record.json` and keeps what is out of range.
struct ElectionGuardParser {
  let group: Group
  let manifest: ManifestOutline
  /// Numbers out of range, each under the rule that its place has.
  private(set) var findings = Findings()

  init(group: Group, manifest: ManifestOutline) {
    self.group = group
    self.manifest = manifest
  }

  /// Keeps a failure. What holds is counted by the verification.
  mutating func note(
    _ rule: RuleID, _ holds: Bool, at reader: JSONReader, _ detail: @autoclosure () -> String
  ) {
    if !holds { findings.check(rule, false, at: reader.path, detail()) }
  }

  /// An element; out of range it breaks `rule`.
  mutating func element(_ reader: JSONReader, _ rule: RuleID) throws(JSONError) -> Element {
    let text = try reader.string(maxBytes: 2 * group.elementByteCount + 1)
    let number: ForeignNumber<Element>
    do { number = try group.foreignElement(hex: text) } catch {
      throw reader.failure("an element has \(2 * group.elementByteCount) upper-case hex digits")
    }
    note(rule, number.isInRange, at: reader, "not in 1 to p−1")
    return number.value
  }

  /// A scalar; out of range it breaks `rule`.
  mutating func scalar(_ reader: JSONReader, _ rule: RuleID) throws(JSONError) -> Scalar {
    let text = try reader.string(maxBytes: 2 * Scalar.byteCount + 1)
    let number: ForeignNumber<Scalar>
    do { number = try group.foreignScalar(hex: text) } catch {
      throw reader.failure("a scalar has \(2 * Scalar.byteCount) upper-case hex digits")
    }
    note(rule, number.isInRange, at: reader, "not in 0 to q−1")
    return number.value
  }

  /// {"c","v"}
  mutating func proof(
    _ reader: JSONReader, _ challenge: RuleID, _ response: RuleID
  ) throws(JSONError) -> CompactProof {
    let fields = try reader.fields(["c", "v"])
    return CompactProof(
      challenge: try scalar(fields["c"], challenge), response: try scalar(fields["v"], response))
  }

  mutating func rangeProof(
    _ reader: JSONReader, _ challenge: RuleID, _ response: RuleID
  ) throws(JSONError) -> RangeProof {
    RangeProof(
      branches: try list(reader, 0...20_000) { parser, item throws(JSONError) in
        try parser.proof(item, challenge, response)
      })
  }

  /// A list, each item read by `read`.
  mutating func list<Value>(
    _ reader: JSONReader, _ counts: ClosedRange<Int> = 0...1_000_000,
    _ read: (inout Self, JSONReader) throws(JSONError) -> Value
  ) throws(JSONError) -> [Value] {
    var values: [Value] = []
    for item in try reader.array(counts) { values.append(try read(&self, item)) }
    return values
  }

  mutating func trustee(_ reader: JSONReader) throws(JSONError) -> TrusteeKeys {
    let fields = try reader.fields(["i", "K_vote", "K_data", "kappa", "proof_vote", "proof_data"])
    return TrusteeKeys(
      trustee: try fields["i"].index(),
      voteCommitments: try list(fields["K_vote"], 1...1_000) { parser, item throws(JSONError) in
        try parser.element(item, .eg2A)
      },
      dataCommitments: try list(fields["K_data"], 1...1_000) { parser, item throws(JSONError) in
        try parser.element(item, .eg2A)
      },
      communicationKey: try element(fields["kappa"], .eg2A),
      voteProof: try keyProof(fields["proof_vote"]),
      dataProof: try keyProof(fields["proof_data"]))
  }

  private mutating func keyProof(_ reader: JSONReader) throws(JSONError) -> TrusteeKeyProof {
    let fields = try reader.fields(["c", "v"])
    return TrusteeKeyProof(
      challenge: try scalar(fields["c"], .eg2C),
      responses: try list(fields["v"], 1...1_001) { parser, item throws(JSONError) in
        try parser.scalar(item, .eg2B)
      })
  }

  mutating func total(
    _ reader: JSONReader
  ) throws(JSONError) -> ElectionGuardRecordContent.Total {
    let fields = try reader.fields(["contest", "option", "A", "B", "T", "t", "proof"])
    let contest = try fields["contest"].index()
    let option = try fields["option"].index()
    let labels = manifest.contest(contest)?.options ?? []
    return ElectionGuardRecordContent.Total(
      contest: contest, option: option,
      ciphertext: Ciphertext(
        alpha: try element(fields["A"], .eg9A), beta: try element(fields["B"], .eg9B)),
      decrypted: DecryptedTotal(
        label: labels.indices.contains(option - 1) ? labels[option - 1] : "option \(option)",
        total: try fields["t"].integer(Self.signed),
        power: try element(fields["T"], .eg10C),
        proof: try proof(fields["proof"], .eg10B, .eg10A)))
  }

  mutating func openedData(
    _ reader: JSONReader
  ) throws(JSONError) -> ElectionGuardRecordContent.OpenedData {
    let fields = try reader.fields(["ballot_id", "contest", "beta", "proof", "D"])
    return ElectionGuardRecordContent.OpenedData(
      ballot: try fields["ballot_id"].name(), contest: try fields["contest"].index(),
      shared: try element(fields["beta"], .eg12B),
      proof: try proof(fields["proof"], .eg12B, .eg12A),
      bytes: try fields["D"].hex(bytes: 1...32_768))
  }

  mutating func opening(
    _ reader: JSONReader
  ) throws(JSONError) -> ElectionGuardRecordContent.Opening {
    let fields = try reader.fields(["ballot_id", "contests"])
    return ElectionGuardRecordContent.Opening(
      ballot: try fields["ballot_id"].name(),
      opening: ChallengeOpening(
        contests: try list(fields["contests"], 0...1_000) { parser, item throws(JSONError) in
          try parser.openedContest(item)
        }))
  }

  /// The format names contests and options by index; the rulebook by label. What the manifest does
  /// not have gets a label that no manifest can have, with a space in front.
  private mutating func openedContest(
    _ reader: JSONReader
  ) throws(JSONError) -> ChallengeOpening.Contest {
    let fields = try reader.fields(
      ["contest", "votes", "xi", "contest_data_xi", "contest_data_plain"])
    let index = try fields["contest"].index()
    let definition = manifest.contest(index)
    let votes = try fields["votes"].list(0...1_000) { item throws(JSONError) in
      try item.integer(Self.signed)
    }
    let nonces = try list(fields["xi"], 0...1_000) { parser, item throws(JSONError) in
      try parser.scalar(item, .eg13B)
    }
    guard votes.count == nonces.count else {
      throw try fields["xi"].failure("there must be as many nonces as votes")
    }
    let options = definition?.options ?? []
    var selections: [ChallengeOpening.Selection] = []
    for (offset, (vote, nonce)) in zip(votes, nonces).enumerated() {
      let label = options.indices.contains(offset) ? options[offset] : " \(offset + 1)"
      selections.append(ChallengeOpening.Selection(label: label, vote: vote, nonce: nonce))
    }
    let (nonce, plain) = (try fields["contest_data_xi"], try fields["contest_data_plain"])
    guard nonce.isNull == plain.isNull else {
      throw plain.failure("contest data and its nonce come together")
    }
    let data =
      nonce.isNull
      ? nil
      : ChallengeOpening.OpenedData(
        nonce: try scalar(nonce, .eg13A), bytes: try plain.hex(bytes: 1...32_768))
    return ChallengeOpening.Contest(
      label: definition?.label ?? " \(index)", selections: selections, data: data)
  }

  private static let signed = Int(Int32.min)...Int(Int32.max)
}
