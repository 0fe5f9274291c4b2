// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Ledger
package import StrictJSON

/// Sends entries to a ballot box and asks what became of them (`Specs/openapi/ballot-box.yaml`). Only the
/// form of the answers is checked here; whether a promise or a receipt is worth something is for the caller,
/// who knows the election.
public struct BoxClient: Sendable {
  /// Where an entry is sent.
  public enum Place: Hashable, Sendable {
    /// A ballot.
    case ballots
    /// The decision to cast the ballot with this confirmation code.
    case cast(Digest)
    /// The decision to challenge it.
    case challenge(Digest)
    /// What the commission and the trustees make.
    case entries

    var path: String {
      switch self {
      case .ballots: "ballots"
      case .cast(let code): "ballots/\(code.hex)/cast"
      case .challenge(let code): "ballots/\(code.hex)/challenge"
      case .entries: "entries"
      }
    }
  }

  /// What the box answered to an entry.
  public enum Answer: Hashable, Sendable {
    /// 202: it took the entry in. The bytes of its promise.
    case promise([UInt8])
    /// It did not take it in.
    case problem(BoxProblem)
  }

  /// What became of an entry.
  public enum Fate: Hashable, Sendable {
    /// The box does not know it.
    case unknown
    /// It stands at this place, and no quorum of witnesses has cosigned it yet.
    case pending(entry: UInt64)
    /// It stands at this place; the bytes of a receipt.
    case witnessed(entry: UInt64, receipt: [UInt8])
  }

  /// The longest time that one question waits at the box.
  public static let longestWait = 60
  /// Most bytes of an answer about an entry: two receipts, as JSON.
  static let maximumAnswerByteCount = 4 * InclusionReceipt.maximumByteCount

  private let client: WebClient

  /// A client of the box behind `client`.
  public init(_ client: WebClient) { self.client = client }

  /// Sends an entry. The same entry may be sent again: a box takes it in once.
  ///
  /// - Throws: ``WebError`` when no answer came; the box may have the entry all the same.
  public func submit(_ entry: EntryFile, to place: Place) async throws(WebError) -> Answer {
    let response = try await client.post(
      place.path, body: entry.bytes, contentType: "application/octet-stream",
      limit: WebClient.problemByteCount, isRepeatable: true)
    return response.status == 202 ? .promise(response.body) : .problem(BoxProblem(response))
  }

  /// Asks for an entry by its leaf hash, and lets the box wait with its answer for the witnesses.
  ///
  /// - Parameter wait: seconds, 0 to ``longestWait``.
  public func fate(ofLeaf leaf: Digest, wait: Int) async throws(WebError) -> Fate {
    let path = "entries/\(leaf.hex)"
    let seconds = min(max(wait, 0), Self.longestWait)
    var times = client.times
    times.silence += .seconds(seconds)
    times.total += .seconds(seconds)
    let response = try await client.get(
      seconds > 0 ? "\(path)?wait=\(seconds)" : path, limit: Self.maximumAnswerByteCount,
      times: times)
    switch response.status {
    case 200, 202:
      do { return try Self.fate(response.body, of: leaf) } catch {
        throw .malformed(path, error.description)
      }
    case 404: return .unknown
    default: throw .status(path, response.status)
    }
  }

  /// Reads {"version":1,"entry","leaf","receipt"?}.
  package static func fate(_ body: [UInt8], of leaf: Digest) throws(JSONError) -> Fate {
    let value = try JSONValue(
      parsing: body,
      limits: JSONLimits(
        maxBytes: maximumAnswerByteCount, maxDepth: 8,
        maxStringBytes: InclusionReceipt.maximumByteCount, maxItems: 100, maxMembers: 16))
    let fields = try JSONReader(value).fields(
      ["entry", "leaf", "version"], optional: ["receipt"])
    _ = try fields["version"].integer(1...1)
    guard try fields["leaf"].hex(bytes: Digest.byteCount) == leaf.bytes else {
      throw try fields["leaf"].failure("the leaf that was asked for")
    }
    let entry = UInt64(try fields["entry"].integer(0...Int(JSONValue.largestInteger)))
    guard let receipt = fields.optional("receipt") else { return .pending(entry: entry) }
    let text = try receipt.string(maxBytes: InclusionReceipt.maximumByteCount)
    return .witnessed(entry: entry, receipt: Array(text.utf8))
  }
}
