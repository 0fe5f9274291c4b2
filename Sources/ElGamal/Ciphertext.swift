// SPDX-License-Identifier: Apache-2.0

public import Groups

/// (α, β), an exponential ElGamal ciphertext of ElectionGuard 2.1.0, 3.3.1: α = g^ξ, β = K^(σ+ξ)
/// for a vote σ and a nonce ξ. Public.
public struct Ciphertext: Hashable, Sendable {
  /// α = g^ξ
  public let alpha: Element
  /// β = K^(σ+ξ)
  public let beta: Element

  /// A ciphertext from its parts; membership of the parts is not implied.
  public init(alpha: Element, beta: Element) {
    self.alpha = alpha
    self.beta = beta
  }
}

extension Group {
  /// (g^ξ, K^(σ+ξ)), in constant time.
  /// - Parameters:
  ///   - vote: σ, secret.
  ///   - nonce: ξ, secret.
  ///   - key: K.
  public func encrypt(
    _ vote: borrowing SecretScalar, nonce: borrowing SecretScalar, key: FixedBase
  ) -> Ciphertext {
    Ciphertext(alpha: power(generator, nonce), beta: power(key, add(vote, nonce)))
  }

  /// (1, 1), the sum of no ciphertexts. The specification leaves the aggregate of an option without
  /// cast ballots open; see `Specs/electionguard.md`, erratum 11.
  public var emptyAggregate: Ciphertext { Ciphertext(alpha: identity, beta: identity) }

  /// Component-wise product: the encryption of the sum.
  public func vartimeMultiply(_ x: Ciphertext, _ y: Ciphertext) -> Ciphertext {
    Ciphertext(
      alpha: vartimeMultiply(x.alpha, y.alpha), beta: vartimeMultiply(x.beta, y.beta))
  }

  /// Component-wise power: the encryption of the vote times a public weight.
  public func vartimePower(_ x: Ciphertext, weight: Int) -> Ciphertext {
    guard weight != 1 else { return x }
    let exponent = scalar(UInt64(clamping: weight))
    return Ciphertext(
      alpha: vartimePower(x.alpha, exponent), beta: vartimePower(x.beta, exponent))
  }

  /// The product of all ciphertexts; (1, 1) when there is none.
  public func vartimeProduct(_ ciphertexts: some Sequence<Ciphertext>) -> Ciphertext {
    ciphertexts.reduce(emptyAggregate) { vartimeMultiply($0, $1) }
  }
}

extension Group {
  /// The products of several lists of ciphertexts; (1, 1) for an empty one.
  public func vartimeProducts(_ lists: [[Ciphertext]]) -> [Ciphertext] {
    let products = vartimeProducts(lists.map { $0.map(\.alpha) } + lists.map { $0.map(\.beta) })
    return lists.indices.map {
      Ciphertext(alpha: products[$0], beta: products[lists.count + $0])
    }
  }
}
