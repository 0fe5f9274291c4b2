// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// Turns every error of a route into a ``Problem``. What is not meant for clients becomes a 500 that
/// says nothing; its text goes to the log, without anything that came from the request.
struct ProblemMiddleware: RouterMiddleware {
  typealias Context = ServiceContext

  let faults: FaultLog

  func handle(
    _ request: Request, context: ServiceContext,
    next: (Request, ServiceContext) async throws -> Response
  ) async throws -> Response {
    let response: Response
    do {
      response = try await next(request, context)
    } catch let error as HTTPParserError {
      // The connection is broken; who reads it answers, and closes.
      throw error
    } catch {
      response = problem(for: error, request: request, context: context).response
    }
    return request.method == .head ? response.createHeadResponse() : response
  }

  private func problem(
    for error: any Error, request: Request, context: ServiceContext
  ) -> Problem {
    switch error {
    case let problem as Problem: return problem
    case is CancellationError:
      return .busy(retryAfter: 5, detail: "The server is stopping.")
    case is NIOTooManyBytesError: return Problem(.contentTooLarge)
    case let error as any HTTPResponseError: return Problem(error.status)
    default:
      faults.report(
        error, handler: context.endpointPath ?? "none", hiding: Self.personal(request, context))
      return Problem(.internalServerError)
    }
  }

  /// What a log must not repeat: parts of the path, and all fields.
  private static func personal(_ request: Request, _ context: ServiceContext) -> [String] {
    var texts = context.parameters.map { String($0.value) }
    texts += request.uri.path.split(separator: "/").map(String.init)
    texts += request.headers.map(\.value)
    if let query = request.uri.query { texts.append(query) }
    return texts
  }
}
