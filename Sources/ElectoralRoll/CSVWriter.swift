// SPDX-License-Identifier: Apache-2.0

/// Writes what ``CSVReader`` reads: LF behind every row, quotation marks only where they are needed.
struct CSVWriter {
  private(set) var bytes: [UInt8] = []

  /// A file with its header.
  init(columns: [String]) { append(columns) }

  /// Appends a row.
  mutating func append(_ fields: [String]) {
    for (index, field) in fields.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      append(field)
    }
    bytes.append(UInt8(ascii: "\n"))
  }

  private mutating func append(_ field: String) {
    let isPlain = field.utf8.allSatisfy {
      $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: ",") && $0 != 10 && $0 != 13
    }
    if isPlain {
      bytes += field.utf8
      return
    }
    bytes.append(UInt8(ascii: "\""))
    for byte in field.utf8 {
      if byte == UInt8(ascii: "\"") { bytes.append(byte) }
      bytes.append(byte)
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
