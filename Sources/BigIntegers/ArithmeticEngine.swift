// SPDX-License-Identifier: Apache-2.0

internal import CMontgomery
internal import Glibc

/// Which code multiplies in ElectionGuard's standard group. All engines give the same numbers; they
/// differ in the processors that they need and in speed. Other groups always use GMP.
public enum ArithmeticEngine: String, Sendable, CaseIterable {
  /// GMP, on every processor.
  case gmp
  /// One number at a time with MULX, ADCX and ADOX: x86-64 from Broadwell and Zen on.
  case mulx
  /// Eight numbers at a time with AVX-512 IFMA: x86-64 from Ice Lake and Zen 4 on.
  case vector

  /// The environment variable that chooses an engine: `gmp`, `mulx` or `vector`.
  public static let variable = "URNA_ENGINE"

  /// Whether this processor has the instructions.
  public var isAvailable: Bool {
    switch self {
    case .gmp: true
    case .mulx: urna_mulx_available()
    case .vector: urna_vector_available()
    }
  }

  /// The engines of this processor, the fastest last.
  public static var available: [ArithmeticEngine] { allCases.filter(\.isAvailable) }

  /// The engine of this process: the one that the environment names, else the fastest.
  public static let current: ArithmeticEngine = {
    do throws(EngineError) { return try requested() ?? fastest } catch { return fastest }
  }()

  private static var fastest: ArithmeticEngine { available.last ?? .gmp }

  /// The engine that the environment names; nil when it names none. Programs call this first, so
  /// that a name that cannot be served is an error and not another engine.
  /// - Throws: `EngineError`.
  public static func requested() throws(EngineError) -> ArithmeticEngine? {
    guard let value = unsafe getenv(variable) else { return nil }
    let name = unsafe String(cString: value)
    guard let engine = ArithmeticEngine(rawValue: name) else { throw .unknown }
    guard engine.isAvailable else { throw .unavailable(engine) }
    return engine
  }
}

/// Why the engine that the environment names cannot be used.
public enum EngineError: Error, Equatable, Sendable {
  /// No engine has that name.
  case unknown
  /// The processor lacks the instructions.
  case unavailable(ArithmeticEngine)
}

extension EngineError: CustomStringConvertible {
  /// The reason in words.
  public var description: String {
    let names = ArithmeticEngine.available.map(\.rawValue).joined(separator: ", ")
    return switch self {
    case .unknown: "\(ArithmeticEngine.variable) names no engine; this processor runs \(names)"
    case .unavailable(let engine):
      "this processor cannot run the engine \(engine.rawValue); it runs \(names)"
    }
  }
}
