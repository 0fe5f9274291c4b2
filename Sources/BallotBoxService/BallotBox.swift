// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Election
package import Groups
public import Ledger
public import LedgerFiles
public import Sequencing
package import Verification

/// The ballot box: decides about entries by the rulebook, appends those that keep it, and promises what
/// it appended.
///
/// A batch is decided first (``decide(_:)``), which needs the processor, and then written
/// (``write(_:)``), which needs the disk. The two may overlap, the next batch being decided on the state
/// that the batch before will leave; batches are written in the order in which they were decided.
public actor BallotBox {
  /// The state after the last decided batch.
  public private(set) var state: ElectionState
  /// The record's folder.
  public nonisolated let record: String
  /// The key that checkpoints are signed with.
  public nonisolated let logKey: NoteVerifierKey
  /// What appends.
  public nonisolated let sequencer: Sequencer

  /// The record's tiles.
  public nonisolated var tiles: RecordTiles { RecordTiles(path: record) }

  private let key: EntryKey
  private let clock: any WallClock
  private let proofs: ProofPolicy
  private var isDeciding = false
  /// Set by an error while writing: what is in ``state`` need not be in the record then.
  private var isStopped = false
  private var numberWritten: Int
  /// Payloads of batches that are decided and not written, by place in the log.
  private var unwritten: [Int: [UInt8]] = [:]

  /// Keeps the private key, which cannot be copied, where it can be shared.
  private final class EntryKey: Sendable {
    let key: Ed25519.PrivateKey

    init(_ key: consuming Ed25519.PrivateKey) { self.key = key }
  }

  private init(
    state: ElectionState, record: String, logKey: NoteVerifierKey, sequencer: Sequencer,
    key: EntryKey, clock: any WallClock, proofs: ProofPolicy
  ) {
    self.state = state
    self.record = record
    self.logKey = logKey
    self.sequencer = sequencer
    self.key = key
    self.clock = clock
    self.proofs = proofs
    numberWritten = state.batch?.number ?? 0
  }

  /// Opens a box whose log has begun: completes what a crash cut off, folds the record, and checks
  /// that it is this box's.
  ///
  /// - Parameters:
  ///   - record: the record's folder.
  ///   - store: the lock, the staging and the claims.
  ///   - signer: the log's key.
  ///   - key: the key that signs the box's entries and promises.
  /// - Throws: ``BoxError``.
  public static func open(
    record: String, store: any SequencerStore, signer: consuming NoteSigner,
    key: consuming Ed25519.PrivateKey, clock: any WallClock = SystemClock()
  ) async throws(BoxError) -> BallotBox {
    try await open(
      record: record, store: store, signer: signer, key: key, clock: clock, proofs: .checked)
  }

  /// The same for measurements of everything but the proofs, which were checked before, and in another
  /// group for tests.
  package static func open(
    record: String, store: any SequencerStore, signer: consuming NoteSigner,
    key: consuming Ed25519.PrivateKey, clock: any WallClock, proofs: ProofPolicy,
    in group: Group = .standard
  ) async throws(BoxError) -> BallotBox {
    let logKey = signer.verifierKey
    let sequencer: Sequencer
    do {
      let writer = try RecordWriter.open(directory: record, signer: signer, verifyingAll: false)
      sequencer = try await Sequencer.open(store: store, writer: writer)
    } catch let error as FileError { throw .record(error) } catch let error as SequencerError {
      throw .sequencer(error)
    } catch { throw .refused("\(record): \(error)") }
    let state = try await fold(record, expecting: logKey, in: group)
    guard state.configuration?.logKey == logKey.vkey,
      state.configuration?.ballotBoxKey == key.publicKey
    else { throw .foreignKeys }
    return BallotBox(
      state: state, record: record, logKey: logKey, sequencer: sequencer, key: EntryKey(key),
      clock: clock, proofs: proofs)
  }

  /// Begins a log with the configuration as its first entry, in a new record and an empty store; goes on
  /// where a crash cut off an earlier beginning.
  ///
  /// - Parameter store: opens or makes the store; called when the configuration was found good.
  /// - Throws: ``BoxError`` if the configuration breaks a rule or names other keys; then nothing is
  ///   written.
  public static func begin(
    configuration: EntryFile, record: String,
    store: () throws(StoreError) -> any SequencerStore,
    signer: consuming NoteSigner, key: consuming Ed25519.PrivateKey,
    clock: any WallClock = SystemClock()
  ) async throws(BoxError) -> BallotBox {
    let logKey = signer.verifierKey
    let first = await BatchAdmission.decide(
      [configuration], opening: nil, after: ElectionState(), payloads: NoPayloads())
    if let failure = first.refused.first?.findings.failures.first {
      throw .refused(
        "configuration: refused by \(failure.rule.rawValue): \(failure.rule.sentence) "
          + "(\(failure.detail))")
    }
    guard first.state.configuration?.logKey == logKey.vkey,
      first.state.configuration?.ballotBoxKey == key.publicKey
    else { throw .foreignKeys }
    do {
      let writer =
        try RecordDirectory.exists(path: record)
        ? RecordWriter.open(directory: record, signer: signer)
        : RecordWriter.create(directory: record, signer: signer)
      let sequencer = try await Sequencer.open(store: store(), writer: writer)
      guard sequencer.head.checkpoint.size == 0 else {
        throw BoxError.refused("\(record): the log has begun already")
      }
      _ = try await sequencer.append([
        Sequencer.Item(
          entry: configuration.entry.bytes, payload: configuration.payload, claims: [])
      ])
      return BallotBox(
        state: first.state, record: record, logKey: logKey, sequencer: sequencer,
        key: EntryKey(key), clock: clock, proofs: .checked)
    } catch let error as FileError { throw .record(error) } catch let error as SequencerError {
      throw .sequencer(error)
    } catch let error as StoreError {
      throw .sequencer(.store(error))
    } catch let error as BoxError { throw error } catch { throw .refused("\(record): \(error)") }
  }

  private static func fold(
    _ record: String, expecting logKey: NoteVerifierKey, in group: Group
  ) async throws(BoxError) -> ElectionState {
    do {
      let directory = try RecordDirectory(path: record, expecting: logKey)
      // The box checked every proof when it admitted the entry.
      let fold = try await RecordFold.fold(
        directory, depth: .structure, in: group, cores: Cores.count)
      // A test's group is not the standard one, and these rules say so.
      let expected: Set<RuleID> = group === Group.standard ? [] : [.eg1B, .eg1C, .eg1D]
      if let failure = fold.findings.failures.first(where: { !expected.contains($0.rule) }) {
        throw BoxError.refused(
          "\(record): \(failure.rule.rawValue) fails at \(failure.place): \(failure.detail)")
      }
      guard fold.tree.root == directory.checkpoint.root else {
        throw BoxError.refused(
          "\(record): LOG-2 fails: the entries are not those of the checkpoint")
      }
      return fold.state
    } catch let error as FileError { throw .record(error) } catch let error as BoxError {
      throw error
    } catch { throw .refused("\(record): \(error)") }
  }
}

// MARK: Batches

extension BallotBox {
  /// A batch that was decided and is to be written.
  public struct DecidedBatch: Sendable {
    fileprivate let number: Int
    /// Where the first item will stand in the log.
    fileprivate let first: Int
    fileprivate let items: [Sequencer.Item]
    /// By position among the submitted entries.
    fileprivate let promises: [(position: Int, promise: InclusionPromise)]
    /// The refused entries, by position among the submitted ones, and the rules that they break.
    public let refused: [(position: Int, findings: Findings)]

    /// How many entries are appended, the batch's own included; 0 if none was admitted.
    public var entryCount: Int { items.count }
  }

  /// Decides about entries as one batch. The caller waits for the end before it decides about more.
  ///
  /// - Throws: ``BoxError``; then nothing was decided.
  public func decide(_ files: [EntryFile]) async throws(BoxError) -> DecidedBatch {
    guard !isStopped else { throw .sequencer(.stopped) }
    guard !isDeciding, let electionID = state.electionID, let configuration = state.configuration
    else { throw .refused("one batch is decided after the other") }
    isDeciding = true
    defer { isDeciding = false }
    // Taken before the record is opened: what is missing here was written by then.
    let unwritten = unwritten
    let directory: RecordDirectory
    do { directory = try RecordDirectory(path: record, expecting: logKey) } catch {
      throw .record(error)
    }
    if state.phase == .closed, state.recomputed == nil,
      let tally = await Aggregation.tally(state, directory)
    {
      state.keepRecomputed(tally)
    }
    let batch = BatchOpened(
      number: (state.batch?.number ?? 0) + 1, time: max(state.batch?.time ?? 0, clock.now()))
    do {
      let opening = try EntryFile.signed(
        batch, by: .ballotBox, electionID: electionID, key: key.key, in: state.group)
      let admission = await BatchAdmission.decide(
        files, opening: opening, after: state,
        payloads: PayloadsSoFar(
          unwritten: unwritten, written: RecordPayloads(record: directory)), proofs: proofs)
      let refused = admission.refused.map { (position: $0.position, findings: $0.findings) }
      // A batch in which nothing but its own entry stands would only be noise.
      guard admission.admitted.count > 1 else {
        return DecidedBatch(
          number: batch.number, first: state.size, items: [], promises: [], refused: refused)
      }
      let deadline = batch.time + configuration.inclusionSeconds
      var promises: [(position: Int, promise: InclusionPromise)] = []
      // The batch's own entry stands at the front, and was not submitted.
      for (position, (file, subject)) in zip(
        admission.positions, zip(admission.admitted, admission.subjects).dropFirst())
      {
        promises.append(
          (
            position,
            try .signed(
              electionID: electionID, leafHash: file.entry.leafHash,
              confirmationCode: subject.confirmationCode, deadline: deadline, key: key.key)
          ))
      }
      let items = zip(admission.admitted, admission.subjects).map { file, subject in
        Sequencer.Item(
          entry: file.entry.bytes, payload: file.payload, claims: subject.claims)
      }
      let first = state.size
      state = admission.state
      for (offset, file) in admission.admitted.enumerated() {
        self.unwritten[first + offset] = file.payload
      }
      return DecidedBatch(
        number: batch.number, first: first, items: items, promises: promises, refused: refused)
    } catch { throw .cryptography("\(error)") }
  }

  /// Writes a decided batch.
  ///
  /// - Returns: the promises, by position among the submitted entries. The entries are published.
  /// - Throws: ``BoxError``. The box has stopped then, and is opened again.
  public func write(
    _ batch: DecidedBatch
  ) async throws(BoxError) -> [(position: Int, promise: InclusionPromise)] {
    guard !batch.items.isEmpty else { return [] }
    guard !isStopped else { throw .sequencer(.stopped) }
    guard batch.number == numberWritten + 1 else {
      throw .refused("batches are written in the order in which they were decided")
    }
    numberWritten = batch.number
    do { _ = try await sequencer.append(batch.items) } catch {
      isStopped = true
      throw .sequencer(error)
    }
    for index in batch.first..<batch.first + batch.items.count { unwritten[index] = nil }
    return batch.promises
  }

  /// The promise for an entry that is in the published log already: the same as the first time.
  ///
  /// - Returns: nil if the entry is not in it.
  /// - Throws: ``BoxError``.
  public func promise(
    forPublished file: EntryFile
  ) async throws(BoxError) -> InclusionPromise? {
    let index: UInt64?
    do { index = try await sequencer.index(ofLeaf: file.entry.leafHash) } catch {
      throw .sequencer(error)
    }
    guard let index, index < sequencer.head.checkpoint.size, let electionID = state.electionID,
      let configuration = state.configuration,
      let time = state.batchTime(ofEntry: Int(clamping: index))
    else { return nil }
    do {
      return try .signed(
        electionID: electionID, leafHash: file.entry.leafHash,
        confirmationCode: file.confirmationCode(in: state.group),
        deadline: time + configuration.inclusionSeconds, key: key.key)
    } catch { throw .cryptography("\(error)") }
  }
}

/// The payloads of a record, and those that are on their way into it.
private struct PayloadsSoFar: PayloadSource {
  let unwritten: [Int: [UInt8]]
  let written: RecordPayloads

  func payload(at index: Int) -> [UInt8]? {
    unwritten[index] ?? written.payload(at: index)
  }
}

struct NoPayloads: PayloadSource {
  func payload(at index: Int) -> [UInt8]? { nil }
}
