// SPDX-License-Identifier: Apache-2.0

import CFuzzer
import Foundation

/// `fuzz TARGET [libFuzzer's arguments]`, `fuzz --list`, `fuzz --seeds TARGET FOLDER`.
@main
enum FuzzProgram {
  /// What libFuzzer's callback runs: set once, before it is called.
  nonisolated(unsafe) private static var target: FuzzTarget?

  static func main() throws {
    let arguments = CommandLine.arguments
    switch arguments.dropFirst().first {
    case "--list":
      for target in FuzzTarget.all { print(target.name) }
    case "--seeds" where arguments.count == 4:
      try writeSeeds(find(arguments[2]), into: arguments[3])
    case let name? where !name.hasPrefix("-"):
      try unsafe target = find(name)
      exit(drive())
    default:
      throw Usage(description: "usage: fuzz TARGET [ARGUMENT ...] | --list | --seeds TARGET FOLDER")
    }
  }

  private struct Usage: Error, CustomStringConvertible {
    let description: String
  }

  private static func find(_ name: String) throws -> FuzzTarget {
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
      throw Usage(description: "there is no target \(name)")
    }
    return target
  }

  /// Each seed must be accepted: one that is not would only look like a start.
  private static func writeSeeds(_ target: FuzzTarget, into folder: String) throws {
    for (number, seed) in try target.seeds().enumerated() {
      guard try target.rewrite(seed) == seed else {
        throw Usage(description: "\(target.name): seed \(number) is written otherwise")
      }
      try Data(seed).write(to: URL(fileURLWithPath: "\(folder)/seed-\(number)"))
    }
  }

  /// Hands the arguments behind the target's name to libFuzzer.
  private static func drive() -> CInt {
    var count = CommandLine.argc - 1
    // The program's name stays in front; the target's name goes.
    let names = unsafe CommandLine.unsafeArgv.advanced(by: 1)
    unsafe names[0] = CommandLine.unsafeArgv[0]
    var values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe names
    return unsafe LLVMFuzzerRunDriver(&count, &values) { data, size in
      let bytes = unsafe [UInt8](UnsafeBufferPointer(start: data, count: size))
      unsafe FuzzProgram.target?.run(bytes)
      return 0
    }
  }
}
