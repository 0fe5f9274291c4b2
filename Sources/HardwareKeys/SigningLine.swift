// SPDX-License-Identifier: Apache-2.0

internal import BlindSignatures
internal import CP11Kit
internal import Dispatch
internal import Synchronization

/// A session and a thread of its own, since a token takes its time: requests wait for each other here and
/// nowhere else.
final class SigningLine: Sendable {
  /// A session with the key found in it.
  private struct Opened: ~Copyable, Sendable {
    var session: TokenSession
    let key: TokenKey

    borrowing func rawSignature(
      _ input: [UInt8], _ access: TokenAccess
    ) throws(TokenFault) -> [UInt8] {
      try session.beginRawSignature(key.handle)
      if key.asksEveryTime { try access.logIn(session, as: CKU_CONTEXT_SPECIFIC) }
      return try session.finishRawSignature(input)
    }
  }

  /// What a line works with until it is closed.
  private struct Work: ~Copyable, Sendable {
    var access: TokenAccess?
    var opened: Opened?
  }

  private let name: KeyName
  private let modulus: [UInt8]
  private let work: Mutex<Work>
  private let queue = DispatchQueue(label: "urna.hardware-key")

  init(
    _ access: TokenAccess, _ name: KeyName, _ session: consuming TokenSession, _ key: TokenKey
  ) {
    self.name = name
    modulus = key.modulus
    work = Mutex(Work(access: access, opened: Opened(session: session, key: key)))
  }

  /// Closes the session and lets go of the token, at once: the queue may hold the line for a moment more.
  func close() {
    work.withLock { work in
      work.opened = nil
      work.access = nil
    }
  }

  /// x^d mod n.
  func rawSignature(_ input: [UInt8]) async -> Result<[UInt8], BlindRSAError> {
    await withCheckedContinuation { continuation in
      queue.async {
        continuation.resume(returning: self.result(input).mapError(\.reported))
      }
    }
  }

  private func result(_ input: [UInt8]) -> Result<[UInt8], TokenFault> {
    work.withLock { work in
      var result = attempt(input, &work)
      // A lost session is replaced once.
      if case .failure(let fault) = result, fault.isLostSession { result = attempt(input, &work) }
      return result
    }
  }

  private func attempt(_ input: [UInt8], _ work: inout Work) -> Result<[UInt8], TokenFault> {
    do throws(TokenFault) {
      return .success(try signature(input, &work))
    } catch {
      // Whatever it was, the session goes: an operation that was begun must not stay behind.
      if error.isStaleHandle { work.opened?.session.isStale = true }
      work.opened = nil
      return .failure(error)
    }
  }

  private func signature(_ input: [UInt8], _ work: inout Work) throws(TokenFault) -> [UInt8] {
    guard let access = work.access else { throw TokenFault("the session is closed") }
    if work.opened == nil { work.opened = try open(access) }
    guard let output = try work.opened?.rawSignature(input, access) else {
      throw TokenFault("there is no session")
    }
    return output
  }

  private func open(_ access: TokenAccess) throws(TokenFault) -> Opened {
    let session = try access.session()
    let key = try session.key(name)
    guard key.modulus == modulus else {
      throw TokenFault("the private RSA key \(name.words) is another one than before")
    }
    return Opened(session: session, key: key)
  }
}
