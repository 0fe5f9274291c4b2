// SPDX-License-Identifier: Apache-2.0

internal import CQREncode
public import Cryptography

#if canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// Why a text has no QR code.
public enum QRCodeError: Error, Equatable, Sendable {
  /// The text is empty, has a zero byte, or is too long for a code.
  case text
  /// libqrencode refused; the number is its error code.
  case backend(Int32)
}

extension QRCodeError: CustomStringConvertible {
  /// The reason in words.
  public var description: String {
    switch self {
    case .text: "the text does not fit into a QR code"
    case .backend(let code): "libqrencode refused: error \(code)"
    }
  }
}

/// A QR code (ISO/IEC 18004) of a text, with error correction level M.
///
/// As secret as its text: the modules live in memory that is wiped. libqrencode works on copies of its own, of
/// which only the last is wiped here.
public struct QRCode: ~Copyable, Sendable {
  /// Most bytes of a text, all of them binary: version 40, level M.
  public static let maximumTextByteCount = 2331

  /// How many modules a side has.
  public let size: Int
  /// A byte for each module, by rows: 1 is dark.
  private let modules: SecretBytes

  /// The code of a secret text.
  ///
  /// - Parameter text: UTF-8 without zero bytes.
  /// - Throws: ``QRCodeError``.
  public init(_ text: borrowing SecretBytes) throws(QRCodeError) {
    let hasZero = unsafe text.withUnsafeBytes { unsafe $0.contains(0) }
    guard (1...Self.maximumTextByteCount).contains(text.count), !hasZero else { throw .text }
    let made = unsafe text.withUnsafeBytes { bytes in
      unsafe QRcode_encodeData(
        Int32(bytes.count), bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), 0,
        QR_ECLEVEL_M)
    }
    guard let code = unsafe made else { throw .backend(errno) }
    defer { unsafe QRcode_free(code) }
    let width = Int(unsafe code.pointee.width)
    guard width > 0, let data = unsafe code.pointee.data else { throw .backend(0) }
    var modules = SecretBytes(zeros: width * width)
    unsafe modules.withUnsafeMutableBytes { modules in
      for index in modules.indices {
        unsafe modules[index] = data[index] & 1
        unsafe data[index] = 0
      }
    }
    size = width
    self.modules = modules
  }

  /// The code of a text that is not secret.
  public init(_ text: String) throws(QRCodeError) {
    try self.init(SecretBytes(copying: text.utf8))
  }

  /// Whether the module in a column and a row, both from 0, is dark; false outside.
  public func isDark(column: Int, row: Int) -> Bool {
    guard (0..<size).contains(column), (0..<size).contains(row) else { return false }
    return unsafe modules.withUnsafeBytes { unsafe $0[row * size + column] == 1 }
  }
}
