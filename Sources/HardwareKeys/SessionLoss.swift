// SPDX-License-Identifier: Apache-2.0

package import BlindSignatures
internal import CP11Kit

/// What another user of a module in the same process can do to a signer. For tests of what follows.
package enum SessionLoss: CaseIterable, Sendable {
  /// Every session of this process with the token is closed, whoever opened it.
  case close
  /// Every session of this process is logged out.
  case logOut

  /// Makes it happen.
  ///
  /// - Throws: ``BlindSignatures/BlindRSAError/backend(_:)``.
  package func happen(to place: HardwareToken.Place) throws(BlindRSAError) {
    do throws(TokenFault) {
      let module = try TokenModule(path: place.module, isManaged: false)
      let slot = try module.slot(of: place)
      switch self {
      case .close:
        try unsafe module.call("closing all sessions") {
          unsafe urna_p11_close_all_sessions($0, slot)
        }
      case .logOut:
        try TokenSession(module, slot: slot, writes: false).logOut()
      }
    } catch { throw error.reported }
  }
}
