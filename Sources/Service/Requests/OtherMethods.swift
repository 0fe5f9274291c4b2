// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird

extension Router where Context == ServiceContext {
  /// Answers 405 with `Allow` (RFC 9110 section 15.5.6) to the methods that a path does not have.
  /// Comes after all other routes.
  func refuseOtherMethods() {
    var methods: [String: (path: RouterPath, allowed: Set<HTTPRequest.Method>)] = [:]
    for route in routes {
      methods[route.path.description, default: (route.path, [])].allowed.insert(route.method)
    }
    let known: [HTTPRequest.Method] = [
      .get, .head, .post, .put, .delete, .patch, .options, .trace, .connect,
    ]
    for (path, allowed) in methods.values {
      // HEAD comes with GET.
      let allowed = allowed.contains(.get) ? allowed.union([.head]) : allowed
      let list = allowed.map(\.rawValue).sorted().joined(separator: ", ")
      for method in known where !allowed.contains(method) {
        on(path, method: method) { _, _ -> Response in
          throw Problem(.methodNotAllowed, headers: [.allow: list])
        }
      }
    }
  }
}
