// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import Cryptography
import ElGamal
import Glibc
import Groups

// Times every operation in the unit powm: one GMP `mpz_powm` with a modulus of 4096 bits and an
// exponent of 256, in the same run and on the same core.
//
//   benchmark [--json]

let group = Group.standard
let isJSON = CommandLine.arguments.dropFirst().contains("--json")
let runCount = 7

let key = group.fixedBase(group.power(group.generator, try group.randomSecretScalar()))
let identifierHash = SHA256.hash(Array("benchmark".utf8))
let nonce = try group.randomSecretScalar()
let vote = group.secretScalar(small: 1)
let ciphertext = group.encrypt(vote, nonce: nonce, key: key)
let statement = RangeStatement(
  identifierHash: identifierHash, contest: 1, option: 1, ciphertext: ciphertext, bound: 1)
let proof = try RangeProof.prove(statement, vote: 1, nonce: nonce, key: key, in: group)
let exponent = proof.branches[0].challenge

/// Ends with a status other than 0 when what is measured is wrong.
func demand(_ holds: Bool) {
  if !holds {
    print("error: a measured operation gave a wrong answer")
    exit(1)
  }
}

var runs: [String: [Double]] = [:]
for _ in 0..<runCount {
  let unit = time(40) { demand(group.vartimePower(ciphertext.alpha, exponent) != group.identity) }
  runs["powm", default: []].append(unit)
  func measure(_ name: String, _ count: Int, _ body: () throws -> Void) rethrows {
    runs[name, default: []].append(try time(count, body) / unit)
  }
  try measure("encrypt-selection", 10) {
    let fresh = try group.randomSecretScalar()
    let encrypted = group.encrypt(vote, nonce: fresh, key: key)
    let proof = try RangeProof.prove(
      RangeStatement(
        identifierHash: identifierHash, contest: 1, option: 1, ciphertext: encrypted, bound: 1),
      vote: 1, nonce: fresh, key: key, in: group)
    demand(proof.branches.count == 2)
  }
  measure("verify-selection", 10) {
    demand(group.isMember(ciphertext.alpha) && group.isMember(ciphertext.beta))
    demand(proof.isValid(statement, key: key, in: group))
  }
  measure("commitments16", 2) {
    var r = CommitmentRequest(x: ciphertext.alpha, base: group.generator)
    for branch in proof.branches {
      r.append(response: branch.response, challenge: branch.challenge)
    }
    demand(group.vartimeCommitments(Array(repeating: r, count: 16)).allSatisfy(\.isMember))
  }
  measure("membership", 10) { demand(group.isMember(ciphertext.alpha)) }
  measure("fixed-base-power", 20) {
    demand(group.vartimePower(group.generator, exponent) != group.identity)
  }
  measure("aggregate-ciphertext", 200) {
    demand(group.vartimeMultiply(ciphertext, ciphertext).alpha != group.identity)
  }
}

let names = [
  "powm", "encrypt-selection", "verify-selection", "membership", "commitments16",
  "fixed-base-power",
  "aggregate-ciphertext",
]
for name in names {
  let figure = Figure(
    name: name, unit: name == "powm" ? "microseconds" : "powm", runs: runs[name] ?? [])
  print(isJSON ? figure.json : figure.row)
}
