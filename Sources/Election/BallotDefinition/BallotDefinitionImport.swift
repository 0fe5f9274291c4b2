// SPDX-License-Identifier: Apache-2.0

public import StrictJSON

/// A manifest made from a NIST ballot definition (SP 1500-20, version 1.0.0, the JSON form).
///
/// Nothing of the source is dropped in silence. Every member of every object is either used in the
/// manifest, or is one of `administrativeMembers`, or is named by a warning. The mapping is in
/// `ballot-definition.md`.
public struct BallotDefinitionImport: Sendable {
  /// The manifest. Check the warnings before it is signed.
  public let manifest: Manifest
  /// What the manifest cannot represent or had to choose: `path: rule`, in the order of the source;
  /// repeated ones are one line with their number. Indices in paths start at 0.
  public let warnings: [String]

  /// Members of the top object that say who made the file and when. They are read over without a
  /// warning, as are `@id` and `@type` of every object that is used.
  public static let administrativeMembers = [
    "GeneratedDate", "Issuer", "IssuerAbbreviation", "VendorApplicationId",
  ]

  static func isAdministrative(_ name: String, inRoot: Bool) -> Bool {
    name == "@id" || name == "@type" || (inRoot && administrativeMembers.contains(name))
  }

  /// Imports one election of a ballot definition.
  /// - Parameters:
  ///   - bytes: the JSON file.
  ///   - election: which of its elections, counted from 0. The others are named by a warning.
  /// - Throws: `JSONError` for a malformed file: wrong types, missing or double identifiers, references
  ///   to nothing, a text with forbidden characters, an election without a contest that can be held.
  public init(bytes: [UInt8], election: Int = 0) throws(JSONError) {
    let limits = JSONLimits(maxBytes: ManifestLimits.bytes, maxItems: 2_000_000)
    let source = JSONReader(try JSONValue(parsing: bytes, limits: limits))
    let log = SourceLog()
    let identifiers = try SourceIdentifiers(source)
    let builder = try BallotDefinitionBuilder(
      SourceObject(source, log), election: election, identifiers)
    manifest = try builder.manifest()
    try log.reportUnread(source)
    warnings = log.warnings
  }
}
