// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// AES-256-GCM (NIST SP 800-38D) with a nonce of 12 bytes and a tag of 16 behind the ciphertext.
enum AESGCM {
  static let tagByteCount = 16

  static func seal(
    _ secret: borrowing SecretBytes, key: borrowing SecretBytes, nonce: [UInt8],
    associatedData: [UInt8]
  ) throws(CryptographyError) -> [UInt8] {
    guard let context = CipherContext(), context.start(key: key, nonce: nonce, encrypting: true),
      context.authenticate(associatedData)
    else { throw .backend("AES-256-GCM") }
    var output = [UInt8](repeating: 0, count: secret.count + tagByteCount)
    let done = unsafe output.withUnsafeMutableBytes { output in
      unsafe secret.withUnsafeBytes { secret in
        let tag = unsafe UnsafeMutableRawBufferPointer(rebasing: output[secret.count...])
        return unsafe context.update(secret, into: output) && context.finish()
          && context.copyTag(into: tag)
      }
    }
    guard done else { throw .backend("AES-256-GCM") }
    return output
  }

  static func open(
    _ box: [UInt8], key: borrowing SecretBytes, nonce: [UInt8], associatedData: [UInt8]
  ) throws(CryptographyError) -> SecretBytes {
    guard box.count >= tagByteCount else { throw .malformedBox("length") }
    guard let context = CipherContext(), context.start(key: key, nonce: nonce, encrypting: false),
      context.authenticate(associatedData)
    else { throw .backend("AES-256-GCM") }
    let length = box.count - tagByteCount
    var plaintext = SecretBytes(zeros: length)
    var tag = [UInt8](box[length...])
    let decrypted = unsafe plaintext.withUnsafeMutableBytes { plaintext in
      unsafe box.withUnsafeBytes { box in
        unsafe context.update(UnsafeRawBufferPointer(rebasing: box[..<length]), into: plaintext)
      }
    }
    // The plaintext is wiped unseen if the tag does not fit.
    guard decrypted, context.expectTag(&tag), context.finish() else {
      ERR_clear_error()
      throw .authenticationFailed
    }
    return plaintext
  }
}

/// libcrypto's cipher context. Wiped by libcrypto when it is freed.
@safe
private struct CipherContext: ~Copyable {
  private let context: OpaquePointer

  init?() {
    guard let context = unsafe EVP_CIPHER_CTX_new() else { return nil }
    unsafe self.context = unsafe context
  }

  deinit { unsafe EVP_CIPHER_CTX_free(context) }

  borrowing func start(
    key: borrowing SecretBytes, nonce: [UInt8], encrypting: Bool
  ) -> Bool {
    guard key.count == 32, nonce.count == 12 else { return false }
    let result = unsafe key.withUnsafeBytes { key in
      unsafe EVP_CipherInit_ex(
        context, EVP_aes_256_gcm(), nil,
        key.baseAddress?.assumingMemoryBound(to: UInt8.self), nonce, encrypting ? 1 : 0)
    }
    return result == 1
  }

  borrowing func authenticate(_ associatedData: [UInt8]) -> Bool {
    guard !associatedData.isEmpty else { return true }
    guard let count = Int32(exactly: associatedData.count) else { return false }
    var length: Int32 = 0
    return unsafe EVP_CipherUpdate(context, nil, &length, associatedData, count) == 1
  }

  borrowing func update(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard input.count > 0 else { return true }
    guard let count = Int32(exactly: input.count), output.count >= input.count else { return false }
    var length: Int32 = 0
    return unsafe EVP_CipherUpdate(
      context, output.baseAddress?.assumingMemoryBound(to: UInt8.self), &length,
      input.baseAddress?.assumingMemoryBound(to: UInt8.self), count) == 1 && length == count
  }

  borrowing func finish() -> Bool {
    var rest = [UInt8](repeating: 0, count: 16)
    var length: Int32 = 0
    return unsafe EVP_CipherFinal_ex(context, &rest, &length) == 1 && length == 0
  }

  borrowing func copyTag(into tag: UnsafeMutableRawBufferPointer) -> Bool {
    guard tag.count == AESGCM.tagByteCount else { return false }
    return unsafe EVP_CIPHER_CTX_ctrl(
      context, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), tag.baseAddress) == 1
  }

  borrowing func expectTag(_ tag: inout [UInt8]) -> Bool {
    unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1
  }
}
