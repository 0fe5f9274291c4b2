// SPDX-License-Identifier: Apache-2.0

import Cryptography
import ElectionFixtures
import Foundation
import Ledger
import Synchronization
import TestSupport

/// A witness of the protocol on a port of its own, with its memory in memory, and with every way of not
/// doing its work.
final class TestWitness: Sendable {
  /// How it answers.
  enum Manner: Sendable {
    /// As c2sp.org/tlog-witness says.
    case honest
    /// It takes the request and says nothing until the client goes.
    case silent
    /// It hangs up.
    case hangsUp
    /// As an honest one, later.
    case slow(milliseconds: Int)
    /// A cosignature of another tree.
    case wrongSignature
    /// A sound cosignature, by a key that the policy does not name.
    case wrongKey
    /// 409 with a size, whatever is stored.
    case conflict(size: UInt64)
    /// Another status.
    case status(Int)
  }

  let name: String
  private let state: State
  private let server: RawServer

  private final class State: Sendable {
    let manner = Mutex(Manner.honest)
    let rules: WitnessRules
    let name: String
    let stored = Mutex<Checkpoint?>(nil)
    let requests = Mutex(0)

    init(_ rules: WitnessRules, _ name: String) {
      self.rules = rules
      self.name = name
    }
  }

  init(_ name: String) throws {
    self.name = name
    let key = try ElectionFixture(ElectionSetup()).logSigner().verifierKey
    let state = State(WitnessRules(logKeys: [key]), name)
    self.state = state
    server = try RawServer { connection in
      while let request = connection.next() {
        state.requests.withLock { $0 += 1 }
        guard Self.answer(request.body, state, connection) else { return }
      }
    }
  }

  func behave(_ manner: Manner) { state.manner.withLock { $0 = manner } }

  /// The tree that it cosigned last.
  var stored: Checkpoint? { state.stored.withLock { $0 } }

  /// How often it was asked.
  var requestCount: Int { state.requests.withLock { $0 } }

  var url: String { server.address }

  static func cosigner(_ name: String) throws -> Cosigner {
    try Cosigner(name: "\(name).example.org", key: Identity("witness/\(name)").key())
  }

  /// A policy of these witnesses, so many of whom are a quorum.
  static func policy(_ witnesses: [TestWitness], quorum: Int) throws -> WitnessPolicy {
    var text = ""
    for witness in witnesses {
      text += "witness \(witness.name) \(try cosigner(witness.name).verifierKey.vkey)"
      text += " \(witness.url)\n"
    }
    text += "group all \(quorum) \(witnesses.map(\.name).joined(separator: " "))\nquorum all\n"
    return try WitnessPolicy(Array(text.utf8))
  }

  private static func answer(
    _ body: [UInt8], _ state: State, _ connection: RawServer.Connection
  ) -> Bool {
    do {
      switch state.manner.withLock({ $0 }) {
      case .honest: return connection.reply(try decide(body, state))
      case .slow(let milliseconds):
        usleep(UInt32(milliseconds) * 1000)
        return connection.reply(try decide(body, state))
      case .silent:
        connection.waitForClient()
        return false
      case .hangsUp: return false
      case .wrongSignature:
        let other = try Checkpoint(
          origin: ElectionSetup.logName, size: 0, root: MerkleTree.emptyRoot)
        return connection.reply(
          .cosigned(try cosigner(state.name).cosign(checkpoint: other.text, time: 1)))
      case .wrongKey:
        let request = try AddCheckpointRequest(body)
        let text = try SignedNote(request.note).text
        return connection.reply(
          .cosigned(try cosigner("stranger").cosign(checkpoint: text, time: 1)))
      case .conflict(let size):
        return connection.reply(.refused(.conflict(storedSize: size)))
      case .status(let status): return connection.answer(status, body: Array("no\n".utf8))
      }
    } catch {
      return connection.answer(500)
    }
  }

  fileprivate enum Reply {
    case cosigned(SignedNote.Signature)
    case refused(WitnessRefusal)
  }

  private static func decide(_ body: [UInt8], _ state: State) throws -> Reply {
    let request: AddCheckpointRequest
    do { request = try AddCheckpointRequest(body) } catch {
      return .refused(.malformed(error))
    }
    return try state.stored.withLock { stored in
      switch state.rules.decide(request, stored: stored) {
      case .cosign(let checkpoint, let note):
        stored = checkpoint
        return .cosigned(
          try cosigner(state.name).cosign(
            checkpoint: note.text, time: UInt64(Date().timeIntervalSince1970)))
      case .refuse(let refusal): return .refused(refusal)
      }
    }
  }
}

extension RawServer.Connection {
  fileprivate func reply(_ reply: TestWitness.Reply) -> Bool {
    switch reply {
    case .cosigned(let line):
      return answer(200, ["Content-Type: text/plain; charset=utf-8"], body: Array(line.line.utf8))
    case .refused(let refusal):
      return answer(
        refusal.status, ["Content-Type: \(refusal.contentType)"], body: refusal.body)
    }
  }
}
