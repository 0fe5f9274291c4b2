// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Election
import ElectoralRoll
import Issuance
import StrictJSON
import WebClient

/// Who the voter is on the roll: the codes of one or two letters, keys of their own, a certificate, or a login at an
/// identity provider. Secrets are always in files, never on the command line.
struct EntryIdentity: ParsableArguments {
  @Option(
    help: """
      A secret file with what the letters say, a line each: the text of the QR code, or the code as it is \
      printed, with --district and --index.
      """)
  var letters: String?
  @Option(help: "The label of the district, as in the letters.") var district: String?
  @Option(help: "The number of the entry, as in the letters.") var index: Int?
  @Option(help: "A secret file with keys of the voter's own that the roll names.")
  var entryKeys: String?
  @Option(help: "The voter's certificate, PEM, with its chain behind it; shown to the issuers.")
  var certificate: String?
  @Option(help: "The certificate's private key, PEM, mode 0600.") var certificateKey: String?
  @OptionGroup var login: ProviderLogin

  func validate() throws {
    guard (certificate == nil) == (certificateKey == nil) else {
      throw ValidationError("--certificate and --certificate-key go together.")
    }
  }

  /// What issuers are shown in the handshake of TLS.
  func shown() throws(ProgramError) -> ClientIdentity? {
    guard let certificate, let certificateKey else { return nil }
    _ = try Files.read(certificate, limit: 1 << 20)
    _ = try Files.readSecret(certificateKey, limit: 65_536)
    return ClientIdentity(certificate: certificate, privateKey: certificateKey)
  }

  /// The beginning of a credential.
  func credential(
    _ terms: CredentialTerms, _ scope: CredentialScope, _ clients: [IssuerClient],
    over record: RecordOptions
  ) async throws(ProgramError) -> WalletCredential {
    if let letters { return try fromLetters(letters, terms, scope) }
    if certificate != nil { return try await identified(IdentifiedQuestion(), scope, clients) }
    if login.provider != nil {
      let random: Digest
      do { random = SHA256.hash(try SecureRandom.bytes(Digest.byteCount)) } catch {
        throw ProgramError(.inputOutput, "\(error)")
      }
      let token = try await login.token(
        boundTo: IdentifiedQuestion.nonce(
          scope: scope, random: random),
        "so that issuers tell the number of your entry", making: record.clients())
      return try await identified(
        IdentifiedQuestion(idToken: token, random: random), scope, clients)
    }
    guard let entryKeys else {
      throw ProgramError(.usage, "--letters: a file with what the letters say")
    }
    return try fromKeys(entryKeys, terms, scope)
  }

  /// The first issuer that knows the citizen says which entry is theirs; all of them check it.
  private func identified(
    _ question: IdentifiedQuestion, _ scope: CredentialScope, _ clients: [IssuerClient]
  ) async throws(ProgramError) -> WalletCredential {
    var trouble = ProgramError(.usage, "--issuer: at least one issuer of the election")
    for client in clients {
      do throws(ProgramError) {
        let entry = try await client.entry(question.bytes)
        return WalletCredential(
          scope: scope, district: entry.district, index: entry.index, entrySeeds: [])
      } catch { trouble = error }
    }
    throw trouble
  }

  /// The ID token for a request, where a provider says who asks.
  func token(
    for request: Digest, over record: RecordOptions
  ) async throws(ProgramError) -> [UInt8]? {
    guard login.provider != nil else { return nil }
    return try await login.token(
      boundTo: request, "so that issuers sign your request", making: record.clients())
  }

  private func number(
    _ label: String, _ terms: CredentialTerms
  ) throws(ProgramError) -> Int {
    guard let position = terms.districts.firstIndex(where: { $0.label == label }) else {
      throw ProgramError(.usage, "--district: the election has no district of this label")
    }
    return position + 1
  }

  private func fromLetters(
    _ path: String, _ terms: CredentialTerms, _ scope: CredentialScope
  ) throws(ProgramError) -> WalletCredential {
    let bytes = try Files.readSecret(path, limit: 4096)
    var seeds: [Int: [UInt8]] = [:]
    var place: (district: Int, index: Int)?
    var start = 0
    var number = 0
    let text = bytes.revealed()
    while start < text.count {
      let end = text[start...].firstIndex(of: UInt8(ascii: "\n")) ?? text.count
      defer { start = end + 1 }
      guard let line = bytes.slice(start..<end), line.count > 0 else { continue }
      number += 1
      let link = try self.link(line, number, path, terms)
      guard link.register == terms.register else {
        throw ProgramError(.refused, "\(path), letter \(number): a letter for another election")
      }
      guard place == nil || (place?.district == link.district && place?.index == link.index) else {
        throw ProgramError(.wrong, "\(path): the letters are of two entries of the roll")
      }
      place = (link.district, link.index)
      do {
        let key = try link.code.key(
          register: link.register, district: link.district, index: link.index,
          authority: link.authority)
        guard seeds.updateValue(key.seed().revealed(), forKey: link.authority) == nil else {
          throw ProgramError(.wrong, "\(path): two letters of one authority")
        }
      } catch let error as ProgramError { throw error } catch {
        throw ProgramError(.wrong, "\(path), letter \(number): \(error)")
      }
    }
    guard let place else { throw ProgramError(.wrong, "\(path): no letter") }
    return WalletCredential(
      scope: scope, district: place.district, index: place.index,
      entrySeeds: seeds.sorted { $0.key < $1.key }.map(\.value))
  }

  private func link(
    _ line: borrowing SecretBytes, _ number: Int, _ path: String, _ terms: CredentialTerms
  ) throws(ProgramError) -> LetterLink {
    do {
      if let head = line.slice(0..<min(5, line.count)), head.revealed() == Array("urna:".utf8) {
        return try LetterLink(line)
      }
      guard let district, let index else {
        throw ProgramError(.usage, "--district and --index: as the letters say")
      }
      return try LetterLink(
        register: terms.register, district: try self.number(district, terms), index: index,
        authority: number, code: try MailedCode(parsing: line))
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.wrong, "\(path), letter \(number): \(error)")
    }
  }

  private func fromKeys(
    _ path: String, _ terms: CredentialTerms, _ scope: CredentialScope
  ) throws(ProgramError) -> WalletCredential {
    let bytes = try Files.readSecret(path, limit: 4096)
    do {
      let reader = JSONReader(try JSONValue(parsing: bytes.revealed()))
      let fields = try reader.fields(["district", "index", "seeds"])
      let label = try fields["district"].string(minBytes: 1, maxBytes: 256)
      var seeds: [[UInt8]] = []
      for seed in try fields["seeds"].array(1...RollIdentity.maximumKeys) {
        seeds.append(try seed.hex(bytes: Ed25519.keyByteCount))
      }
      return WalletCredential(
        scope: scope, district: try number(label, terms),
        index: try fields["index"].integer(1...CredentialTerms.maximumVoters), entrySeeds: seeds)
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.wrong, "\(path): \(error)")
    }
  }
}
