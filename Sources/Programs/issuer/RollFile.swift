// SPDX-License-Identifier: Apache-2.0

import CommandLineSupport
import Cryptography
import Election
import Issuance
import IssuerStore
import Ledger

/// The roll of a server.
enum RollFile {
  /// Opens a roll and compares it with the configuration.
  static func load(_ path: String, _ terms: CredentialTerms) async throws(ProgramError)
    -> LoadedRoll
  {
    do throws(StoreError) {
      let roll = try SQLiteRoll.open(path: path)
      let loaded = try await LoadedRoll.load(roll)
      let register = try await roll.register()
      guard register == terms.register, loaded.roots == terms.districts.map(\.root) else {
        throw .failed("not the roll of the configuration")
      }
      return loaded
    } catch { throw ProgramError(.wrong, "\(path): \(error)") }
  }
}

/// Keeps the evidence about identified citizens, sealed for the auditors.
struct AuditorSealing: EvidenceSealing {
  let store: SQLiteIssuanceStore

  func seal(
    _ citizen: CitizenIdentity, entry: RollEntry, record: CredentialIssuance,
    in state: ElectionState
  ) async throws(IssuanceRefusal) -> Digest {
    guard let key = state.terms?.auditorKey else { throw .unavailable("there is no auditors' key") }
    let sealed: [UInt8]
    do throws(CryptographyError) {
      sealed = try SealedEvidence.seal(citizen, entry: entry, to: key)
    } catch { throw .unavailable("sealing: \(error)") }
    do throws(StoreError) { return try await store.keep(evidence: sealed) } catch {
      throw .unavailable("\(error)")
    }
  }
}
