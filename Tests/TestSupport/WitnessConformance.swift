// SPDX-License-Identifier: Apache-2.0

public import Ledger
public import Testing

/// What every ``WitnessStore`` must do. A store's tests run all the rules, each on a storage of its own.
public struct WitnessConformance: Sendable, CustomTestStringConvertible {
  /// Opens the storage (again), after closing what was opened before.
  public typealias Open = @Sendable () async throws -> any WitnessStore

  /// What the rule says.
  public let testDescription: String
  /// Checks the rule on an empty storage.
  public let check: @Sendable (_ open: Open) async throws -> Void

  private init(
    _ description: String, _ check: @escaping @Sendable (_ open: Open) async throws -> Void
  ) {
    testDescription = description
    self.check = check
  }

  /// All the rules.
  public static let rules: [WitnessConformance] = [
    WitnessConformance("nothing is there at first, and nothing replaces nothing") { open in
      let store = try await open()
      #expect(try await store.latest(origin: "a") == nil)
      await conflict { try await store.replace(origin: "a", old: [1], new: [2]) }
      #expect(try await store.latest(origin: "a") == nil)
    },
    WitnessConformance("what was stored is there, also after opening again") { open in
      let store = try await open()
      let large = [UInt8](repeating: 0xA5, count: 200_000)
      try await store.replace(origin: "a", old: nil, new: [0, 255, 10])
      #expect(try await store.latest(origin: "a") == [0, 255, 10])
      try await store.replace(origin: "a", old: [0, 255, 10], new: large)
      let again = try await open()
      #expect(try await again.latest(origin: "a") == large)
      try await again.replace(origin: "a", old: large, new: [1])
      #expect(try await open().latest(origin: "a") == [1])
    },
    WitnessConformance("only what is still stored is replaced") { open in
      let store = try await open()
      try await store.replace(origin: "a", old: nil, new: [1])
      await conflict { try await store.replace(origin: "a", old: nil, new: [2]) }
      await conflict { try await store.replace(origin: "a", old: [3], new: [2]) }
      await conflict { try await store.replace(origin: "a", old: [], new: [2]) }
      #expect(try await store.latest(origin: "a") == [1])
      try await store.replace(origin: "a", old: [1], new: [1])
      #expect(try await open().latest(origin: "a") == [1])
    },
    WitnessConformance("logs are apart, by the bytes of their names") { open in
      let store = try await open()
      // A letter with its accent in one scalar and in two: equal as Swift strings.
      let names = ["a", "A", "a ", "\u{e9}", "e\u{301}", String(repeating: "x", count: 255)]
      for (number, name) in names.enumerated() {
        try await store.replace(origin: name, old: nil, new: [UInt8(number)])
      }
      let again = try await open()
      for (number, name) in names.enumerated() {
        #expect(try await again.latest(origin: name) == [UInt8(number)])
      }
    },
    WitnessConformance("of many that replace the same, one does") { open in
      let store = try await open()
      var old: [UInt8]? = nil
      for round in 0..<40 {
        let base = old
        let winners = await withTaskGroup(of: UInt8?.self) { group in
          for number in 0..<8 {
            group.addTask {
              let new = [UInt8(round), UInt8(number)]
              do { try await store.replace(origin: "a", old: base, new: new) } catch { return nil }
              return UInt8(number)
            }
          }
          var winners: [UInt8] = []
          for await winner in group { if let winner { winners.append(winner) } }
          return winners
        }
        try #require(winners.count == 1)
        old = try await store.latest(origin: "a")
        #expect(old == [UInt8(round)] + winners.prefix(1))
      }
      #expect(try await open().latest(origin: "a") == old)
    },
  ]

  private static func conflict(
    _ location: SourceLocation = #_sourceLocation, _ call: () async throws -> Void
  ) async {
    do {
      try await call()
      Issue.record("no conflict", sourceLocation: location)
    } catch StoreError.conflict {
      return
    } catch {
      Issue.record(error, sourceLocation: location)
    }
  }
}
