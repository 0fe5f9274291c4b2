// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import Election
public import Ledger

/// Where a credential belongs: one live request each.
public struct IssuancePlace: Hashable, Sendable {
  /// The district's number.
  public let district: Int
  /// i, the number of the roll's entry.
  public let index: Int
  /// How many credentials of the entry were cancelled before.
  public let attempt: Int

  /// A place from its parts.
  public init(district: Int, index: Int, attempt: Int) {
    self.district = district
    self.index = index
    self.attempt = attempt
  }
}

/// What an issuer signed, once and for good.
public struct IssuedCredential: Hashable, Sendable {
  /// Where it belongs.
  public let place: IssuancePlace
  /// The record of the request, with the citizen's signatures: the payload's exact bytes. It proves to another
  /// who asks for the same place that somebody with the entry's keys was there before.
  public let record: [UInt8]
  /// The request's name.
  public let request: Digest
  /// blind_sig, as long as the modulus.
  public let blindSignature: [UInt8]

  /// An issued credential from its parts.
  public init(
    place: IssuancePlace, record: [UInt8], request: Digest, blindSignature: [UInt8]
  ) {
    self.place = place
    self.record = record
    self.request = request
    self.blindSignature = blindSignature
  }
}

/// Keeps what an issuer signed. One store is of one scope and one issuer.
///
/// A step that fails with ``StoreError/failed(_:)`` ends the store; it is opened again.
public protocol IssuanceStore: Sendable {
  /// Binds the store to a scope durably, unless it is bound: the first scope that ever came stays.
  ///
  /// - Returns: the scope that the store is bound to.
  func bind(to scope: CredentialScope) async throws(StoreError) -> CredentialScope

  /// What was signed for a place; nil if nothing was.
  func issued(at place: IssuancePlace) async throws(StoreError) -> IssuedCredential?

  /// What was signed for a request; nil if nothing was.
  func issued(request: Digest) async throws(StoreError) -> IssuedCredential?

  /// Keeps credentials durably, all in one transaction: of each place the first one that ever came.
  ///
  /// - Returns: for each what the store holds for its place: the same, or the earlier one.
  func keep(_ credentials: [IssuedCredential]) async throws(StoreError) -> [IssuedCredential]

  /// How many credentials were signed, by district.
  func counts() async throws(StoreError) -> [Int: Int]
}
