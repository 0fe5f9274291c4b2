// SPDX-License-Identifier: Apache-2.0

/// How RSABSSA encodes and prepares messages: RFC 9474, section 5. All variants hash with SHA-384 and mask
/// with MGF1 and SHA-384.
public struct BlindRSAVariant: Hashable, Sendable {
  /// The salt of the encoding. A key signs under one encoding only (RFC 9474, section 6.1).
  public enum Encoding: String, Hashable, Sendable, CaseIterable {
    /// 48 bytes of salt.
    case pss = "PSS"
    /// No salt: there is one encoding of a message, and one signature.
    case pssZero = "PSSZERO"

    /// sLen, in bytes.
    public var saltByteCount: Int { self == .pss ? 48 : 0 }
  }

  /// What is done to a message before it is encoded.
  public enum Preparation: String, Hashable, Sendable, CaseIterable {
    /// 32 random bytes go in front.
    case randomized = "Randomized"
    /// Nothing. Only for messages that hold secrets of high entropy, which no signer could have known
    /// when it chose its key.
    case deterministic = "Deterministic"

    /// Bytes in front of the message.
    public var prefixByteCount: Int { self == .randomized ? 32 : 0 }
  }

  /// The encoding.
  public let encoding: Encoding
  /// The preparation.
  public let preparation: Preparation

  /// A variant.
  public init(_ encoding: Encoding, _ preparation: Preparation) {
    self.encoding = encoding
    self.preparation = preparation
  }

  /// The name in RFC 9474, such as `RSABSSA-SHA384-PSS-Randomized`.
  public var name: String { "RSABSSA-SHA384-\(encoding.rawValue)-\(preparation.rawValue)" }

  /// All four.
  public static var all: [BlindRSAVariant] {
    Encoding.allCases.flatMap { encoding in
      Preparation.allCases.map { BlindRSAVariant(encoding, $0) }
    }
  }
}
