// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BlindSignatures
import CommandLineSupport
import Cryptography
import Election
import StrictJSON

/// How citizens get credentials, for `election init`.
struct CredentialOptions: ParsableArguments {
  @Option(help: "The roll's public file, as `issuer roll publish` writes it; in place of --voters.")
  var roll: String?
  @Option(help: "An issuer's public file; once for every issuer, issuer 1 first.")
  var issuer: [String] = []
  @Option(help: "k, the number of issuers that must sign a credential; all of them unless given.")
  var required: Int?
  @Option(help: "t, the number of dishonest issuers that the election stands.") var tolerated = 1
  @Option(help: "A district's ballot style, DISTRICT=STYLE; needed where a district has several.")
  var style: [String] = []
  @Option(help: "The first second of the registration, such as 2026-11-29T07:00:00Z.")
  var registrationOpens: String?
  @Option(help: "The last second of the registration.") var registrationCloses: String?
  @Option(help: "The first second of the activation.") var activationOpens: String?
  @Option(help: "The last second of the activation.") var activationCloses: String?
  @Option(help: "The smallest number of voters of a district.") var minimumDistrict = 100
  @Option(
    help: """
      The largest gap that the voting opens with, in ten-thousandths of the issued credentials; 50 unless given.
      """)
  var maximumGap: Int?
  @Option(help: "The auditors' public file, for citizens who are identified.") var auditors: String?

  var isUsed: Bool { roll != nil }

  /// The terms.
  ///
  /// - Parameters:
  ///   - manifest: nil where nobody votes.
  ///   - scope: what people sign there.
  func terms(
    _ manifest: Manifest?, scope: ScopeDescription? = nil,
    _ time: (String, String) throws(ProgramError) -> Int
  ) throws(ProgramError) -> CredentialTerms {
    guard let roll else { throw ProgramError(.usage, "--roll: the roll's public file") }
    guard !issuer.isEmpty else { throw ProgramError(.usage, "--issuer: at least one") }
    var terms = CredentialTerms(
      scope: scope, register: SHA256.hash([]), districts: [], issuers: [],
      required: required ?? issuer.count, tolerated: tolerated,
      registration: try window(
        registrationOpens, registrationCloses, "registration", time),
      activation: try window(activationOpens, activationCloses, "activation", time),
      minimumDistrict: minimumDistrict,
      maximumGap: scope == nil ? maximumGap ?? 50 : CredentialTerms.anyGap)
    if let weakness = CredentialTerms.weakness(
      issuers: issuer.count, required: terms.required, tolerated: tolerated)
    {
      throw ProgramError(
        .refused, "--required \(terms.required): \(weakness)",
        hint: "ask more issuers to sign, or name fewer dishonest ones with --tolerated")
    }
    let reader = try Files.readJSON(roll, limits: JSONLimits(maxBytes: 64 << 20))
    do {
      let fields = try reader.fields(["districts", "register", "version"])
      _ = try fields["version"].integer(1...1)
      terms.register = try fields["register"].digest()
      for item in try fields["districts"].array(1...CredentialTerms.maximumDistricts) {
        let members = try item.fields(["keyEntries", "label", "root", "voters"])
        let voters = try members["voters"].integer(1...CredentialTerms.maximumVoters)
        let label = try members["label"].string(minBytes: 1, maxBytes: 256)
        terms.districts.append(
          CredentialTerms.District(
            label: label,
            ballotStyle: try manifest.map { manifest throws(JSONError) in
              try ballotStyle(members["label"], label, manifest)
            },
            voters: voters, keyEntries: try members["keyEntries"].integer(0...voters),
            root: try members["root"].digest()))
      }
    } catch { throw ProgramError(.wrong, "\(roll): \(error)") }
    for path in issuer { terms.issuers.append(try Self.issuer(path, terms.districts)) }
    if let auditors {
      let reader = try Files.readJSON(auditors)
      do { terms.auditorKey = try reader.fields(["key"])["key"].digest() } catch {
        throw ProgramError(.wrong, "\(auditors): \(error)")
      }
    }
    return terms
  }

  private func window(
    _ opens: String?, _ closes: String?, _ name: String,
    _ time: (String, String) throws(ProgramError) -> Int
  ) throws(ProgramError) -> ClosedRange<Int> {
    guard let opens, let closes else {
      throw ProgramError(.usage, "--\(name)-opens and --\(name)-closes: when credentials come")
    }
    let first = try time(opens, "--\(name)-opens")
    let last = try time(closes, "--\(name)-closes")
    guard first <= last else {
      throw ProgramError(.usage, "--\(name)-closes: not before it opens")
    }
    return first...last
  }

  /// The style that was given, or the one that the district has.
  private func ballotStyle(
    _ reader: JSONReader, _ label: String, _ manifest: Manifest
  ) throws(JSONError) -> Int {
    let given = style.first { $0.hasPrefix("\(label)=") }.map { $0.dropFirst(label.count + 1) }
    let styles = manifest.ballotStyles.indices.filter { index in
      let style = manifest.ballotStyles[index]
      return given.map { style.label == $0 } ?? style.districts.contains(label)
    }
    guard styles.count == 1, let index = styles.first else {
      throw reader.failure(
        "one ballot style of the manifest, which --style \(label)=STYLE names (\(styles.count) found)"
      )
    }
    return index + 1
  }

  private static func issuer(
    _ path: String, _ districts: [CredentialTerms.District]
  ) throws(ProgramError) -> CredentialTerms.Issuer {
    let reader = try Files.readJSON(path, limits: JSONLimits(maxBytes: 64 << 20))
    do {
      let fields = try reader.fields(["credentialKeys", "key", "name"])
      let list = try fields["credentialKeys"]
      var keys: [String: BlindRSAPublicKey] = [:]
      for item in try list.array(1...CredentialTerms.maximumDistricts) {
        let members = try item.fields(["district", "key"])
        let bytes = try members["key"]
        do {
          keys[try members["district"].string(minBytes: 1, maxBytes: 256)] =
            try BlindRSAPublicKey(subjectPublicKeyInfo: bytes.hex(bytes: 1...1024))
        } catch let error as JSONError { throw error } catch { throw bytes.failure("\(error)") }
      }
      var ordered: [BlindRSAPublicKey] = []
      for district in districts {
        guard let key = keys[district.label] else {
          throw list.failure("a key for the district \(district.label)")
        }
        ordered.append(key)
      }
      return CredentialTerms.Issuer(
        name: try fields["name"].string(minBytes: 1, maxBytes: 256),
        key: try fields["key"].publicKey(), credentialKeys: ordered)
    } catch { throw ProgramError(.wrong, "\(path): \(error)") }
  }
}
