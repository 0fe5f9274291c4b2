#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Rules of the house that the compiler does not check: format, imports of C libraries, traps, and
# constant-time calls in secret code.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
failed=0

complain() {
  echo "house rule: $1" >&2
  failed=1
}

swift format lint --strict --recursive --parallel Sources Tests Benchmarks/Sources Benchmarks/Package.swift Fuzz/Sources \
  Package.swift ||
  complain "the format"

only_in() {
  local module="$1" targets="$2" found
  found="$(grep -rlE "^(public |package |internal |private )?import $module\$" Sources |
    grep -vE "^Sources/($targets)/" || true)"
  [ -z "$found" ] || complain "$module is imported outside $targets: $found"
}
only_in CGMP BigIntegers
only_in CMontgomery BigIntegers
only_in COpenSSL Cryptography
only_in GRDB 'LedgerStore|IssuerStore'
only_in COpenSSLTLS WebClient
only_in CP11Kit HardwareKeys
only_in CQREncode QRCodes
only_in JWTKit CitizenAuthentication
only_in X509 CitizenAuthentication
only_in SwiftASN1 CitizenAuthentication

# Foundation's client traps on answers that any server can send (Tests/WebClientTests/HostileServerTests).
found="$(grep -rlE 'import FoundationNetworking' Sources || true)"
[ -z "$found" ] || complain "FoundationNetworking is imported: $found"

found="$(grep -rnE '\btry!|\btry\?|\bas!|\bfatalError\(' Sources --include='*.swift' || true)"
[ -z "$found" ] || complain "a construct that traps: $found"

# adversary: G-13
# Variable-time arithmetic never takes a secret: its names say vartime, and no line mixes both.
found="$(grep -rnE 'vartime[A-Za-z]*\([^)]*[sS]ecret' Sources --include='*.swift' || true)"
[ -z "$found" ] || complain "variable-time arithmetic on a secret: $found"

# Secret types describe, compare and encode nothing.
found="$(grep -rnE 'extension (Secret[A-Za-z]+)[^{]*:.*(CustomStringConvertible|Codable|Encodable|Equatable|Hashable)' \
  Sources --include='*.swift' || true)"
[ -z "$found" ] || complain "a secret type with a description: $found"

# adversary: S-01
found="$(grep -rnE '(^|[^.A-Za-z])(system|popen)\(|/bin/sh' Sources --include='*.swift' || true)"
[ -z "$found" ] || complain "a program starts a shell: $found"

found="$(grep -rLF 'SPDX-License-Identifier: Apache-2.0' Sources Tests Fuzz \
  --include='*.swift' --include='*.sh' --include='*.c' --include='*.h' || true)"
[ -z "$found" ] || complain "files without the licence line: $found"

found="$(find Sources -name '*.swift' -exec wc -l {} + | awk '$2 != "total" && $1 > 500 {print $2}')"
[ -z "$found" ] || complain "files of more than 500 lines: $found"

if [ "$failed" = 1 ]; then exit 1; fi
echo "house rules: kept"
