// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import Election
internal import ElGamal
internal import Groups
internal import StrictJSON

/// Ballots.
extension ElectionGuardParser {
  private static let ballotFields = [
    "ballot_id", "ballot_style", "state", "weight", "device", "id_B", "H_I", "contests",
    "encrypted_ballot_nonce", "chaining_field", "confirmation_code",
  ]

  mutating func ballot(
    _ reader: JSONReader
  ) throws(JSONError) -> ElectionGuardRecordContent.Ballot {
    let fields = try reader.fields(Self.ballotFields)
    let contests = try list(fields["contests"], 0...1_000) { parser, item throws(JSONError) in
      try parser.contest(item)
    }
    return try ballot(
      fields, states: [.cast, .challenged], isPreEncrypted: false, contests: contests)
  }

  private mutating func ballot(
    _ fields: JSONFields, states: [ElectionGuardRecordContent.BallotState], isPreEncrypted: Bool,
    contests: [EncryptedContest]
  ) throws(JSONError) -> ElectionGuardRecordContent.Ballot {
    let name = try fields["state"].string(oneOf: states.map(\.rawValue))
    let weight = try fields["weight"].integer(1...Int(Int32.max))
    let nonce = try fields["encrypted_ballot_nonce"].fields(["C0", "C1", "C2"])
    let encrypted = EncryptedBallot(
      identifier: try fields["id_B"].digest(), identifierHash: try fields["H_I"].digest(),
      ballotStyle: try fields["ballot_style"].index(), contests: contests,
      nonce: BallotNonceEncryption(
        c0: try element(nonce["C0"], .bal7), c1: try nonce["C1"].digest(),
        c2: try proof(nonce["C2"], .bal7, .bal7)),
      chainingField: try fields["chaining_field"].chainingField(),
      confirmationCode: try fields["confirmation_code"].digest())
    return ElectionGuardRecordContent.Ballot(
      name: try fields["ballot_id"].name(), state: states.first { $0.rawValue == name } ?? .cast,
      weight: weight, device: try fields["device"].string(maxBytes: 65_536),
      isPreEncrypted: isPreEncrypted, encrypted: encrypted)
  }

  private mutating func contest(_ reader: JSONReader) throws(JSONError) -> EncryptedContest {
    let fields = try reader.fields([
      "contest", "selections", "limit_proof", "contest_data", "contest_hash",
    ])
    var data: ContestDataEncryption?
    if !(try fields["contest_data"].isNull) {
      let members = try fields["contest_data"].fields(["C0", "C1", "C2"])
      data = ContestDataEncryption(
        c0: try element(members["C0"], .bal7), c1: try members["C1"].hex(bytes: 1...32_768),
        c2: try proof(members["C2"], .bal7, .bal7))
    }
    return EncryptedContest(
      index: try fields["contest"].index(), selections: try selections(fields["selections"]),
      limitProof: try rangeProof(fields["limit_proof"], .eg7B, .eg7C), data: data,
      hash: try fields["contest_hash"].digest())
  }

  /// Selections stand in the manifest's order; an index that is not its position breaks BAL-2.
  private mutating func selections(_ reader: JSONReader) throws(JSONError) -> [EncryptedSelection] {
    var position = 0
    return try list(reader, 0...1_000) { parser, item throws(JSONError) in
      let fields = try item.fields(["option", "alpha", "beta", "proof"])
      position += 1
      let option = try fields["option"].index()
      parser.note(
        .bal2, option == position, at: item, "option \(option) stands at position \(position)")
      return EncryptedSelection(
        ciphertext: try parser.ciphertext(fields),
        proof: try parser.rangeProof(fields["proof"], .eg6B, .eg6C))
    }
  }

  private mutating func ciphertext(_ fields: JSONFields) throws(JSONError) -> Ciphertext {
    Ciphertext(
      alpha: try element(fields["alpha"], .eg6A), beta: try element(fields["beta"], .eg6A))
  }

  /// A pre-encrypted ballot. Its selections are read for verifications 5, 6, 7 and 9; its vectors,
  /// hashes and short codes belong to 15 to 19, and only their form is read.
  mutating func preEncryptedBallot(
    _ reader: JSONReader
  ) throws(JSONError) -> ElectionGuardRecordContent.Ballot {
    let fields = try reader.fields(Self.ballotFields)
    let state = try fields["state"].string(oneOf: ["cast", "uncast"])
    let contests = try list(fields["contests"], 0...1_000) { parser, item throws(JSONError) in
      try parser.preEncryptedContest(item, isCast: state == "cast")
    }
    return try ballot(fields, states: [.cast, .uncast], isPreEncrypted: true, contests: contests)
  }

  private mutating func preEncryptedContest(
    _ reader: JSONReader, isCast: Bool
  ) throws(JSONError) -> EncryptedContest {
    let always = ["contest", "contest_hash", "sorted_selection_hashes"]
    let fields = try reader.fields(
      always + (isCast ? ["selected", "selections", "limit_proof"] : ["all_vectors"]))
    for hash in try fields["sorted_selection_hashes"].array(0...100_000) { _ = try hash.digest() }
    for vector in try fields[isCast ? "selected" : "all_vectors"].array(0...100_000) {
      try readVector(vector, isOpened: !isCast)
    }
    return EncryptedContest(
      index: try fields["contest"].index(),
      selections: isCast ? try selections(fields["selections"]) : [],
      limitProof: isCast
        ? try rangeProof(fields["limit_proof"], .eg7B, .eg7C) : RangeProof(branches: []),
      data: nil, hash: try fields["contest_hash"].digest())
  }

  private mutating func readVector(_ reader: JSONReader, isOpened: Bool) throws(JSONError) {
    let always = ["short_code", "selection_hash", "vector"]
    let fields = try reader.fields(always + (isOpened ? ["index", "label", "xi"] : []))
    _ = try fields["short_code"].string(maxBytes: 16)
    _ = try fields["selection_hash"].digest()
    _ = try list(fields["vector"], 0...1_000) { parser, item throws(JSONError) in
      try parser.ciphertext(item.fields(["alpha", "beta"]))
    }
    guard isOpened else { return }
    _ = try fields["index"].index()
    _ = try fields["label"].string()
    _ = try list(fields["xi"], 0...1_000) { parser, item throws(JSONError) in
      try parser.scalar(item, .eg18)
    }
  }
}
