// SPDX-License-Identifier: Apache-2.0

package import Testing

extension Trait where Self == TimeLimitTrait {
  /// Ends a test that never would. No test measures time: on a machine that does other work the same
  /// test may take many times as long.
  package static var hangs: Self { .timeLimit(.minutes(20)) }
}
