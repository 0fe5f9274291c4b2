// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Glibc
import Groups

/// An operation with two classes of inputs: a fixed secret, and secrets drawn anew every time.
struct Operation {
  let name: String
  /// Executions in one measurement, all with the same input; more than one for short operations.
  var repetitions = 1
  /// A control is in variable time, and the test must find that.
  var isControl = false
  /// Bytes of an input.
  let width: Int
  /// An input of the fixed or of the random class, as bytes.
  let input: (_ isFixed: Bool) throws -> [UInt8]
  /// Takes its secrets out of an input into memory of its own and executes the operation; returns the
  /// nanoseconds of the executions alone.
  let measure: (_ input: ArraySlice<UInt8>, _ repetitions: Int) throws -> Double
}

/// Nanoseconds of so many executions.
@inline(__always)
func time(_ repetitions: Int, _ body: () throws -> Void) rethrows -> Double {
  let start = nanoseconds()
  for _ in 0..<repetitions { try body() }
  return Double(nanoseconds() - start)
}

private func nanoseconds() -> Int {
  var time = timespec()
  _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

extension Operation {
  /// Inputs that are prepared together before any of them is measured.
  private static let batch = 256

  /// Measures the operation `count` times after a start that is thrown away.
  ///
  /// The inputs of a batch are made before its first measurement and lie one after the other, those
  /// of both classes alike; which class is next is a matter of chance. The class is looked at again
  /// only when all times are known.
  func finding(measurements count: Int) throws -> Finding {
    var (times, isFixed): ([Double], [Bool]) = ([], [])
    times.reserveCapacity(count)
    isFixed.reserveCapacity(count)
    var discarded = Self.batch + count / 50
    while times.count < count {
      let classes = try SecureRandom.bytes(Self.batch).map { $0 & 1 == 1 }
      var inputs: [UInt8] = []
      inputs.reserveCapacity(Self.batch * width)
      for isFixed in classes {
        let input = try input(isFixed)
        guard input.count == width else { throw Wrong.input }
        inputs += input
      }
      for index in 0..<Self.batch where times.count < count {
        let nanoseconds = try measure(inputs[index * width..<(index + 1) * width], repetitions)
        if discarded > 0 {
          discarded -= 1
        } else {
          times.append(nanoseconds / Double(repetitions))
          isFixed.append(classes[index])
        }
      }
    }
    return Finding(nanoseconds: times, isFixed: isFixed)
  }
}

/// An operation was described wrongly.
enum Wrong: Error { case input }
