// SPDX-License-Identifier: Apache-2.0

import CitizenAuthentication
import CommandLineSupport
import Service

/// Citizens with an identity provider: `provider.…` of the configuration. Nothing of it, or what is required.
struct ProviderSettings {
  private let issuer: String
  private let keys: String?
  private let rules: IDTokenRules

  private static let names = [
    "provider.keys", "provider.client", "provider.claim",
  ]
  private static let lists = [
    "provider.contextClasses", "provider.methods", "provider.otherAudiences",
  ]

  static let keys: [ConfigurationKey] =
    [.string("provider.issuer")] + names.map { .string($0) }
    + lists.map { ConfigurationKey($0, .strings(maxCount: 16, maxBytes: 256)) }

  init?(_ settings: Settings) throws(ServiceError) {
    guard let issuer = try settings.string("provider.issuer") else {
      for name in Self.names where try settings.string(name) != nil {
        throw settings.failure("provider.issuer", "the key is missing")
      }
      for name in Self.lists where try settings.strings(name) != nil {
        throw settings.failure("provider.issuer", "the key is missing")
      }
      return nil
    }
    self.issuer = issuer
    keys = try settings.string("provider.keys")
    rules = IDTokenRules(
      clientID: try settings.requiredString("provider.client"),
      identifierClaim: try settings.string("provider.claim") ?? "sub",
      contextClasses: try settings.strings("provider.contextClasses") ?? [],
      methods: try settings.strings("provider.methods") ?? [],
      otherAudiences: try settings.strings("provider.otherAudiences") ?? [])
  }

  /// Reads the provider's keys, from the file or from the provider, so that a wrong configuration is seen at the
  /// start.
  func verifier() async throws(ProgramError) -> IDTokenVerifier {
    let file = try keys.map { path throws(ProgramError) in try Files.read(path, limit: 1 << 20) }
    do {
      guard let file else {
        let provider = OpenIDProvider(issuer: issuer)
        try await provider.prepare()
        return IDTokenVerifier(provider: provider, rules: rules)
      }
      let provider = try OpenIDProvider(issuer: issuer, pinnedKeys: file)
      return IDTokenVerifier(provider: provider, rules: rules)
    } catch {
      throw ProgramError(error.isTemporary ? .inputOutput : .wrong, "provider: \(error)")
    }
  }
}
