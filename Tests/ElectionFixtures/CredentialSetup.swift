// SPDX-License-Identifier: Apache-2.0

package import BlindSignatures
package import Cryptography
package import Election
internal import Ledger
internal import TestSupport

/// An issuer of fixtures. The keys are random, and made once in a process.
package struct TestIssuer: Sendable {
  package let identity: Identity
  /// By district.
  package let signers: [BlindSigner<LocalRSASigner>]

  package init(_ number: Int, districts: Int, bits: Int = 2048) throws {
    identity = try Identity("issuer/\(number)")
    signers = try (1...districts).map { _ in
      let holder = LocalRSASigner(try RSAPrivateKey.generate(bits: bits))
      return BlindSigner(try holder.publicKey(CredentialTerms.encoding), holder: holder)
    }
  }
}

/// How voters of a fixture get credentials.
package struct CredentialSetup: Sendable {
  /// What people sign, in place of an election.
  package var scope: ScopeDescription?
  package var required = 3
  package var tolerated = 1
  package var maximumGap = 4_000
  package var minimumDistrict = 2
  /// Batches of a fixture are seconds from 1,000 on.
  package var registration = 1_000...1_999
  package var activation = 2_000...2_999
  package static let votingOpens = 3_000

  package init() {}

  /// Two districts: the north, number 1, and the south.
  package static let districts = ["north", "south"]
  package static let register = SHA256.hash(Array("urna/test/register".utf8))
  /// Three issuers.
  private static let madeIssuers = Result { try (1...3).map { try TestIssuer($0, districts: 2) } }
  package static let issuers = (try? madeIssuers.get()) ?? []

  /// The keys of the roll's entries, by voter: voter 2 has two.
  package static let rollIdentities: [[Identity]] =
    (try? (1...8).map { number in
      try (1...(number == 2 ? 2 : 1)).map { try Identity("roll/\(number)/\($0)") }
    }) ?? []

  /// Voters 1 to 5 are known by keys.
  package static func hasKeys(_ voter: Int) -> Bool { voter <= 5 }

  /// The toy election with credentials: nobody has a weight.
  package static let toy: ElectionSetup = {
    var setup = ElectionSetup()
    setup.credentials = CredentialSetup()
    for index in setup.voters.indices { setup.voters[index].weight = 1 }
    setup.votingWindow = votingOpens...ElectionConfiguration.anyTime.upperBound
    return setup
  }()

  /// The same citizens sign a petition.
  package static let petition: ElectionSetup = {
    var setup = toy
    setup.credentials?.scope = ScopeDescription(
      name: "petition/2026-17", text: "Open the footbridge at night.\n")
    setup.name = "Footbridge"
    return setup
  }()
}
