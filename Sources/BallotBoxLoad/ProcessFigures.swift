// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// What Linux tells about a process (`proc(5)`): processor time and memory.
public struct ProcessFigures: Sendable, Equatable {
  /// Processor time in the program, in seconds.
  public let user: Double
  /// Processor time in the system on the program's behalf, in seconds.
  public let system: Double
  /// Resident memory in bytes, now.
  public let resident: Int
  /// The most resident memory so far, in bytes.
  public let mostResident: Int
  /// Processor time by the names of threads, in seconds.
  public let threads: [String: Double]

  /// Reads `/proc/PID`; nil if the process is not there.
  public init?(process: Int32) {
    let folder = "/proc/\(process)"
    guard let times = Self.times("\(folder)/stat"), let status = Self.text("\(folder)/status")
    else { return nil }
    user = times.user
    system = times.system
    resident = Self.kibibytes("VmRSS:", status) * 1024
    mostResident = Self.kibibytes("VmHWM:", status) * 1024
    var threads: [String: Double] = [:]
    let manager = FileManager.default
    do {
      for thread in try manager.contentsOfDirectory(atPath: "\(folder)/task") {
        guard let times = Self.times("\(folder)/task/\(thread)/stat") else { continue }
        threads[times.name, default: 0] += times.user + times.system
      }
    } catch { threads = [:] }
    self.threads = threads
  }

  private static func times(_ path: String) -> (name: String, user: Double, system: Double)? {
    // The name stands in parentheses and may hold anything; the numbers come behind the last one.
    guard let text = text(path), let open = text.firstIndex(of: "("),
      let close = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: close)...].split(separator: " ")
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12])
    else { return nil }
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    // Threads of one kind are numbered.
    let name = text[text.index(after: open)..<close].prefix { $0 != "#" }
    return (String(name), user / ticks, system / ticks)
  }

  private static func text(_ path: String) -> String? {
    guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func kibibytes(_ name: String, _ status: String) -> Int {
    for line in status.split(separator: "\n") where line.hasPrefix(name) {
      return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
        .flatMap { Int($0) } ?? 0
    }
    return 0
  }
}
