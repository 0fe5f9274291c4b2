// SPDX-License-Identifier: Apache-2.0

internal import CP11Kit

/// A PKCS#11 module, loaded and initialised through p11-kit, which counts who uses it in this process: the
/// last one to let go finalises it, once.
@safe
final class TokenModule: @unchecked Sendable {
  // Unchecked: the table of functions is not changed, and p11-kit initialises modules for use by several
  // threads (CKF_OS_LOCKING_OK).
  private let functions: UnsafeMutablePointer<CK_FUNCTION_LIST>
  private let isManaged: Bool

  /// Loads a module. It is code that runs in this process.
  ///
  /// - Parameters:
  ///   - path: absolute.
  ///   - isManaged: whether the object initialises the module and ends its own sessions only. The other
  ///     kind is for tests: it uses a module that somebody else holds, and reaches everybody's sessions.
  init(path: String, isManaged: Bool = true) throws(TokenFault) {
    guard path.hasPrefix("/"), !path.utf8.contains(0) else {
      throw TokenFault("the module “\(path)”: an absolute path is needed")
    }
    let flags = isManaged ? 0 : Int32(P11_KIT_MODULE_UNMANAGED)
    guard let functions = unsafe p11_kit_module_load(path, flags) else {
      let reason = unsafe p11_kit_message().map { unsafe String(cString: $0) }
      throw TokenFault("loading the module “\(path)”: \(reason ?? "it is no PKCS#11 module")")
    }
    let code = isManaged ? unsafe p11_kit_module_initialize(functions) : CKR_OK
    guard code == CKR_OK else {
      unsafe p11_kit_module_release(functions)
      throw TokenFault("initialising the module “\(path)”", code)
    }
    self.isManaged = isManaged
    unsafe self.functions = functions
  }

  deinit {
    // What a module says now helps nobody.
    if isManaged { _ = unsafe p11_kit_module_finalize(functions) }
    unsafe p11_kit_module_release(functions)
  }

  /// Calls one function.
  func call(
    _ step: @autoclosure () -> String, _ body: (UnsafeMutablePointer<CK_FUNCTION_LIST>) -> CK_RV
  ) throws(TokenFault) {
    let code = unsafe body(functions)
    guard code == CKR_OK else { throw TokenFault(step(), code) }
  }

  /// Slots that have a token in them, with what the token says of itself, and the first fault of a token that
  /// says nothing: it does not keep others from being used.
  func tokens() throws(TokenFault) -> (
    found: [(slot: CK_SLOT_ID, token: HardwareToken)], fault: TokenFault?
  ) {
    var found: [(slot: CK_SLOT_ID, token: HardwareToken)] = []
    var fault: TokenFault?
    for slot in try slots() {
      var info = CK_TOKEN_INFO()
      do throws(TokenFault) {
        try unsafe call("reading what the token says") {
          unsafe urna_p11_token_info($0, slot, &info)
        }
        found.append((slot, HardwareToken(info)))
      } catch { fault = fault ?? error }
    }
    return (found, fault)
  }

  private func slots() throws(TokenFault) -> [CK_SLOT_ID] {
    var count: CK_ULONG = 0
    try unsafe call("listing the slots") { unsafe urna_p11_slots($0, nil, &count) }
    guard count > 0 else { return [] }
    // A few places more: a token may have come meanwhile.
    count = min(count, 65_536) + 4
    var slots = [CK_SLOT_ID](repeating: 0, count: Int(count))
    try unsafe call("listing the slots") { unsafe urna_p11_slots($0, &slots, &count) }
    return Array(slots.prefix(Int(min(count, CK_ULONG(slots.count)))))
  }

  /// The one token at a place.
  func slot(of place: HardwareToken.Place) throws(TokenFault) -> CK_SLOT_ID {
    try token(at: place).slot
  }

  /// The one token at a place, and what it says.
  func token(
    at place: HardwareToken.Place
  ) throws(TokenFault) -> (slot: CK_SLOT_ID, token: HardwareToken) {
    let (all, fault) = try tokens()
    let found = all.filter { place.isMet(by: $0.token) }
    guard let first = found.first else {
      if let fault { throw fault }
      let others = all.map(\.token.description).joined(separator: "; ")
      throw TokenFault("no \(place); there are: \(others.isEmpty ? "no tokens" : others)")
    }
    guard found.count == 1 else {
      let serials = found.map(\.token.description).joined(separator: "; ")
      throw TokenFault("more than one \(place); name a serial number: \(serials)")
    }
    return first
  }

  /// Refuses tokens that do not compute the raw operation.
  func requireRawRSA(_ slot: CK_SLOT_ID) throws(TokenFault) {
    var info = CK_MECHANISM_INFO()
    try unsafe call("asking the token for the mechanism CKM_RSA_X_509") {
      unsafe urna_p11_mechanism_info($0, slot, CKM_RSA_X_509, &info)
    }
    guard info.flags & CKF_SIGN != 0 else {
      throw TokenFault("the token does not sign by the mechanism CKM_RSA_X_509")
    }
  }
}
