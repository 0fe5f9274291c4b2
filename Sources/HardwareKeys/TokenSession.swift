// SPDX-License-Identifier: Apache-2.0

internal import CP11Kit
internal import Cryptography

/// A session with a token: one thread at a time. It is closed when its owner lets go.
struct TokenSession: ~Copyable, Sendable {
  private let module: TokenModule
  private let handle: CK_SESSION_HANDLE
  /// Set when the handle means nothing any more and must not be used, even for closing.
  var isStale = false

  init(_ module: TokenModule, slot: CK_SLOT_ID, writes: Bool) throws(TokenFault) {
    var handle: CK_SESSION_HANDLE = 0
    try unsafe module.call("opening a session") {
      unsafe urna_p11_open_session(
        $0, slot, CKF_SERIAL_SESSION | (writes ? CKF_RW_SESSION : 0), &handle)
    }
    self.module = module
    self.handle = handle
  }

  deinit {
    if !isStale {
      // A session that cannot be closed is gone already.
      do throws(TokenFault) {
        try unsafe module.call("closing") { unsafe urna_p11_close_session($0, handle) }
      } catch {}
    }
  }

  /// Logs in. A user is logged in to a token for the whole process: when another session did so already,
  /// the token does not look at the PIN.
  borrowing func logIn(_ pin: borrowing SecretBytes, as user: CK_USER_TYPE) throws(TokenFault) {
    do throws(TokenFault) {
      try unsafe pin.withUnsafeBytes { bytes throws(TokenFault) in
        try unsafe module.call("logging in to the token") {
          unsafe urna_p11_login($0, handle, user, bytes.baseAddress, CK_ULONG(bytes.count))
        }
      }
    } catch {
      guard user == CKU_USER, error.code == CKR_USER_ALREADY_LOGGED_IN else { throw error }
    }
  }

  /// Logs out, all sessions of this process.
  borrowing func logOut() throws(TokenFault) {
    try unsafe module.call("logging out") { unsafe urna_p11_logout($0, handle) }
  }

  // MARK: Objects

  /// Objects that match a template.
  borrowing func objects(_ template: [Attribute]) throws(TokenFault) -> [CK_OBJECT_HANDLE] {
    try unsafe module.call("looking for keys") { module in
      unsafe Attribute.withTemplate(template) {
        unsafe urna_p11_find_init(module, handle, $0, $1)
      }
    }
    var found: [CK_OBJECT_HANDLE] = []
    var handles = [CK_OBJECT_HANDLE](repeating: 0, count: 64)
    var fault: TokenFault?
    do throws(TokenFault) {
      while true {
        var count: CK_ULONG = 0
        try unsafe module.call("looking for keys") {
          unsafe urna_p11_find($0, handle, &handles, CK_ULONG(handles.count), &count)
        }
        guard count > 0, count <= CK_ULONG(handles.count) else { break }
        found += handles.prefix(Int(count))
      }
    } catch { fault = error }
    do throws(TokenFault) {
      try unsafe module.call("looking for keys") { unsafe urna_p11_find_final($0, handle) }
    } catch { fault = fault ?? error }
    if let fault { throw fault }
    return found
  }

  /// A property of an object; nil if the object has none of the kind, or keeps it to itself.
  borrowing func attribute(
    _ type: CK_ATTRIBUTE_TYPE, of object: CK_OBJECT_HANDLE
  ) throws(TokenFault) -> [UInt8]? {
    do throws(TokenFault) {
      var request = unsafe CK_ATTRIBUTE(type: type, pValue: nil, ulValueLen: 0)
      try unsafe module.call("reading a key's properties") {
        unsafe urna_p11_attributes($0, handle, object, &request, 1)
      }
      let count = unsafe request.ulValueLen
      guard count <= 65_536 else { return nil }
      var bytes = [UInt8](repeating: 0, count: Int(count))
      guard count > 0 else { return bytes }
      var read: CK_ULONG = 0
      try unsafe module.call("reading a key's properties") { module in
        unsafe bytes.withUnsafeMutableBytes {
          var request = unsafe CK_ATTRIBUTE(
            type: type, pValue: $0.baseAddress, ulValueLen: count)
          let code = unsafe urna_p11_attributes(module, handle, object, &request, 1)
          read = unsafe request.ulValueLen
          return code
        }
      }
      guard read <= count else { return nil }
      return Array(bytes.prefix(Int(read)))
    } catch {
      switch error.code {
      case CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_SENSITIVE: return nil
      default: throw error
      }
    }
  }

  /// Whether an object says yes; nil if it does not say.
  borrowing func flag(
    _ type: CK_ATTRIBUTE_TYPE, of object: CK_OBJECT_HANDLE
  ) throws(TokenFault) -> Bool? {
    guard let bytes = try attribute(type, of: object), bytes.count == 1 else { return nil }
    return bytes[0] != 0
  }

  /// Removes an object from the token.
  borrowing func destroy(_ object: CK_OBJECT_HANDLE) throws(TokenFault) {
    try unsafe module.call("destroying a key") { unsafe urna_p11_destroy($0, handle, object) }
  }

  /// Makes a pair of RSA keys.
  borrowing func generatePair(
    publicTemplate: [Attribute], privateTemplate: [Attribute]
  ) throws(TokenFault) -> (publicKey: CK_OBJECT_HANDLE, privateKey: CK_OBJECT_HANDLE) {
    var publicKey: CK_OBJECT_HANDLE = 0
    var privateKey: CK_OBJECT_HANDLE = 0
    try unsafe module.call("making a key by CKM_RSA_PKCS_KEY_PAIR_GEN") { module in
      unsafe Attribute.withTemplate(publicTemplate) { publicLines, publicCount in
        unsafe Attribute.withTemplate(privateTemplate) { privateLines, privateCount in
          unsafe urna_p11_generate_pair(
            module, handle, CKM_RSA_PKCS_KEY_PAIR_GEN, publicLines, publicCount, privateLines,
            privateCount, &publicKey, &privateKey)
        }
      }
    }
    return (publicKey, privateKey)
  }

  // MARK: Signatures

  /// Starts the raw operation.
  borrowing func beginRawSignature(_ key: CK_OBJECT_HANDLE) throws(TokenFault) {
    try unsafe module.call("starting the raw operation") {
      unsafe urna_p11_sign_init($0, handle, CKM_RSA_X_509, key)
    }
  }

  /// Ends it: as many bytes as went in.
  borrowing func finishRawSignature(_ input: [UInt8]) throws(TokenFault) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: input.count)
    var count = CK_ULONG(output.count)
    try unsafe module.call("the raw operation") {
      unsafe urna_p11_sign($0, handle, input, CK_ULONG(input.count), &output, &count)
    }
    guard count == CK_ULONG(output.count) else {
      throw TokenFault("the raw operation: \(count) bytes instead of \(output.count)")
    }
    return output
  }
}
