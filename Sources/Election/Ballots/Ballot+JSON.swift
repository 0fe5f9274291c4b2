// SPDX-License-Identifier: Apache-2.0

internal import Cryptography
internal import ElGamal
internal import Groups
internal import StrictJSON

/// Ballots and openings as parts of payloads.
extension EncryptedBallot {
  init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.fields([
      "ballotStyle", "chainingField", "confirmationCode", "contests", "identifier",
      "identifierHash", "nonce",
    ])
    guard
      let chainingField = ChainingField(
        try fields["chainingField"].hex(bytes: ChainingField.byteCount)),
      let c1 = Digest(try fields["nonce"].fields(["c0", "c1", "c2"])["c1"].hex(bytes: 32))
    else { throw reader.failure("a chaining field has 36 bytes, an encrypted nonce 32") }
    let nonce = try fields["nonce"].fields(["c0", "c1", "c2"])
    self.init(
      identifier: try fields["identifier"].digest(),
      identifierHash: try fields["identifierHash"].digest(),
      ballotStyle: try fields["ballotStyle"].index(),
      contests: try fields["contests"].list(0...1_000) { item throws(JSONError) in
        try EncryptedContest(item, in: group)
      },
      nonce: BallotNonceEncryption(
        c0: try nonce["c0"].element(in: group), c1: c1, c2: try nonce["c2"].proof(in: group)),
      chainingField: chainingField,
      confirmationCode: try fields["confirmationCode"].digest())
  }

  func json(in group: Group) -> JSONValue {
    [
      "ballotStyle": ballotStyle.json,
      "chainingField": .string(Hex.encode(chainingField.bytes)),
      "confirmationCode": confirmationCode.json,
      "contests": .array(contests.map { $0.json(in: group) }),
      "identifier": identifier.json, "identifierHash": identifierHash.json,
      "nonce": [
        "c0": group.json(nonce.c0), "c1": nonce.c1.json, "c2": group.json(nonce.c2),
      ],
    ]
  }
}

extension EncryptedContest {
  init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    let fields = try reader.fields(
      ["contest", "hash", "limitProof", "selections"], optional: ["data"])
    var data: ContestDataEncryption?
    if let encrypted = fields.optional("data") {
      let members = try encrypted.fields(["c0", "c1", "c2"])
      data = ContestDataEncryption(
        c0: try members["c0"].element(in: group),
        c1: try members["c1"].hex(bytes: 1...32_768),
        c2: try members["c2"].proof(in: group))
    }
    self.init(
      index: try fields["contest"].index(),
      selections: try fields["selections"].list(0...1_000) { item throws(JSONError) in
        let members = try item.fields(["alpha", "beta", "proof"])
        return EncryptedSelection(
          ciphertext: Ciphertext(
            alpha: try members["alpha"].element(in: group),
            beta: try members["beta"].element(in: group)),
          proof: try RangeProof(members["proof"], in: group))
      },
      limitProof: try RangeProof(fields["limitProof"], in: group), data: data,
      hash: try fields["hash"].digest())
  }

  func json(in group: Group) -> JSONValue {
    var members = [
      JSONMember(name: "contest", value: index.json),
      JSONMember(name: "hash", value: hash.json),
      JSONMember(name: "limitProof", value: limitProof.json(in: group)),
      JSONMember(
        name: "selections",
        value: .array(
          selections.map { selection in
            [
              "alpha": group.json(selection.ciphertext.alpha),
              "beta": group.json(selection.ciphertext.beta),
              "proof": selection.proof.json(in: group),
            ]
          })),
    ]
    if let data {
      members.append(
        JSONMember(
          name: "data",
          value: [
            "c0": group.json(data.c0), "c1": .string(Hex.encode(data.c1)),
            "c2": group.json(data.c2),
          ]))
    }
    return .object(members)
  }
}

extension RangeProof {
  init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    self.init(
      branches: try reader.list(0...10_000) { item throws(JSONError) in try item.proof(in: group) })
  }

  func json(in group: Group) -> JSONValue { .array(branches.map { group.json($0) }) }
}

extension ChallengeOpening {
  init(_ reader: JSONReader, in group: Group) throws(JSONError) {
    contests = try reader.list(0...1_000) { item throws(JSONError) in
      let fields = try item.fields(["contest", "selections"], optional: ["data"])
      var data: OpenedData?
      if let opened = fields.optional("data") {
        let members = try opened.fields(["bytes", "nonce"])
        data = OpenedData(
          nonce: try members["nonce"].scalar(in: group),
          bytes: try members["bytes"].hex(bytes: 1...32_768))
      }
      return Contest(
        label: try fields["contest"].string(minBytes: 1),
        selections: try fields["selections"].list(0...1_000) { selection throws(JSONError) in
          let members = try selection.fields(["nonce", "option", "vote"])
          return Selection(
            label: try members["option"].string(minBytes: 1),
            vote: try members["vote"].integer(0...Int(Int32.max)),
            nonce: try members["nonce"].scalar(in: group))
        }, data: data)
    }
  }

  func json(in group: Group) -> JSONValue {
    .array(
      contests.map { contest in
        var members = [
          JSONMember(name: "contest", value: .string(contest.label)),
          JSONMember(
            name: "selections",
            value: .array(
              contest.selections.map { selection in
                [
                  "nonce": group.json(selection.nonce), "option": .string(selection.label),
                  "vote": selection.vote.json,
                ]
              })),
        ]
        if let data = contest.data {
          members.append(
            JSONMember(
              name: "data",
              value: [
                "bytes": .string(Hex.encode(data.bytes)), "nonce": group.json(data.nonce),
              ]))
        }
        return .object(members)
      })
  }
}
