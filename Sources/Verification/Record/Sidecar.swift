// SPDX-License-Identifier: Apache-2.0

public import Election
public import Groups
internal import Ledger
public import LedgerFiles

/// Proof commitments beside a record: what a verifier would have to recompute, published so that it
/// only has to be compared (`Specs/sidecar.md`). Nothing in it is trusted, and a verifier that finds
/// it missing, malformed or wrong does without.
///
///     <folder>/commitments/<bundle>      one file a bundle, the number in decimal
///
/// A file begins with the line `urna-commitments/v1`. For every entry `ballot.submitted` of the
/// bundle, in order, follow the number of its commitments in 4 bytes, big-endian, and the commitments
/// in l_p bytes each, in the order of ``BallotProofs/commitments(_:_:)``.
public struct Sidecar: Sendable {
  private let files: LocalFileSystem
  private let group: Group

  static let header = Array("urna-commitments/v1\n".utf8)
  static let folder = "commitments"

  /// The sidecar in a folder.
  public init(path: String, in group: Group = .standard) {
    files = LocalFileSystem(root: path)
    self.group = group
  }

  static func file(_ bundle: UInt64) -> String { "\(folder)/\(bundle)" }

  /// The claims of one bundle's ballots.
  func claims(inBundle bundle: UInt64) -> Claims {
    Claims(files: files, path: Self.file(bundle), group: group)
  }

  /// The claims of one bundle, ballot by ballot. Reading ends at the first thing that is not in the
  /// format; the ballots from there on have no claims.
  struct Claims {
    private let files: LocalFileSystem
    private let path: String
    private let group: Group
    private var offset = 0
    private var isOpen: Bool

    init(files: LocalFileSystem, path: String, group: Group) {
      self.files = files
      self.path = path
      self.group = group
      isOpen = true
      isOpen = bytes(Sidecar.header.count) == Sidecar.header
    }

    /// A ballot's check with its claims; any other check as it is.
    mutating func attached(to check: ProofCheck) -> ProofCheck {
      guard case .ballot(var proofs, let context) = check else { return check }
      proofs.claimed = next(count: proofs.commitmentCount(context))
      return .ballot(proofs, context)
    }

    /// The commitments of the next ballot, which are as many as its proofs have.
    private mutating func next(count: Int) -> [Element]? {
      let width = group.elementByteCount
      guard isOpen, let length = bytes(4), length.reduce(0, { $0 << 8 | Int($1) }) == count,
        let block = bytes(count * width)
      else {
        isOpen = false
        return nil
      }
      var elements: [Element] = []
      elements.reserveCapacity(count)
      for start in stride(from: 0, to: block.count, by: width) {
        do { elements.append(try group.element(bytes: block[start..<start + width])) } catch {
          // The ballot's own claims are wrong; the next ballot's begin where these end.
          return nil
        }
      }
      return elements
    }

    private mutating func bytes(_ count: Int) -> [UInt8]? {
      do {
        let bytes = try files.read(path, at: offset, count: count)
        offset += count
        return bytes
      } catch { return nil }
    }
  }
}

extension Sidecar {
  /// Computes the commitments of all ballots of a record and writes them, bundle by bundle.
  /// - Parameters:
  ///   - state: the state that the record leads to.
  ///   - progress: called after every bundle with the number done and the total.
  /// - Returns: how many ballots have commitments.
  /// - Throws: `FileError` for a bundle that cannot be read or written, or a ballot that is not in
  ///   the format.
  public func write(
    _ record: RecordDirectory, _ state: ElectionState, cores: Int = Cores.count,
    progress: @Sendable (Int, Int) -> Void = { _, _ in }
  ) async throws -> Int {
    guard let context = state.context else { return 0 }
    try files.makeDirectory(Self.folder)
    var ballots = 0
    for bundle in 0..<record.bundleCount {
      let submitted = try Self.ballots(record, bundle, group)
      var content = Self.header
      for commitments in await Self.commitments(submitted, context, cores: cores) {
        let count = UInt32(clamping: commitments.count)
        content += ([24, 16, 8, 0] as [UInt32]).map { UInt8(truncatingIfNeeded: count >> $0) }
        for element in commitments { content += group.bytes(element) }
      }
      try files.replace(Self.file(bundle), with: content)
      ballots += submitted.count
      progress(Int(clamping: bundle) + 1, Int(clamping: record.bundleCount))
    }
    return ballots
  }

  private static func ballots(
    _ record: RecordDirectory, _ bundle: UInt64, _ group: Group
  ) throws -> [EncryptedBallot] {
    var ballots: [EncryptedBallot] = []
    var payloads = try record.payloads(inBundle: bundle)
    for (offset, bytes) in try record.entries(inBundle: bundle).enumerated() {
      let index = bundle * 256 + UInt64(offset)
      let isBallot: Bool
      do {
        isBallot = try LedgerEntry(bytes: bytes).type == EntryType.ballotSubmitted.rawValue
      } catch { throw FileError("entry \(index)", "\(error)") }
      guard isBallot else {
        try payloads.skip()
        continue
      }
      do {
        ballots.append(try BallotSubmitted(bytes: try payloads.next(), in: group).ballot)
      } catch let error as FileError { throw error } catch {
        throw FileError("payload \(index)", "\(error)")
      }
    }
    return ballots
  }

  private static func commitments(
    _ ballots: [EncryptedBallot], _ context: ElectionContext, cores: Int
  ) async -> [[Element]] {
    await withTaskGroup(of: (Int, [[Element]]).self) { group in
      let share = max(1, (ballots.count + cores - 1) / cores)
      for start in stride(from: 0, to: ballots.count, by: share) {
        let part = Array(ballots[start..<min(start + share, ballots.count)])
        group.addTask { (start, BallotProofs.commitments(part, context)) }
      }
      var parts: [(Int, [[Element]])] = []
      for await part in group { parts.append(part) }
      return parts.sorted { $0.0 < $1.0 }.flatMap(\.1)
    }
  }
}
