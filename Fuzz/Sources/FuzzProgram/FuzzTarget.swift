// SPDX-License-Identifier: Apache-2.0

import Ledger
import StrictJSON

/// A parser under test.
struct FuzzTarget: Sendable {
  /// The name, and that of the folder of its corpus.
  let name: String
  /// Well-formed inputs to start from.
  let seeds: @Sendable () throws -> [[UInt8]]
  /// Reads an input and writes it again. What is accepted must be written as it was read, byte for
  /// byte; refusing is throwing a `LedgerError` or a `JSONError`. Anything else is a finding.
  let rewrite: @Sendable ([UInt8]) throws -> [UInt8]

  init(
    _ name: String, seeds: @escaping @Sendable () throws -> [[UInt8]],
    rewrite: @escaping @Sendable ([UInt8]) throws -> [UInt8]
  ) {
    self.name = name
    self.seeds = seeds
    self.rewrite = rewrite
  }

  /// Runs one input. A finding ends the process, which libFuzzer turns into a file.
  func run(_ bytes: [UInt8]) {
    do {
      let written = try rewrite(bytes)
      precondition(written == bytes, "\(name): what was accepted is written otherwise")
    } catch is LedgerError {
    } catch is JSONError {
    } catch {
      preconditionFailure("\(name): \(error)")
    }
  }

  /// All targets.
  static let all = notes + witnessing + leaves + payloads + clients + credentials
}

/// What must hold of every input that was accepted. An error in `condition` is a finding too, and no
/// refusal.
func mustHold(_ condition: () throws -> Bool) {
  do {
    let holds = try condition()
    precondition(holds, "a property of an accepted input")
  } catch {
    preconditionFailure("\(error)")
  }
}

/// An input that is no text, for parsers of text.
func text(_ bytes: [UInt8]) throws(LedgerError) -> String {
  guard let text = String(validating: bytes, as: UTF8.self) else {
    throw LedgerError("input", "UTF-8")
  }
  return text
}

func utf8(_ text: String) -> [UInt8] { [UInt8](text.utf8) }
