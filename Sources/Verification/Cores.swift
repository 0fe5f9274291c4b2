// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// The processors of this machine.
public enum Cores {
  /// How many there are that this process may use, 1 at least.
  public static let count = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
}
