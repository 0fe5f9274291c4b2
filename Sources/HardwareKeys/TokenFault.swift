// SPDX-License-Identifier: Apache-2.0

internal import BlindSignatures
internal import CP11Kit

/// What went wrong at a token, and at which step. Never a secret.
struct TokenFault: Error {
  let words: String
  /// What the module answered, where it was the module.
  let code: CK_RV?

  /// An answer other than `CKR_OK`.
  init(_ step: String, _ code: CK_RV) {
    words = "\(step): \(Self.name(code))"
    self.code = code
  }

  /// A fault that no module reported.
  init(_ words: String) {
    self.words = words
    code = nil
  }

  /// What callers see.
  var reported: BlindRSAError { .backend(words) }

  /// Whether a new session may help: it is gone, or what was open in it is.
  var isLostSession: Bool {
    switch code {
    case CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED, CKR_USER_NOT_LOGGED_IN,
      CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT, CKR_KEY_HANDLE_INVALID, CKR_OBJECT_HANDLE_INVALID:
      true
    default: false
    }
  }

  /// Whether the session's handle means nothing any more. It may have been given to another session
  /// since, which must not be closed.
  var isStaleHandle: Bool {
    switch code {
    case CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED, CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT:
      true
    default: false
    }
  }

  /// Whether the PIN was refused. Another try brings the token nearer to being locked.
  var isRefusedPIN: Bool {
    switch code {
    case CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LEN_RANGE, CKR_PIN_EXPIRED, CKR_PIN_LOCKED,
      CKR_USER_PIN_NOT_INITIALIZED:
      true
    default: false
    }
  }

  /// The name of an answer in the standard, and its number.
  static func name(_ code: CK_RV) -> String {
    let number = "0x" + String(code, radix: 16, uppercase: true)
    if let name = names[code] { return "\(name) (\(number))" }
    return code >= 0x8000_0000 ? "a code of the vendor's (\(number))" : "the code \(number)"
  }

  private static let names: [CK_RV: String] = [
    CKR_CANCEL: "CKR_CANCEL",
    CKR_HOST_MEMORY: "CKR_HOST_MEMORY",
    CKR_SLOT_ID_INVALID: "CKR_SLOT_ID_INVALID",
    CKR_GENERAL_ERROR: "CKR_GENERAL_ERROR",
    CKR_FUNCTION_FAILED: "CKR_FUNCTION_FAILED",
    CKR_ARGUMENTS_BAD: "CKR_ARGUMENTS_BAD",
    CKR_NEED_TO_CREATE_THREADS: "CKR_NEED_TO_CREATE_THREADS",
    CKR_CANT_LOCK: "CKR_CANT_LOCK",
    CKR_ATTRIBUTE_READ_ONLY: "CKR_ATTRIBUTE_READ_ONLY",
    CKR_ATTRIBUTE_SENSITIVE: "CKR_ATTRIBUTE_SENSITIVE",
    CKR_ATTRIBUTE_TYPE_INVALID: "CKR_ATTRIBUTE_TYPE_INVALID",
    CKR_ATTRIBUTE_VALUE_INVALID: "CKR_ATTRIBUTE_VALUE_INVALID",
    CKR_ACTION_PROHIBITED: "CKR_ACTION_PROHIBITED",
    CKR_DATA_INVALID: "CKR_DATA_INVALID",
    CKR_DATA_LEN_RANGE: "CKR_DATA_LEN_RANGE",
    CKR_DEVICE_ERROR: "CKR_DEVICE_ERROR",
    CKR_DEVICE_MEMORY: "CKR_DEVICE_MEMORY",
    CKR_DEVICE_REMOVED: "CKR_DEVICE_REMOVED",
    CKR_FUNCTION_CANCELED: "CKR_FUNCTION_CANCELED",
    CKR_FUNCTION_NOT_SUPPORTED: "CKR_FUNCTION_NOT_SUPPORTED",
    CKR_KEY_HANDLE_INVALID: "CKR_KEY_HANDLE_INVALID",
    CKR_KEY_SIZE_RANGE: "CKR_KEY_SIZE_RANGE",
    CKR_KEY_TYPE_INCONSISTENT: "CKR_KEY_TYPE_INCONSISTENT",
    CKR_KEY_FUNCTION_NOT_PERMITTED: "CKR_KEY_FUNCTION_NOT_PERMITTED",
    CKR_MECHANISM_INVALID: "CKR_MECHANISM_INVALID",
    CKR_MECHANISM_PARAM_INVALID: "CKR_MECHANISM_PARAM_INVALID",
    CKR_OBJECT_HANDLE_INVALID: "CKR_OBJECT_HANDLE_INVALID",
    CKR_OPERATION_ACTIVE: "CKR_OPERATION_ACTIVE",
    CKR_OPERATION_NOT_INITIALIZED: "CKR_OPERATION_NOT_INITIALIZED",
    CKR_PIN_INCORRECT: "CKR_PIN_INCORRECT",
    CKR_PIN_INVALID: "CKR_PIN_INVALID",
    CKR_PIN_LEN_RANGE: "CKR_PIN_LEN_RANGE",
    CKR_PIN_EXPIRED: "CKR_PIN_EXPIRED",
    CKR_PIN_LOCKED: "CKR_PIN_LOCKED",
    CKR_SESSION_CLOSED: "CKR_SESSION_CLOSED",
    CKR_SESSION_COUNT: "CKR_SESSION_COUNT",
    CKR_SESSION_HANDLE_INVALID: "CKR_SESSION_HANDLE_INVALID",
    CKR_SESSION_READ_ONLY: "CKR_SESSION_READ_ONLY",
    CKR_TEMPLATE_INCOMPLETE: "CKR_TEMPLATE_INCOMPLETE",
    CKR_TEMPLATE_INCONSISTENT: "CKR_TEMPLATE_INCONSISTENT",
    CKR_TOKEN_NOT_PRESENT: "CKR_TOKEN_NOT_PRESENT",
    CKR_TOKEN_NOT_RECOGNIZED: "CKR_TOKEN_NOT_RECOGNIZED",
    CKR_TOKEN_WRITE_PROTECTED: "CKR_TOKEN_WRITE_PROTECTED",
    CKR_USER_ALREADY_LOGGED_IN: "CKR_USER_ALREADY_LOGGED_IN",
    CKR_USER_NOT_LOGGED_IN: "CKR_USER_NOT_LOGGED_IN",
    CKR_USER_PIN_NOT_INITIALIZED: "CKR_USER_PIN_NOT_INITIALIZED",
    CKR_USER_TYPE_INVALID: "CKR_USER_TYPE_INVALID",
    CKR_USER_ANOTHER_ALREADY_LOGGED_IN: "CKR_USER_ANOTHER_ALREADY_LOGGED_IN",
    CKR_USER_TOO_MANY_TYPES: "CKR_USER_TOO_MANY_TYPES",
    CKR_BUFFER_TOO_SMALL: "CKR_BUFFER_TOO_SMALL",
    CKR_CRYPTOKI_NOT_INITIALIZED: "CKR_CRYPTOKI_NOT_INITIALIZED",
    CKR_CRYPTOKI_ALREADY_INITIALIZED: "CKR_CRYPTOKI_ALREADY_INITIALIZED",
    CKR_LIBRARY_LOAD_FAILED: "CKR_LIBRARY_LOAD_FAILED",
    CKR_FUNCTION_REJECTED: "CKR_FUNCTION_REJECTED",
  ]
}
