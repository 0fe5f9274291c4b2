// SPDX-License-Identifier: Apache-2.0

internal import CP11Kit
internal import Cryptography
internal import Synchronization

/// The right to a token: where it is, and the PIN.
final class TokenAccess: Sendable, CustomReflectable {
  let place: HardwareToken.Place
  private let module: TokenModule
  /// Secret.
  private let pin: SecretBytes
  /// Set when the PIN was refused: it is not tried again.
  private let refusal = Mutex<TokenFault?>(nil)

  init(_ place: HardwareToken.Place, pin: consuming SecretBytes) throws(TokenFault) {
    module = try TokenModule(path: place.module)
    self.place = place
    self.pin = pin
  }

  /// Shows nothing.
  var customMirror: Mirror { Mirror(self, children: []) }

  /// Sessions that the token grants to one process; nil without a limit.
  func sessionLimit() throws(TokenFault) -> Int? {
    try module.token(at: place).token.sessionLimit
  }

  /// Finds the token, opens a session and logs in.
  func session(writes: Bool = false) throws(TokenFault) -> TokenSession {
    let slot = try module.slot(of: place)
    try module.requireRawRSA(slot)
    let session = try TokenSession(module, slot: slot, writes: writes)
    try logIn(session)
    return session
  }

  /// Logs in with the PIN, as `CKU_USER`, or for one operation as `CKU_CONTEXT_SPECIFIC`.
  func logIn(
    _ session: borrowing TokenSession, as user: CK_USER_TYPE = CKU_USER
  ) throws(TokenFault) {
    // One at a time: several sessions with a wrong PIN would use up its tries at once.
    let result = refusal.withLock { refused -> Result<Void, TokenFault> in
      if let refused { return .failure(refused) }
      do throws(TokenFault) {
        try session.logIn(pin, as: user)
        return .success(())
      } catch {
        if error.isRefusedPIN { refused = error }
        return .failure(error)
      }
    }
    try result.get()
  }
}
