// SPDX-License-Identifier: Apache-2.0

import Cryptography

/// What a witness does with a request, decided from the request and what it has stored
/// (c2sp.org/tlog-witness). Nothing is read, written or signed here.
///
/// Checks in this order; the first that fails decides. The text fixes the statuses, not the order; this
/// one tells nothing about stored sizes to who cannot sign for the log.
///
/// | check | status |
/// |---|---|
/// | the body is a request (``AddCheckpointRequest``) | 400 |
/// | the origin is a known log's | 404 |
/// | a key of the log signed, and each line of its keys holds | 403 |
/// | old size <= checkpoint's size | 400 |
/// | old size = stored size, 0 if nothing is stored | 409, with the stored size |
/// | at size 0, the root is SHA-256 of nothing | 422 |
/// | from old size 0, the proof is empty | 422 |
/// | at equal sizes, the roots are equal | 422 |
/// | the consistency proof holds | 422 |
///
/// Given another log's checkpoint as the stored one, it answers 500 and cosigns nothing.
public struct WitnessRules: Sendable {
  /// Keys by origin. Compared as bytes: two names that Unicode calls equivalent are different logs.
  private let logs: [[UInt8]: [NoteVerifierKey]]

  /// The rules of a witness that knows these logs. A log may have several keys, all of its name.
  public init(logKeys: [NoteVerifierKey]) {
    logs = Dictionary(grouping: logKeys) { [UInt8]($0.name.utf8) }
  }

  /// The keys of a log; empty if it is not known.
  public func keys(origin: String) -> [NoteVerifierKey] { logs[[UInt8](origin.utf8)] ?? [] }

  /// Decides about a request.
  ///
  /// - Parameters:
  ///   - request: read from the body. A body that is none gets ``WitnessRefusal/malformed(_:)``.
  ///   - stored: the checkpoint that was cosigned last for the request's origin.
  public func decide(_ request: AddCheckpointRequest, stored: Checkpoint?) -> WitnessDecision {
    let lines = request.lines
    let keys = keys(origin: lines.origin)
    guard !keys.isEmpty else { return .refuse(.init(404, "the log is not known here")) }
    let note: SignedNote
    do {
      note = try SignedNote(text: request.text, signatures: request.signatures.get()).checked(
        by: keys)
    } catch {
      return .refuse(.init(403, error.description))
    }
    guard request.oldSize <= lines.size else {
      return .refuse(.init(400, "the old size is above the checkpoint's"))
    }
    guard stored?.origin.utf8.elementsEqual(lines.origin.utf8) != false else {
      return .refuse(.init(500, "what is stored belongs to another log"))
    }
    let storedSize = stored?.size ?? 0
    guard request.oldSize == storedSize else { return .refuse(.conflict(storedSize: storedSize)) }
    let checkpoint: Checkpoint
    do {
      checkpoint = try Checkpoint(lines: lines)
    } catch {
      return .refuse(.init(422, error.description))
    }
    if let stored, storedSize > 0 {
      guard lines.size > storedSize || lines.root == stored.root else {
        return .refuse(.init(422, "another root at the same size"))
      }
      guard
        MerkleTree.verifyConsistency(
          oldSize: storedSize, oldRoot: stored.root, newSize: lines.size, newRoot: lines.root,
          proof: request.proof)
      else { return .refuse(.init(422, "the consistency proof does not hold")) }
    } else {
      guard request.proof.isEmpty else {
        return .refuse(.init(422, "the consistency proof from size 0 is empty"))
      }
    }
    return .cosign(checkpoint, note: note)
  }
}

/// What a witness does with a request.
public enum WitnessDecision: Hashable, Sendable {
  /// Add a cosignature to the note, store it in place of the one that was stored, and only then answer
  /// 200 with the cosignature's line. The note carries the signatures of the log that were checked and
  /// no others.
  case cosign(Checkpoint, note: SignedNote)
  /// Answer so, and store nothing.
  case refuse(WitnessRefusal)
}

/// An answer other than a cosignature.
public struct WitnessRefusal: Error, Hashable, Sendable {
  /// The status of the HTTP response.
  public let status: Int
  /// Its media type.
  public let contentType: String
  /// Its body, one line.
  public let body: [UInt8]

  init(_ status: Int, _ reason: String) {
    self.status = status
    contentType = "text/plain; charset=utf-8"
    body = [UInt8]("\(reason)\n".utf8)
  }

  private init(storedSize: UInt64) {
    status = 409
    contentType = WitnessAnswer.sizeContentType
    body = [UInt8]("\(storedSize)\n".utf8)
  }

  /// Status 400, for a body that is no request.
  public static func malformed(_ error: LedgerError) -> WitnessRefusal {
    WitnessRefusal(400, error.description)
  }

  /// Status 409: the size that was cosigned last, 0 for none. Also the answer of a witness whose store
  /// found, while replacing, that another request was faster.
  public static func conflict(storedSize: UInt64) -> WitnessRefusal {
    WitnessRefusal(storedSize: storedSize)
  }
}

extension Checkpoint {
  /// Where a witness serves the latest checkpoint of a log that it cosigned, behind its monitoring
  /// prefix: `<lower-case hex of SHA-256(origin)>/checkpoint`.
  public static func monitoringPath(origin: String) -> String {
    "\(SHA256.hash([UInt8](origin.utf8)).hex.lowercased())/checkpoint"
  }
}
