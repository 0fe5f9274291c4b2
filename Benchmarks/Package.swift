// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let settings: [SwiftSetting] = [
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Measurements, apart from the package that they measure, so that its build stays free of them.
let package = Package(
  name: "urna-benchmarks",
  dependencies: [.package(name: "urna", path: "..")],
  targets: [
    .executableTarget(
      name: "benchmark",
      dependencies: [
        .product(name: "Groups", package: "urna"),
        .product(name: "ElGamal", package: "urna"),
        .product(name: "Election", package: "urna"),
        .product(name: "BigIntegers", package: "urna"),
        .product(name: "Cryptography", package: "urna"),
      ],
      swiftSettings: settings),
    .executableTarget(
      name: "timing",
      dependencies: [
        .product(name: "Groups", package: "urna"),
        .product(name: "ElGamal", package: "urna"),
        .product(name: "BigIntegers", package: "urna"),
        .product(name: "CMontgomery", package: "urna"),
        .product(name: "Cryptography", package: "urna"),
      ],
      swiftSettings: settings),
  ]
)
