// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLineSupport
import Cryptography
import Foundation
import RecoverySheet

/// `voter sheet`
struct Sheet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Writes the recovery sheet of a wallet: 24 words and a QR code, to print.",
    discussion: """
      Whoever has the sheet can vote in your place. Print it, keep it off line, and remove the file.
      """)

  @Option(help: "The voter's wallet.") var wallet: String
  @Option(help: "What the sheet is for, such as the election's name.") var name: String
  @Option(help: "The HTML file to write, mode 0600.") var output: String
  @OptionGroup var passphrase: PassphraseOptions

  mutating func run() async throws {
    let wallet = try Wallet(path: wallet, passphrase)
    let date = String(UniversalTime.text(UniversalTime.now).prefix(10))
    do {
      let page = try RecoverySheet.html(
        seed: SecretBytes(copying: wallet.seed), electionName: name, madeOn: date, texts: .english)
      try Files.writeSecret(page.revealed(), to: output)
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.wrong, "the sheet: \(error)")
    }
    Console.print("wrote \(output): print it, and remove the file")
  }
}

/// `voter recover`
struct Recover: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Makes a wallet again from the recovery sheet.",
    discussion: """
      Then run voter register as the first time: the issuers give the same answers.
      """)

  @Option(help: "A secret file with the 24 words, or the text of the QR code.") var sheet: String
  @Option(help: "The wallet to write, mode 0600.") var wallet: String
  @Flag(help: "Seal the wallet under a passphrase.") var seal = false
  @OptionGroup var passphrase: PassphraseOptions

  mutating func run() async throws {
    try Files.refuseToOverwrite(wallet)
    let bytes = try Files.readSecret(sheet, limit: 4096)
    let seed: SecretBytes
    do {
      if let head = bytes.slice(0..<min(5, bytes.count)), head.revealed() == Array("urna:".utf8) {
        let end = bytes.revealed().firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        guard let line = bytes.slice(0..<end) else {
          throw ProgramError(.wrong, "\(sheet): no seed")
        }
        seed = try SeedLink(line).seed.copy()
      } else {
        seed = try SeedWords.seed(from: bytes)
      }
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.wrong, "\(sheet): \(error)")
    }
    var made = Wallet(seed: seed.revealed(), ballots: [])
    made.isSealed = seal
    try made.write(to: wallet, passphrase)
    Console.print("made \(wallet); now voter register")
  }
}
