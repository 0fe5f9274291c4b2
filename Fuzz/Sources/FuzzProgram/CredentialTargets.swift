// SPDX-License-Identifier: Apache-2.0

import BlindSignatures
import Cryptography
import Election
import ElectionFixtures
import ElectoralRoll
import Groups
import Issuance
import Ledger
import RecoverySheet
import StrictJSON
import TestSupport

extension FuzzTarget {
  /// What citizens and issuers send each other, and what is read of rolls, letters and sheets.
  static let credentials = [
    // Other spellings are read too; what is written reads the same.
    FuzzTarget("issue-message") {
      try Materials.issueMessages()
    } rewrite: { bytes in
      let group = ToyGroups.q24p64
      let message = try IssueMessage(bytes: bytes, in: group)
      let written = try message.bytes(in: group)
      mustHold { try IssueMessage(bytes: written, in: group).bytes(in: group) == written }
      return bytes
    },
    FuzzTarget("entry-question") {
      let key = try Ed25519.PrivateKey(seed: SecretBytes(copying: [UInt8](repeating: 3, count: 32)))
      return [
        IdentifiedQuestion().bytes,
        IdentifiedQuestion(idToken: utf8("e30.e30.AA"), random: SHA256.hash([1])).bytes,
        RollQuestion(
          district: 1, index: 5, keys: [key.publicKey],
          signatures: [try key.signature(for: [1])]
        ).bytes,
      ]
    } rewrite: { bytes in
      let written: [UInt8]
      switch try EntryQuestion(bytes: bytes) {
      case .keys(let question): written = question.bytes
      case .identified(let question): written = question.bytes
      }
      mustHold { try JSONValue(parsing: bytes).canonicalBytes() == written }
      return bytes
    },
    FuzzTarget("issue-answer") {
      [
        IssueAnswer(
          issuer: 3, request: SHA256.hash([2]), blindSignature: [UInt8](repeating: 7, count: 256),
          receipt: [UInt8](repeating: 9, count: 64)
        ).json.canonicalBytes()
      ]
    } rewrite: { bytes in
      let written = try IssueAnswer(bytes: bytes).json.canonicalBytes()
      mustHold { try JSONValue(parsing: bytes).canonicalBytes() == written }
      return bytes
    },
    FuzzTarget("roll-answer") {
      [
        RollAnswer(
          district: 1, index: 5, salt: SHA256.hash([2]), path: [SHA256.hash([3]), SHA256.hash([4])]
        ).json.canonicalBytes()
      ]
    } rewrite: { bytes in
      let written = try RollAnswer(bytes: bytes).json.canonicalBytes()
      mustHold { try JSONValue(parsing: bytes).canonicalBytes() == written }
      return bytes
    },
    FuzzTarget("citizens-csv") {
      [
        """
        citizen,district,identifier,name,address
        7,north,,"Ana ""A"" Lima","Rua 1
        Porto"
        8,south,PNO-8,,

        """
      ].map { utf8($0) }
    } rewrite: { bytes in
      let districts = ["north", "south"]
      do throws(RollFileError) {
        let list = try CitizenList(csv: bytes, districts: districts)
        mustHold { try CitizenList(csv: list.csv(), districts: districts) == list }
      } catch { throw LedgerError("the list", "\(error)") }
      return bytes
    },
    FuzzTarget("letter-link") {
      let code = try MailedCode.random()
      let link = try LetterLink(
        register: SHA256.hash([1]), district: 1, index: 5, authority: 2, code: code)
      return [link.text().revealed()]
    } rewrite: { bytes in
      do throws(LetterLinkError) {
        return try LetterLink(SecretBytes(copying: bytes)).text().revealed()
      } catch { throw LedgerError("the link", "\(error)") }
    },
    FuzzTarget("credential-keys") {
      var bundle = CredentialKeyBundle()
      try bundle.append("north", SecretBytes(copying: [1, 2, 3]))
      try bundle.append("south", module: "/m.so", token: "t", serial: nil, label: "urna south")
      let first = try bundle.encoded().revealed()
      bundle.scope = CredentialScope(name: "petition/7", id: SHA256.hash([7]))
      return [first, try bundle.encoded().revealed()]
    } rewrite: { bytes in
      guard let bundle = CredentialKeyBundle(SecretBytes(copying: bytes)) else {
        throw LedgerError("the keys", "the form")
      }
      return try bundle.encoded().revealed()
    },
    FuzzTarget("seed-link") {
      let seed = SecretBytes(copying: [UInt8](repeating: 0xA5, count: 32))
      return [try SeedLink(seed: seed).text().revealed()]
    } rewrite: { bytes in
      do throws(SeedLinkError) {
        return try SeedLink(SecretBytes(copying: bytes)).text().revealed()
      } catch { throw LedgerError("the link", "\(error)") }
    },
    FuzzTarget("seed-words") {
      let seed = SecretBytes(copying: [UInt8](repeating: 0xA5, count: 32))
      return [try SeedWords.words(of: seed).revealed()]
    } rewrite: { bytes in
      do {
        let seed = try SeedWords.seed(from: SecretBytes(copying: bytes))
        mustHold {
          try SeedWords.seed(from: SeedWords.words(of: seed)).isEqualConstantTime(to: seed)
        }
      } catch let error as SeedWordsError { throw LedgerError("the words", "\(error)") }
      return bytes
    },
  ]
}
