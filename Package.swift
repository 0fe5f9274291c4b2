// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// `Fuzz/run.sh` builds with libFuzzer's counters in every target, and one program more.
let isFuzzing = Context.environment["URNA_FUZZ"] != nil

/// Settings of every target: pointers are marked `unsafe`, warnings fail the build,
/// and an import is visible only where it is written.
let settings: [SwiftSetting] =
  [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ] + (isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer"])] : [])

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// A program. The folder carries the program's name, the module the name with `Program` behind it,
/// so that `election` (the program) and `Election` (the library) never meet on a disk that folds case.
func program(_ name: String, module: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: module,
    dependencies: dependencies + [
      "CommandLineSupport",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    path: "Sources/Programs/\(name)",
    swiftSettings: settings
  )
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: settings)
}

let package = Package(
  name: "urna",
  products: [
    .executable(name: "election", targets: ["ElectionProgram"]),
    .executable(name: "trustee", targets: ["TrusteeProgram"]),
    .executable(name: "voter", targets: ["VoterProgram"]),
    .executable(name: "ballot-box", targets: ["BallotBoxProgram"]),
    .executable(name: "issuer", targets: ["IssuerProgram"]),
    .executable(name: "verifier", targets: ["VerifierProgram"]),
    .executable(name: "witness", targets: ["WitnessProgram"]),
    .executable(name: "demo", targets: ["DemoProgram"]),
    // For the measurements in Benchmarks/.
    .library(name: "CMontgomery", targets: ["CMontgomery"]),
    .library(name: "BigIntegers", targets: ["BigIntegers"]),
    .library(name: "Cryptography", targets: ["Cryptography"]),
    .library(name: "Groups", targets: ["Groups"]),
    .library(name: "ElGamal", targets: ["ElGamal"]),
    .library(name: "Election", targets: ["Election"]),
  ],
  traits: [
    .trait(
      name: "TLS",
      description: "TLS and HTTP/2 built into the servers. Without it they stand behind a proxy.")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
  ],
  targets: [
    .systemLibrary(name: "CGMP", pkgConfig: "gmp", providers: [.apt(["libgmp-dev"])]),
    .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CP11Kit", pkgConfig: "p11-kit-1", providers: [.apt(["libp11-kit-dev"])]),
    .systemLibrary(
      name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
    .systemLibrary(name: "COpenSSLTLS", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),

    // Kernels in C for processors with wide multipliers; `Tests/Scripts/c-checks.sh` has its checks.
    .target(name: "CMontgomery"),

    library("BigIntegers", ["CGMP", "CMontgomery"]),
    library("Cryptography", ["COpenSSL"]),
    library("Groups", ["BigIntegers", "Cryptography"]),
    library("BlindSignatures", ["BigIntegers", "Cryptography"]),
    library("HardwareKeys", ["CP11Kit", "BlindSignatures", "Cryptography"]),
    library("ElGamal", ["Groups", "Cryptography"]),
    library("StrictJSON"),
    library("Ledger", ["Cryptography", "StrictJSON"]),
    library("LedgerFiles", ["Ledger", "Cryptography"]),
    library("Sequencing", ["Ledger", "LedgerFiles", "Cryptography"]),
    library(
      "LedgerStore",
      ["LedgerFiles", "Ledger", "Cryptography", .product(name: "GRDB", package: "GRDB.swift")]),
    library(
      "IssuerStore",
      [
        "LedgerStore", "Issuance", "ElectoralRoll", "Election", "Ledger", "Cryptography",
        .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    library("WebClient", ["COpenSSLTLS", "Ledger", "LedgerFiles", "Cryptography", "StrictJSON"]),
    library(
      "Service",
      [
        "LedgerFiles", "StrictJSON",
        .product(name: "Configuration", package: "swift-configuration"),
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdCore", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird", condition: .when(traits: ["TLS"])),
        .product(
          name: "HummingbirdHTTP2", package: "hummingbird", condition: .when(traits: ["TLS"])),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl", condition: .when(traits: ["TLS"])),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ]),
    library(
      "WitnessService",
      [
        "Ledger", "Service",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ]),
    library(
      "Election",
      [
        "ElGamal", "BlindSignatures", "Groups", "Cryptography", "StrictJSON", "Ledger",
        .product(name: "HashTreeCollections", package: "swift-collections"),
      ]),
    library("QRCodes", ["CQREncode", "Cryptography"]),
    library(
      "CitizenAuthentication",
      [
        "Issuance", "WebClient", "Ledger", "Cryptography", "StrictJSON",
        .product(name: "JWTKit", package: "jwt-kit"),
        .product(name: "SwiftASN1", package: "swift-asn1"),
        .product(name: "X509", package: "swift-certificates"),
      ]),
    library("RecoverySheet", ["QRCodes", "Cryptography"]),
    library("ElectoralRoll", ["QRCodes", "Election", "Ledger", "Cryptography"]),
    // What issuers and wallets say to each other, and how an issuer decides; without HTTP and SQL.
    library(
      "Issuance",
      ["Election", "BlindSignatures", "Groups", "Cryptography", "StrictJSON", "Ledger"]),
    library(
      "BallotBoxService",
      [
        "Election", "Verification", "Sequencing", "LedgerFiles", "Ledger", "WebClient", "Service",
        "Groups", "Cryptography", "StrictJSON",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ]),
    library(
      "IssuerService",
      [
        "CitizenAuthentication", "Issuance", "Election", "Verification", "Ledger", "LedgerFiles",
        "WebClient", "Service", "BlindSignatures", "Cryptography", "StrictJSON",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ]),
    // Measures a ballot box; only `ballot-box load` uses it.
    library(
      "BallotBoxLoad",
      [
        "BallotBoxService", "Election", "ElGamal", "Groups", "Cryptography", "StrictJSON", "Ledger",
        "LedgerFiles", "Sequencing", "Service",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ]),
    library(
      "Verification",
      [
        "Election", "ElGamal", "Groups", "BigIntegers", "Cryptography", "StrictJSON", "Ledger",
        "LedgerFiles",
      ]),
    library(
      "CommandLineSupport",
      [
        "BigIntegers", "Cryptography", "StrictJSON", "Ledger", "LedgerFiles", "Election",
        "Verification", "WebClient",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    program(
      "election", module: "ElectionProgram",
      [
        "Election", "Verification", "ElGamal", "BlindSignatures", "Groups", "Cryptography",
        "StrictJSON", "Ledger", "LedgerFiles",
      ]),
    program(
      "trustee", module: "TrusteeProgram",
      [
        "Election", "Verification", "ElGamal", "Groups", "Cryptography", "StrictJSON", "Ledger",
        "LedgerFiles",
      ]),
    program(
      "voter", module: "VoterProgram",
      [
        "CitizenAuthentication", "Issuance", "ElectoralRoll", "RecoverySheet", "Election",
        "Verification", "ElGamal", "BlindSignatures", "Groups", "Cryptography", "StrictJSON",
        "Ledger", "LedgerFiles", "WebClient",
      ]),
    program(
      "ballot-box", module: "BallotBoxProgram",
      [
        "BallotBoxService", "BallotBoxLoad", "Election", "Verification", "ElGamal", "Groups",
        "Cryptography", "StrictJSON", "Ledger", "LedgerFiles", "LedgerStore", "Sequencing",
        "Service",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
      ]),
    program(
      "witness", module: "WitnessProgram",
      [
        "WitnessService", "Service", "Ledger", "LedgerStore", "Cryptography",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
      ]),
    program(
      "issuer", module: "IssuerProgram",
      [
        "IssuerService", "IssuerStore", "Issuance", "HardwareKeys", "CitizenAuthentication",
        "ElectoralRoll", "Election", "Verification",
        "BlindSignatures",
        "Cryptography", "StrictJSON", "Ledger", "Service", "WebClient",
        .product(name: "Logging", package: "swift-log"),
      ]),
    program(
      "verifier", module: "VerifierProgram",
      [
        "Verification", "Election", "Cryptography", "StrictJSON", "Ledger", "LedgerFiles",
        "WebClient",
      ]),
    program(
      "demo", module: "DemoProgram",
      [
        "Issuance", "Election", "Verification", "ElGamal", "BlindSignatures", "Groups",
        "Cryptography", "StrictJSON", "Ledger", "LedgerFiles",
      ]),

    .target(
      name: "TestSupport",
      dependencies: [
        "Groups", "BigIntegers", "Cryptography", "StrictJSON", "Ledger", "Service",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      path: "Tests/TestSupport", swiftSettings: settings),
    .target(
      name: "ElectionFixtures",
      dependencies: [
        "TestSupport", "Election", "ElGamal", "BlindSignatures", "Groups", "Cryptography",
        "StrictJSON", "Ledger",
      ],
      path: "Tests/ElectionFixtures", swiftSettings: settings),
    tests("BigIntegersTests", ["BigIntegers"]),
    tests("CryptographyTests", ["Cryptography"]),
    tests(
      "BlindSignaturesTests", ["BlindSignatures", "BigIntegers", "Cryptography", "StrictJSON"]),
    tests("HardwareKeysTests", ["HardwareKeys", "BlindSignatures", "Cryptography"]),
    tests("GroupsTests", ["Groups", "BigIntegers", "Cryptography", "StrictJSON"]),
    tests(
      "ElGamalTests",
      ["ElGamal", "Election", "Groups", "BigIntegers", "Cryptography", "StrictJSON"]),
    tests("StrictJSONTests", ["StrictJSON"]),
    tests("LedgerTests", ["Ledger", "Cryptography", "StrictJSON"]),
    tests(
      "ServiceTests",
      [
        "Service", "StrictJSON",
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),
    tests(
      "BallotBoxServiceTests",
      [
        "ElectionFixtures", "BallotBoxService", "Sequencing", "Service", "Verification", "Election",
        "ElGamal", "Groups", "Cryptography", "StrictJSON", "Ledger", "LedgerFiles", "LedgerStore",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]),
    tests(
      "IssuanceTests",
      [
        "ElectionFixtures", "IssuerService", "IssuerStore", "Issuance", "CitizenAuthentication",
        "ElectoralRoll", "Service", "WebClient", "BlindSignatures", "BigIntegers", "Election",
        "Verification", "Groups", "Cryptography", "StrictJSON", "Ledger", "LedgerFiles",
        .product(name: "HTTPTypes", package: "swift-http-types"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    tests("BallotBoxLoadTests", ["BallotBoxLoad", "Cryptography"]),
    .target(
      name: "Simulation",
      dependencies: ["TestSupport", "Sequencing", "Ledger", "LedgerFiles", "Cryptography"],
      path: "Tests/Simulation", swiftSettings: settings),
    .executableTarget(
      name: "SimulateProgram",
      dependencies: [
        "Simulation", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tests/simulate", swiftSettings: settings),
    .executableTarget(
      name: "IssuanceLoadProgram",
      dependencies: [
        "ElectionFixtures", "TestSupport", "IssuerService", "IssuerStore", "Issuance",
        "ElectoralRoll", "Service", "WebClient", "BlindSignatures", "Election", "Groups",
        "Cryptography", "Ledger",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Tests/issuance-load", swiftSettings: settings),
    .executableTarget(
      name: "LedgerToolProgram",
      dependencies: ["Simulation", "Sequencing", "Ledger", "LedgerFiles", "LedgerStore"],
      path: "Tests/ledger-tool", swiftSettings: settings),
    tests(
      "SequencingTests",
      ["Simulation", "Sequencing", "Ledger", "LedgerFiles", "LedgerStore", "Cryptography"]),
    tests("LedgerStoreTests", ["LedgerStore", "Ledger", "Cryptography"]),
    tests(
      "WitnessServiceTests",
      [
        "WitnessService", "Service", "LedgerStore", "Ledger", "Cryptography", "StrictJSON",
        .product(name: "Logging", package: "swift-log"),
      ]),
    tests("LedgerFilesTests", ["LedgerFiles", "Ledger", "Cryptography", "StrictJSON"]),
    tests(
      "WebClientTests", ["WebClient", "LedgerFiles", "Ledger", "Cryptography", "StrictJSON"]),
    tests(
      "ElectionTests",
      [
        "ElectionFixtures", "Election", "ElGamal", "BlindSignatures", "Groups", "BigIntegers",
        "Cryptography", "StrictJSON", "Ledger",
      ]),
    tests(
      "ElectoralRollTests", ["ElectoralRoll", "QRCodes", "Election", "Ledger", "Cryptography"]),
    tests(
      "CitizenAuthenticationTests",
      [
        "CitizenAuthentication", "Issuance", "WebClient", "Cryptography", "StrictJSON",
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
      ]),
    tests("RecoverySheetTests", ["RecoverySheet", "QRCodes", "Cryptography"]),
    tests(
      "VerificationTests",
      [
        "ElectionFixtures", "Verification", "Election", "ElGamal", "Groups", "BigIntegers",
        "Cryptography",
        "StrictJSON", "Ledger", "LedgerFiles",
      ]),
    tests(
      "ProgramTests",
      [
        "ElectionFixtures", "Verification", "Election", "ElectoralRoll", "Issuance", "IssuerStore",
        "BlindSignatures", "Groups", "BigIntegers", "Cryptography", "StrictJSON", "Ledger",
        "LedgerFiles", "WebClient",
      ]),
  ]
)

if isFuzzing {
  package.targets += [
    .systemLibrary(name: "CFuzzer", path: "Fuzz/Sources/CFuzzer"),
    .executableTarget(
      name: "FuzzProgram",
      dependencies: [
        "CFuzzer", "ElectionFixtures", "TestSupport", "Issuance", "ElectoralRoll",
        "RecoverySheet", "Election", "BlindSignatures", "Groups", "Cryptography", "StrictJSON",
        "Ledger", "WebClient",
      ],
      path: "Fuzz/Sources/FuzzProgram",
      swiftSettings: settings,
      // The linker that is the default cannot place the counters.
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]),
  ]
  package.products.append(.executable(name: "fuzz", targets: ["FuzzProgram"]))
}
