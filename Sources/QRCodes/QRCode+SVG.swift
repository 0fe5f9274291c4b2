// SPDX-License-Identifier: Apache-2.0

public import Cryptography

extension QRCode {
  /// Light modules around a code, as the standard wants them.
  public static let quietZone = 4

  /// The code as an `svg` element that stands alone or inside HTML: dark modules on white, the quiet zone
  /// around them. As secret as the text.
  ///
  /// - Parameter millimetres: the length of a side, with the quiet zone.
  public borrowing func svg(millimetres: Int) -> SecretBytes {
    let side = size + 2 * Self.quietZone
    var bytes: [UInt8] = []
    // Enough for every second module to be dark: growing would leave copies behind.
    bytes.reserveCapacity(300 + size * (size / 2 + 1) * 20)
    bytes +=
      """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(millimetres)mm" height="\(millimetres)mm" \
      viewBox="0 0 \(side) \(side)" shape-rendering="crispEdges">\
      <path fill="#fff" d="M0 0h\(side)v\(side)h-\(side)z"/><path fill="#000" d="
      """.utf8
    for row in 0..<size {
      var column = 0
      while column < size {
        guard isDark(column: column, row: row) else {
          column += 1
          continue
        }
        let start = column
        while isDark(column: column, row: row) { column += 1 }
        let run = column - start
        bytes += "M\(start + Self.quietZone) \(row + Self.quietZone)h\(run)v1h-\(run)z".utf8
      }
    }
    bytes += "\"/></svg>".utf8
    return SecretBytes.wiping(&bytes)
  }
}
