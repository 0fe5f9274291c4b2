// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// An identity key under a passphrase: the seed of an Ed25519 key in a box, mode 0600.
public enum IdentityFile {
  /// Makes a key and writes its file.
  /// - Parameter context: whose key it is; a file of another role is refused.
  /// - Throws: `ProgramError`.
  public static func create(
    _ path: String, context: String, passphrase: borrowing SecretBytes
  ) throws(ProgramError) -> Ed25519.PublicKey {
    do {
      let key = try Ed25519.PrivateKey.generate()
      let box = try PassphraseBox.seal(key.seed(), passphrase: passphrase, context: context)
      try Files.writeSecret(box, to: path)
      return key.publicKey
    } catch let error as ProgramError { throw error } catch {
      throw ProgramError(.inputOutput, "\(path): \(error)")
    }
  }

  /// Opens a file.
  /// - Throws: `ProgramError`, also for a wrong passphrase.
  public static func open(
    _ path: String, context: String, passphrase: borrowing SecretBytes
  ) throws(ProgramError) -> Ed25519.PrivateKey {
    let box = try Files.readSecret(path, limit: 4096)
    do {
      let seed = try PassphraseBox.open(box.revealed(), passphrase: passphrase, context: context)
      return try Ed25519.PrivateKey(seed: seed)
    } catch CryptographyError.authenticationFailed {
      throw ProgramError(.wrong, "\(path): wrong passphrase, or a file of another role")
    } catch { throw ProgramError(.wrong, "\(path): \(error)") }
  }
}
