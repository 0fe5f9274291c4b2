#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds and runs the measurements on every engine of this processor, or on the one that URNA_ENGINE
# names.
#
#   Benchmarks/run.sh [--json]

set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/../Ceremonies/set-up.sh" pkg-config libgmp-dev libssl-dev >&2

cd "$here"
swift build --configuration release >&2
program="$(swift build --configuration release --show-bin-path)/benchmark"
for engine in ${URNA_ENGINE:-vector mulx gmp}; do
  # An engine that this processor lacks ends with status 2.
  URNA_ENGINE="$engine" "$program" "$@" || [ "$?" = 2 ]
done
