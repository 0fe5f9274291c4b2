#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the test for times that depend on secrets and runs it on every engine of this processor.
# Exit code 1 when an operation fails, or the control does.
#
#   Benchmarks/timing.sh [--json] [--measurements N] [--only PREFIX]

set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/../Ceremonies/set-up.sh" pkg-config libgmp-dev libssl-dev >&2

cd "$here"
swift build --configuration release --product timing >&2
timing="$(swift build --configuration release --show-bin-path)/timing"
failed=0
for engine in $("$timing" --engines); do
  URNA_ENGINE="$engine" "$timing" "$@" || failed=$?
done
exit "$failed"
