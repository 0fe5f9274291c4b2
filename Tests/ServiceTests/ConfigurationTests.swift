// SPDX-License-Identifier: Apache-2.0

import Logging
import Service
import Testing

/// Where a setting comes from, and what is refused. A misspelt limit must not be no limit.
@Suite struct ConfigurationTests {
  private static let keys =
    ServiceConfiguration.keys + [
      ConfigurationKey("logs", .strings(maxCount: 3, maxBytes: 10)),
      ConfigurationKey("strict", .boolean),
    ]

  private func file(_ text: String) throws(ServiceError) -> ConfigurationFile {
    try ConfigurationFile(bytes: Array(text.utf8), name: "f.json", keys: Self.keys)
  }

  @Test func flagsBeforeEnvironmentBeforeFileBeforeDefaults() throws {
    let file = try file(
      #"{"host":"file","port":1,"limits":{"headerSeconds":7,"connections":99}}"#)
    let settings = try Settings(
      keys: Self.keys, flags: ["host": "flag", "port": nil],
      environment: [
        "URNA_HOST": "environment", "URNA_PORT": "2", "URNA_LIMITS_CONNECTIONS": "77",
        "URNA_SOMETHING_ELSE": "x", "PORT": "3",
      ], file: file)
    let configuration = try ServiceConfiguration(settings)
    #expect(configuration.host == "flag")
    #expect(configuration.port == 2)
    #expect(configuration.limits.connections == 77)
    #expect(configuration.limits.headerSeconds == 7)
    #expect(configuration.limits.idleSeconds == ServiceLimits().idleSeconds)
    #expect(configuration.logLevel == .info)
  }

  @Test func everyKeyHasItsVariable() throws {
    for key in Self.keys {
      let value: String
      switch key.kind {
      case .string, .strings: value = "text"
      case .choice(let choices): value = try #require(choices.first)
      case .integer(let range): value = "\(range.upperBound)"
      case .boolean: value = "true"
      }
      let settings = try Settings(keys: [key], environment: [Settings.variable(key): value])
      let isRead =
        switch key.kind {
        case .string, .choice: try settings.string(key.name) == value
        case .strings: try settings.strings(key.name) == [value]
        case .integer(let range): try settings.integer(key.name) == range.upperBound
        case .boolean: try settings.boolean(key.name) == true
        }
      #expect(isRead, "\(Settings.variable(key))")
    }
    let key = ConfigurationKey.integer("limits.headerSeconds", 1...3)
    #expect(Settings.variable(key) == "URNA_LIMITS_HEADER_SECONDS")
  }

  @Test(arguments: [
    (#"{"prot":1}"#, "prot", "the key is unknown"),
    (#"{"limits":{"headerSecond":1}}"#, "limits.headerSecond", "the key is unknown"),
    (#"{"limits.headerSeconds":1}"#, "limits.headerSeconds", "the key is unknown"),
    (#"{"port":"80"}"#, "port", "an integer is required"),
    (#"{"port":80.0}"#, "port", "an integer is required"),
    (#"{"port":null}"#, "port", "an integer is required"),
    (#"{"port":70000}"#, "port", "an integer of 0 to 65535 is required"),
    (#"{"host":1}"#, "host", "a text is required"),
    (#"{"host":{"a":1}}"#, "host", "a text is required"),
    (#"{"strict":1}"#, "strict", "true or false is required"),
    (#"{"logs":["a",1]}"#, "logs", "a list of texts is required"),
    (#"{"logs":["a","b","c","d"]}"#, "logs", "at most 3 texts of at most 10 bytes are required"),
    (#"{"limits":1}"#, "$.limits", "an object is required, not an integer"),
    (#"{"port":1,"port":2}"#, "$.port", "the member's name occurs twice (byte 10)"),
    (
      #"{"log":{"level":"loud"}}"#, "log.level",
      "one of trace, debug, info, notice, warning, error, critical is required"
    ),
    (#"[]"#, "$", "an object is required, not an array"),
    (#"{"port":1} x"#, "$", "bytes follow the value (byte 11)"),
  ])
  func badFilesAreRefusedByKeyAndRule(_ text: String, _ key: String, _ rule: String) {
    #expect(throws: ServiceError.configuration(key: key, place: "f.json", rule: rule)) {
      _ = try file(text)
    }
  }

  @Test func badVariablesAndFlagsAreRefused() {
    #expect(
      throws: ServiceError.configuration(
        key: "port", place: "environment", rule: "an integer is required")
    ) { _ = try Settings(keys: Self.keys, environment: ["URNA_PORT": "eighty"]) }
    #expect(
      throws: ServiceError.configuration(
        key: "port", place: "flags", rule: "an integer of 0 to 65535 is required")
    ) { _ = try Settings(keys: Self.keys, flags: ["port": "65536"]) }
    #expect(
      throws: ServiceError.configuration(
        key: "strict", place: "environment", rule: "true or false is required")
    ) { _ = try Settings(keys: Self.keys, environment: ["URNA_STRICT": "maybe"]) }
    #expect(
      throws: ServiceError.configuration(
        key: "colour", place: "flags", rule: "the key is unknown")
    ) { _ = try Settings(keys: Self.keys, flags: ["colour": "red"]) }
    #expect(throws: ServiceError.file(path: "/nonexistent.json", rule: "no such file")) {
      _ = try ConfigurationFile(path: "/nonexistent.json", keys: Self.keys)
    }
  }

  /// A wrong value in the file is an error even where a flag goes before it.
  @Test func everySourceIsChecked() throws {
    #expect(throws: ServiceError.self) {
      _ = try Settings(
        keys: Self.keys, flags: ["port": "1"], environment: ["URNA_PORT": "x"])
    }
  }
}
