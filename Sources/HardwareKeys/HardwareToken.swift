// SPDX-License-Identifier: Apache-2.0

public import BlindSignatures
internal import CP11Kit

/// What a token of a PKCS#11 module says of itself. All of it is public.
public struct HardwareToken: Hashable, Sendable, CustomStringConvertible {
  /// The name that it was given when it was set up.
  public let label: String
  /// The serial number.
  public let serial: String
  /// Who made it.
  public let manufacturer: String
  /// The model.
  public let model: String
  /// Whether it was set up, with a PIN of the user's.
  public let isReady: Bool
  /// Whether too many wrong PINs have locked it.
  public let isLocked: Bool
  /// Sessions at most for one process; nil when there is no such limit or it is not said.
  public let sessionLimit: Int?

  init(_ info: CK_TOKEN_INFO) {
    label = Self.text(of: info.label)
    serial = Self.text(of: info.serialNumber)
    manufacturer = Self.text(of: info.manufacturerID)
    model = Self.text(of: info.model)
    isReady =
      info.flags & CKF_TOKEN_INITIALIZED != 0 && info.flags & CKF_USER_PIN_INITIALIZED != 0
    isLocked = info.flags & CKF_USER_PIN_LOCKED != 0
    let limit = info.ulMaxSessionCount
    sessionLimit = limit == 0 ? nil : Int(exactly: limit)
  }

  /// Every token of a module that answers, for messages that help to choose one.
  ///
  /// - Parameter module: the absolute path of the module, which is loaded: it is code that runs in this
  ///   process.
  /// - Throws: ``BlindSignatures/BlindRSAError/backend(_:)``, also if there are tokens and none answers.
  public static func all(module: String) throws(BlindRSAError) -> [HardwareToken] {
    do throws(TokenFault) {
      let (found, fault) = try TokenModule(path: module).tokens()
      if found.isEmpty, let fault { throw fault }
      return found.map(\.token)
    } catch { throw error.reported }
  }

  /// The label, the serial number and the model.
  public var description: String {
    "“\(Self.printable(label))”, serial number \(Self.printable(serial)), \(Self.printable(model))"
      + (isReady ? "" : ", not set up") + (isLocked ? ", locked" : "")
  }

  /// Where a token is.
  public struct Place: Hashable, Sendable, CustomStringConvertible {
    /// The absolute path of the PKCS#11 module.
    public let module: String
    /// The token's label.
    public let label: String
    /// The token's serial number; needed where labels are not unique.
    public let serial: String?

    /// A place.
    public init(module: String, label: String, serial: String? = nil) {
      self.module = module
      self.label = label
      self.serial = serial
    }

    /// The label, and the serial number if it is named.
    public var description: String {
      "token “\(HardwareToken.printable(label))”"
        + (serial.map { ", serial number \(HardwareToken.printable($0))" } ?? "")
    }

    func isMet(by token: HardwareToken) -> Bool {
      token.label.utf8.elementsEqual(label.utf8)
        && (serial.map { token.serial.utf8.elementsEqual($0.utf8) } ?? true)
    }
  }

  /// Text of a fixed width, filled with spaces. Some modules fill with zeros.
  private static func text<Field>(of field: Field) -> String {
    let bytes = unsafe withUnsafeBytes(of: field) { unsafe [UInt8]($0) }
    let end = bytes.lastIndex { $0 != 0x20 && $0 != 0 }.map { $0 + 1 } ?? 0
    return String(decoding: bytes[..<end], as: UTF8.self)
  }

  /// Text without characters that steer a terminal.
  static func printable(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: result.append("?")
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
