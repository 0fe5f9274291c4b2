// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import Cryptography
import Election
import ElectionFixtures
import Groups
import Ledger
import StrictJSON
import Testing

/// A petition: credentials under another scope than `election`, and no voting.
@Suite struct PetitionTests {
  @Test func aPetitionIsCompleteWithItsList() throws {
    let open = try ElectionFixture.petition(.activated)
    #expect(open.state.kind == .petition && !open.state.isComplete)
    let frozen = try ElectionFixture.petition(.frozen)
    #expect(frozen.state.phase == .frozen && frozen.state.isComplete)
    let whole = try ElectionFixture.petition(.certified)
    #expect(whole.state.phase == .frozen && whole.state.manifest == nil)
    #expect(
      whole.state.signatureReport == [
        "petition/2026-17: 7 signatures",
        "  district north: 5 signatures of 5 entitled, gap 0",
        "  district south: 2 signatures of 3 entitled, gap 1",
        "  3 of 3 issuers declared their keys destroyed",
      ])
    #expect(try ElectionFixture.credentialed(.frozen).state.signatureReport == [])
    #expect(try !ElectionFixture.credentialed(.frozen).state.isComplete)
  }

  /// The scope is in M, in requests, and in what wallets derive: same seed, same issuers, another scope.
  @Test func scopesHaveNothingInCommon() throws {
    let election = try ElectionFixture.credentialed(.activating)
    let petition = try ElectionFixture.petition(.activating)
    #expect(petition.state.scope?.name == "petition/2026-17")
    #expect(election.state.scope?.name == CredentialScope.electionName)
    let key = CredentialSetup.issuers[0].signers[0].key
    let own = try election.credentialSecrets(1)
    let other = try petition.credentialSecrets(1)
    let derived = [
      [
        try own.pseudonym().publicKey.bytes, try own.requestKey().publicKey.bytes,
        try own.message().nonce.bytes, try own.blinded(for: key, issuer: 1).request,
        try own.openingFactor(for: key, issuer: 1),
      ],
      [
        try other.pseudonym().publicKey.bytes, try other.requestKey().publicKey.bytes,
        try other.message().nonce.bytes, try other.blinded(for: key, issuer: 1).request,
        try other.openingFactor(for: key, issuer: 1),
      ],
    ]
    #expect(Set(derived[0]).isDisjoint(with: derived[1]))
  }

  /// A credential of one scope is refused in the other by name, both ways, though the issuers' keys are the same.
  // adversary: E-03, F-03
  @Test func aCredentialIsWorthNothingInAnotherScope() throws {
    let fixtures = [
      try ElectionFixture.credentialed(.activating), try ElectionFixture.petition(.activating),
    ]
    for (here, there) in [(fixtures[0], fixtures[1]), (fixtures[1], fixtures[0])] {
      var here = here
      #expect(try here.broken(here.entry(here.credential(1), by: .voter(1))) == [])
      here.replaceIdentity(1, there.voterIdentities[0])
      #expect(try here.broken(here.entry(there.credential(1), by: .voter(1))) == [.eli5])
      // The entry as it was signed for the other record.
      let foreign = try there.entry(there.credential(1), by: .voter(1))
      #expect(try here.broken(foreign) == [.eli5, .log6])
    }
  }

  // adversary: E-09, F-03
  @Test func aRequestIsWorthNothingInAnotherScope() throws {
    let fixtures = [
      try ElectionFixture.credentialed(.registering), try ElectionFixture.petition(.registering),
    ]
    for (here, there) in [(fixtures[0], fixtures[1]), (fixtures[1], fixtures[0])] {
      #expect(try here.broken(here.entry(here.issuance(1), by: .issuer(1))) == [])
      #expect(try here.broken(here.entry(there.issuance(1), by: .issuer(1))) == [.eli3])
    }
  }

  /// The name alone makes another scope: an issuer's signature for one does not verify in the other.
  // adversary: F-03
  @Test func aSignatureIsForOneScope() throws {
    let fixture = try ElectionFixture.petition(.activating)
    let credential = try fixture.credential(1)
    let key = CredentialSetup.issuers[0].signers[0].key
    let scope = try fixture.scope()
    func isValid(_ name: String, _ id: Digest) throws -> Bool {
      let message = CredentialMessage(
        scope: try #require(CredentialScope(name: name, id: id)), district: 1,
        nonce: credential.nonce, pseudonym: fixture.voterIdentities[0].publicKey)
      return key.vartimeIsValid(credential.signatures[0].bytes, preparedMessage: message.bytes)
    }
    #expect(try isValid(scope.name, scope.id))
    for name in ["election", "petition/2026-18", "petition/2026-1", "petition/2026-17-"] {
      #expect(try !isValid(name, scope.id), "\(name)")
    }
    #expect(try !isValid(scope.name, scope.id.flipped))
  }

  /// Nothing of an election comes in a petition.
  // adversary: L-11
  @Test func nobodyVotesInAPetition() throws {
    let election = try ElectionFixture.credentialed(.certified)
    for stage in [Stage.configured, .registering, .activated, .frozen, .destroyed] {
      let petition = try ElectionFixture.petition(stage)
      for file in election.entries {
        guard let type = EntryType(rawValue: file.entry.type) else { continue }
        let isOfElections =
          type == .manifest || type >= .votingOpened
          || (type >= .trusteeKeys && type <= .trusteeConfirmation)
        guard isOfElections else { continue }
        #expect(petition.findingsNow(file).failures.contains { $0.rule == .log8 }, "\(type)")
      }
      #expect(petition.state.voter(petition.voterIdentities[0].publicKey) == nil)
    }
  }

  @Test func everybodySignsOnce() throws {
    var fixture = try ElectionFixture.petition(.issued)
    #expect(try fixture.broken(fixture.entry(fixture.issuance(1), by: .issuer(2))) == [.eli3])
    try fixture.advance(from: .issued, to: .activated)
    #expect(try fixture.broken(fixture.entry(fixture.credential(1), by: .voter(1))) == [.eli5])
    let frozen = try ElectionFixture.petition(.frozen)
    #expect(try frozen.broken(frozen.entry(frozen.credential(8), by: .voter(8))) == [.log8])
  }

  @Test func windowsFollowEachOther() throws {
    var setup = CredentialSetup.petition
    setup.credentials?.activation = 1_999...2_999
    let fixture = try ElectionFixture(setup)
    let file = try fixture.entry(fixture.configuration(), by: .commission)
    #expect(Set(fixture.findingsNow(file).failures.map(\.rule)) == [.eli1])
  }

  @Test(arguments: [
    ("election", "text"), ("", "text"), ("Petition", "text"), ("petition 1", "text"),
    ("petition/é", "text"), (String(repeating: "a", count: 257), "text"), ("petition", ""),
    ("petition", "a\u{1B}[2Jb"), ("petition", "a\rb"), ("petition", "a\u{202E}b"),
    ("petition", "a\u{0}b"), ("petition", String(repeating: "a", count: 32_769)),
  ])
  func descriptionsAreRefused(_ name: String, _ text: String) throws {
    #expect(ScopeDescription(name: name, text: text) == nil)
    let fixture = try ElectionFixture(CredentialSetup.petition)
    let sound = try JSONValue(parsing: fixture.configuration().bytes(in: fixture.group))
    let changed = sound.replacing(
      ["eligibility", "scope"], with: ["name": .string(name), "text": .string(text)])
    #expect(changed != sound)
    #expect(throws: JSONError.self) {
      _ = try ElectionConfiguration(bytes: changed.canonicalBytes(), in: fixture.group)
    }
  }

  /// What an election has, a petition has not, and the other way round: there is one form of each.
  @Test func thereIsOneFormOfEach() throws {
    let petition = try ElectionFixture(CredentialSetup.petition)
    let election = try ElectionFixture(CredentialSetup.toy)
    let group = petition.group
    let own = try JSONValue(parsing: petition.configuration().bytes(in: group))
    let other = try JSONValue(parsing: election.configuration().bytes(in: group))
    #expect(
      try ElectionConfiguration(bytes: own.canonicalBytes(), in: group) == petition.configuration())
    for name in ["device", "group", "manifest", "policy", "specification", "trustees", "voting"] {
      let value = try JSONReader(other).openFields()[name].value
      let more = own.replacing([name], with: value)
      #expect(throws: JSONError.self, "\(name)") {
        _ = try ElectionConfiguration(bytes: more.canonicalBytes(), in: group)
      }
    }
    let scope = try JSONReader(own).openFields()["eligibility"].openFields()["scope"].value
    for changed in [
      own.replacing(["eligibility", "maximumGap"], with: .integer(50)),
      other.replacing(["eligibility", "scope"], with: scope),
    ] {
      #expect(throws: JSONError.self) {
        _ = try ElectionConfiguration(bytes: changed.canonicalBytes(), in: group)
      }
    }
  }
}

extension JSONValue {
  /// With another value of a member, which is added if there is none.
  fileprivate func replacing(_ path: [String], with value: JSONValue) -> JSONValue {
    guard let name = path.first, case .object(var members) = self else { return value }
    let position = members.firstIndex { $0.name == name }
    let old = position.map { members[$0].value } ?? .null
    let member = JSONMember(name: name, value: old.replacing(Array(path.dropFirst()), with: value))
    if let position { members[position] = member } else { members.append(member) }
    return .object(members)
  }
}
