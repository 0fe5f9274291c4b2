// SPDX-License-Identifier: Apache-2.0

import BigIntegers
import BlindSignatures
import Cryptography
import Election
import ElectionFixtures
import Foundation
import Ledger

/// Credentials: terms, issuance, activation, cancellation, the list, the keys' end.
extension RuleBreak {
  private static func credentialed(
    _ rule: RuleID, _ title: String, at stage: Stage, also others: Set<RuleID> = [],
    exactly expected: Set<RuleID>? = nil,
    _ make: @escaping @Sendable (inout ElectionFixture) throws -> Pair
  ) -> RuleBreak {
    var broken = RuleBreak(rule, title, at: stage, exactly: expected ?? others.union([rule]), make)
    broken.hasCredentials = true
    return broken
  }

  static let credentials = terms + issuances + activations + cancellations + lists

  private static let terms: [RuleBreak] = [
    // adversary: E-05
    credentialed(.eli1, "two of three issuers must sign, one may be dishonest", at: .empty) {
      try $0.termsPair { $0.required = 2 }
    },
    credentialed(.eli1, "as many dishonest issuers as must sign", at: .empty) {
      try $0.termsPair { $0.tolerated = 3 }
    },
    credentialed(.eli1, "one key for two districts", at: .empty) {
      try $0.termsPair { $0.issuers[0].credentialKeys[1] = $0.issuers[0].credentialKeys[0] }
    },
    credentialed(.eli1, "one key for two issuers", at: .empty) {
      try $0.termsPair { $0.issuers[0].credentialKeys[0] = $0.issuers[1].credentialKeys[0] }
    },
    credentialed(.eli1, "a key that signs with salts", at: .empty) {
      try $0.termsPair { terms in
        let key = terms.issuers[0].credentialKeys[0]
        terms.issuers[0].credentialKeys[0] = try BlindRSAPublicKey(
          modulus: key.modulusBytes, exponent: key.exponent, encoding: .pss)
      }
    },
    credentialed(.eli1, "activation begins before the registration ends", at: .empty) {
      try $0.termsPair { $0.activation = 1_999...2_999 }
    },
    credentialed(.eli1, "voting begins before the activation ends", at: .empty) {
      try $0.termsPair { $0.activation = 2_000...3_000 }
    },
    credentialed(.eli2, "a district that is too small to hide in", at: .empty) {
      try $0.termsPair { $0.minimumDistrict = 4 }
    },
    credentialed(.eli2, "identified citizens without auditors", at: .empty) {
      try $0.termsPair { $0.auditorKey = nil }
    },
  ]

  private static let issuances: [RuleBreak] = [
    // adversary: E-12
    credentialed(.eli3, "an entry that the roll does not have", at: .registering) {
      try $0.issuancePair(1) { $0.index = 6 }
    },
    credentialed(.eli3, "another entry's number", at: .registering) {
      try $0.issuancePair(1) { $0.index = 2 }
    },
    credentialed(.eli3, "another salt", at: .registering) {
      try $0.issuancePair(1) { issuance in
        guard case .open(let salt, let path) = issuance.evidence else { throw Missing() }
        issuance.evidence = .open(salt: salt.flipped, path: path)
      }
    },
    credentialed(.eli3, "a path that leads elsewhere", at: .registering) {
      try $0.issuancePair(1) { issuance in
        guard case .open(let salt, var path) = issuance.evidence else { throw Missing() }
        path[0] = path[0].flipped
        issuance.evidence = .open(salt: salt, path: path)
      }
    },
    credentialed(.eli3, "an issuer's own key in place of the citizen's", at: .registering) {
      fixture in
      try fixture.issuancePair(1) { issuance in
        let forger = CredentialSetup.issuers[0].identity
        issuance.keys = [forger.publicKey]
      }
    },
    credentialed(.eli3, "the request is not signed by the entry's key", at: .registering) {
      try $0.issuancePair(1, sign: false) { $0.signatures[0][0] ^= 1 }
    },
    // adversary: E-09
    credentialed(.eli3, "one of two letters is not enough", at: .registering) {
      try $0.issuancePair(2, sign: false) { $0.signatures[1] = $0.signatures[0] }
    },
    credentialed(.eli3, "the second letter's key left out", at: .registering) {
      try $0.issuancePair(2) { issuance in
        issuance.keys.removeLast()
        issuance.signatures.removeLast()
      }
    },
    credentialed(.eli3, "sealed evidence for an entry that has keys", at: .registering) {
      try $0.issuancePair(1) { $0.evidence = .sealed(CredentialSetup.register) }
    },
    credentialed(.eli3, "two keys for an identified citizen", at: .registering) { fixture in
      let other = CredentialSetup.rollIdentities[0][0]
      let sound = try fixture.issuance(6)
      var changed = sound
      changed.keys.append(other.publicKey)
      let bytes = changed.request(in: try fixture.scope()).bytes
      changed.signatures.append(try other.key().signature(for: bytes))
      return (
        try fixture.entry(sound, by: .issuer(1)), try fixture.entry(changed, by: .issuer(1))
      )
    },
    credentialed(.eli3, "a blinded message left out", at: .registering) {
      try $0.issuancePair(1) { $0.blinded.removeLast() }
    },
    credentialed(.eli3, "a second attempt without a cancellation", at: .registering) {
      try $0.issuancePair(1) { $0.attempt = 1 }
    },
    // adversary: E-05
    credentialed(.eli3, "a second credential for one entry", at: .issued) { fixture in
      let second = try fixture.issuance(1)
      try fixture.admit(fixture.entry(fixture.cancellation(2), by: .voter(2)))
      return (
        try fixture.entry(fixture.issuance(2, attempt: 1), by: .issuer(1)),
        try fixture.entry(second, by: .issuer(1))
      )
    },
    credentialed(.log7, "an issuance that another citizen brings", at: .registering) { fixture in
      let issuance = try fixture.issuance(1)
      return (
        try fixture.entry(issuance, by: .citizen(1)), try fixture.entry(issuance, by: .citizen(3))
      )
    },
  ]

  private static let activations: [RuleBreak] = [
    // adversary: E-03
    credentialed(.eli5, "a self-made credential", at: .activating) {
      try $0.activationPair { activation in
        activation.signatures[1] = .init(
          issuer: 2, bytes: [UInt8](repeating: 1, count: activation.signatures[1].bytes.count))
      }
    },
    // adversary: E-08
    credentialed(.eli5, "a bit of a signature", at: .activating) {
      try $0.activationPair { activation in
        var bytes = activation.signatures[2].bytes
        bytes[200] ^= 1
        activation.signatures[2] = .init(issuer: 3, bytes: bytes)
      }
    },
    credentialed(.eli5, "a signature that is not below the modulus", at: .activating) {
      try $0.activationPair { activation in
        activation.signatures[0] = .init(issuer: 1, bytes: [UInt8](repeating: 255, count: 256))
      }
    },
    credentialed(.eli5, "another nonce", at: .activating) {
      try $0.activationPair { activation in activation.nonce = activation.nonce.flipped }
    },
    credentialed(.eli5, "a credential for another district", at: .activating) {
      try $0.activationPair { activation in activation.district = 2 }
    },
    credentialed(.eli5, "a district that does not exist", at: .activating) {
      try $0.activationPair { activation in activation.district = 3 }
    },
    credentialed(.eli5, "one signature too few", at: .activating) {
      try $0.activationPair { activation in activation.signatures.removeLast() }
    },
    credentialed(.eli5, "one issuer's signature twice", at: .activating) {
      try $0.activationPair { activation in
        activation.signatures[1] = activation.signatures[0]
      }
    },
    // adversary: E-03
    credentialed(.eli5, "another's credential under an own key", at: .activating) { fixture in
      (
        try fixture.entry(fixture.credential(1), by: .voter(1)),
        try fixture.entry(fixture.credential(1), by: .voter(3))
      )
    },
    // adversary: E-07
    credentialed(.eli5, "a credential used twice", at: .activating) { fixture in
      let first = try fixture.entry(fixture.credential(1), by: .voter(1))
      try fixture.admit(first)
      return (try fixture.entry(fixture.credential(2), by: .voter(2)), first)
    },
    // adversary: E-11
    credentialed(.eli5, "a credential that was given up", at: .issued) { fixture in
      let first = try fixture.entry(fixture.credential(1), by: .voter(1))
      try fixture.admit(fixture.entry(fixture.cancellation(1), by: .voter(1)))
      try fixture.step(to: .activating)
      return (try fixture.entry(fixture.credential(2), by: .voter(2)), first)
    },
    // adversary: E-11
    credentialed(.eli9, "a ballot under a key that was given up", at: .issued) { fixture in
      let old = fixture.voterIdentities[0]
      try fixture.admit(fixture.entry(fixture.cancellation(1), by: .voter(1)))
      try fixture.admit(fixture.entry(fixture.issuance(1, attempt: 1), by: .issuer(1)))
      try fixture.takePseudonym(1, attempt: 1)
      try fixture.step(to: .activating)
      try fixture.admit(
        [fixture.entry(fixture.credential(1, attempt: 1), by: .voter(1))]
          + (2...7).map { try fixture.entry(fixture.credential($0), by: .voter($0)) })
      try fixture.advance(from: .activated, to: .voting)
      let votes = fixture.choices(1, [1: [1, 0, 0]])
      let sound = try fixture.entry(fixture.ballot(1, votes).submitted, by: .voter(1))
      let new = fixture.voterIdentities[0]
      fixture.replaceIdentity(1, old)
      let broken = try fixture.entry(fixture.ballot(1, votes).submitted, by: .voter(1))
      fixture.replaceIdentity(1, new)
      return (sound, broken)
    },
    credentialed(.eli9, "a ballot of one who never activated", at: .voting) { fixture in
      (
        try fixture.entry(fixture.spare().submitted, by: .voter(6)),
        try fixture.entry(
          fixture.ballot(8, fixture.choices(8, [4: [1, 0]])).submitted, by: .voter(8))
      )
    },
  ]

  private static let cancellations: [RuleBreak] = [
    // adversary: E-11
    credentialed(.eli8, "not signed by the roll entry's key", at: .issued) {
      try $0.cancellationPair { $0.signatures[0][3] ^= 1 }
    },
    credentialed(.eli8, "another factor", at: .issued) {
      try $0.cancellationPair { $0.factors[1][100] ^= 1 }
    },
    credentialed(.eli8, "the factor 1", at: .issued) {
      try $0.cancellationPair {
        $0.factors[1] = [UInt8](repeating: 0, count: $0.factors[1].count - 1) + [1]
      }
    },
    credentialed(.eli8, "another blinded message", at: .issued) {
      try $0.cancellationPair { $0.blinded[0][100] ^= 1 }
    },
    credentialed(.eli8, "an attempt that was not made", at: .issued) {
      try $0.cancellationPair { $0.attempt = 1 }
    },
    credentialed(.eli8, "cancelled twice", at: .issued) { fixture in
      let first = try fixture.entry(fixture.cancellation(1), by: .voter(1))
      try fixture.admit(first)
      return (try fixture.entry(fixture.cancellation(3), by: .voter(3)), first)
    },
    // The trap of RSA blinding: voter 1 opens the own request as the message of voter 5, whose signatures are
    // public. Only the missing signature of voter 5 stops it.
    // adversary: E-11
    credentialed(
      .eli8, "somebody else's key, opened with computed factors", at: .activated, exactly: [.log6]
    ) { fixture in
      (
        try fixture.entry(fixture.cancellation(1), by: .voter(1)),
        try fixture.entry(
          fixture.equivocation(of: 1, as: 5), by: .voter(5), signer: .voter(1))
      )
    },
  ]

  private static let lists: [RuleBreak] = [
    // adversary: E-02
    credentialed(.eli6, "a key more on the list", at: .activated) {
      try $0.listPair { list in
        list.districts[0] = .init(
          counts: .init(issued: 5, cancelled: 0, listed: 5), root: list.districts[0].root.flipped,
          issuanceRoot: list.districts[0].issuanceRoot)
      }
    },
    // adversary: E-12
    credentialed(.eli6, "a count that is not the record's", at: .activated) {
      try $0.listPair { list in
        let district = list.districts[1]
        list.districts[1] = .init(
          counts: .init(issued: 4, cancelled: 0, listed: district.counts.listed),
          root: district.root, issuanceRoot: district.issuanceRoot)
      }
    },
    // adversary: E-05
    credentialed(.eli6, "another root of what was issued", at: .activated) {
      try $0.listPair { list in
        let district = list.districts[1]
        list.districts[1] = .init(
          counts: district.counts, root: district.root, issuanceRoot: district.issuanceRoot.flipped)
      }
    },
    credentialed(.eli6, "the roots of two districts exchanged", at: .activated) {
      try $0.listPair { list in
        let (first, second) = (list.districts[0], list.districts[1])
        list.districts = [
          .init(counts: first.counts, root: first.root, issuanceRoot: second.issuanceRoot),
          .init(counts: second.counts, root: second.root, issuanceRoot: first.issuanceRoot),
        ]
      }
    },
    credentialed(.eli6, "a district left out of the list", at: .activated) {
      try $0.listPair { list in list.districts.removeLast() }
    },
    credentialed(.eli11, "a checkpoint of an earlier record", at: .activated) { fixture in
      let early = try fixture.checkpointNow()
      let late = try fixture.entry(fixture.credential(8), by: .voter(8))
      try fixture.admit(late)
      return try fixture.listPair { list in list.checkpoint = early }
    },
    credentialed(.eli11, "a checkpoint that the log did not sign", at: .activated) {
      try $0.listPair { list in
        list.checkpoint = list.checkpoint.replacingOccurrences(
          of: ElectionSetup.logName, with: "example.org/another")
      }
    },
    credentialed(.eli7, "the opening of the activation counts wrongly", at: .issued) { fixture in
      let sound = fixture.activationOpening()
      var changed = sound
      changed.issued[0] += 1
      return (
        try fixture.entry(sound, by: .commission), try fixture.entry(changed, by: .commission)
      )
    },
    // adversary: E-12
    credentialed(.eli10, "a voter more in one district and one less in another", at: .decided) {
      try $0.closingPair { $0.voted = [4, 1] }
    },
    credentialed(.eli10, "no numbers of voters", at: .decided) {
      try $0.closingPair { $0.voted = nil }
    },
    // adversary: E-05
    credentialed(.eli4, "an issuer that signed more often than it was asked", at: .frozen) {
      try $0.destroyedPair { destroyed in
        destroyed.keys[0] = .init(keyID: destroyed.keys[0].keyID, signatures: 7)
      }
    },
    credentialed(.eli12, "another key is destroyed", at: .frozen) {
      try $0.destroyedPair { destroyed in
        destroyed.keys[1] = .init(keyID: destroyed.keys[1].keyID.flipped, signatures: 3)
      }
    },
    credentialed(.eli12, "a key is not destroyed", at: .frozen) {
      try $0.destroyedPair { $0.keys.removeLast() }
    },
  ]
}

struct Missing: Error {}

extension ElectionFixture {
  fileprivate func termsPair(
    _ change: (inout CredentialTerms) throws -> Void
  ) throws -> RuleBreak.Pair {
    let sound = try configuration()
    var changed = sound
    guard case .credentials(var terms) = sound.eligibility else { throw Missing() }
    try change(&terms)
    changed.eligibility = .credentials(terms)
    return (try entry(sound, by: .commission), try entry(changed, by: .commission))
  }

  /// A voter's issuance as it is, and changed; signed anew unless the signatures are the point.
  fileprivate func issuancePair(
    _ voter: Int, sign: Bool = true, _ change: (inout CredentialIssuance) throws -> Void
  ) throws -> RuleBreak.Pair {
    let sound = try issuance(voter)
    var changed = sound
    try change(&changed)
    if sign {
      let bytes = changed.request(in: try scope()).bytes
      let known = try requestKeys(voter) + [CredentialSetup.issuers[0].identity]
      changed.signatures = try changed.keys.map { key in
        guard let identity = known.first(where: { $0.publicKey == key }) else { throw Missing() }
        return try identity.key().signature(for: bytes)
      }
    }
    return (try entry(sound, by: .issuer(1)), try entry(changed, by: .issuer(1)))
  }

  fileprivate func activationPair(
    _ change: (inout CredentialActivation) throws -> Void
  ) throws -> RuleBreak.Pair {
    let sound = try credential(1)
    var changed = sound
    try change(&changed)
    return (try entry(sound, by: .voter(1)), try entry(changed, by: .voter(1)))
  }

  fileprivate func cancellationPair(
    _ change: (inout CredentialCancelled) throws -> Void
  ) throws -> RuleBreak.Pair {
    let sound = try cancellation(1)
    var changed = sound
    try change(&changed)
    return (try entry(sound, by: .voter(1)), try entry(changed, by: .voter(1)))
  }

  /// A cancellation of voter `own`'s request that opens as the message of voter `other`: r' = bs / sig mod n.
  /// The keys of `own`'s entry sign it.
  fileprivate func equivocation(of own: Int, as other: Int) throws -> CredentialCancelled {
    var cancelled = try cancellation(own)
    let secrets = try credentialSecrets(own)
    let district = rollPlace(own).district
    let published = try credential(other)
    cancelled.nonce = published.nonce
    for (position, issuer) in CredentialSetup.issuers.enumerated() {
      let signer = issuer.signers[district - 1]
      let modulus = try Modulus(Natural<64>(wrappingBigEndian: signer.key.modulusBytes))
      let blind = Natural<64>(
        wrappingBigEndian: try signer.holder.rawSignatureNow(cancelled.blinded[position]))
      guard
        let inverse = modulus.vartimeInverse(
          Natural<64>(wrappingBigEndian: published.signatures[position].bytes))
      else { throw Missing() }
      cancelled.factors[position] = modulus.vartimeMultiply(blind, inverse)
        .bigEndianBytes(width: signer.key.byteCount)
    }
    let (request, _) = try secrets.request(stateTerms(), index: rollPlace(own).index)
    let statement = IssueRequest.cancellation(
      of: request.hash, pseudonym: voterIdentities[other - 1].publicKey)
    cancelled.signatures = try requestKeys(own).map { try $0.key().signature(for: statement) }
    return cancelled
  }

  fileprivate func listPair(
    _ change: (inout CredentialListFrozen) throws -> Void
  ) throws -> RuleBreak.Pair {
    // The list is checked in the batch that the test opens, over the record before it.
    let sound = try listFrozen()
    var changed = sound
    try change(&changed)
    return (try entry(sound, by: .commission), try entry(changed, by: .commission))
  }

  fileprivate func closingPair(
    _ change: (inout VotingClosed) throws -> Void
  ) throws -> RuleBreak.Pair {
    let sound = closing()
    var changed = sound
    try change(&changed)
    return (try entry(sound, by: .commission), try entry(changed, by: .commission))
  }

  fileprivate func destroyedPair(
    _ change: (inout IssuerKeysDestroyed) throws -> Void
  ) throws -> RuleBreak.Pair {
    let sound = try keysDestroyed(2)
    var changed = sound
    try change(&changed)
    return (try entry(sound, by: .issuer(2)), try entry(changed, by: .issuer(2)))
  }
}
