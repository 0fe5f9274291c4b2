#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds and runs the measurements.
#
#   Benchmarks/run.sh [--json]

set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
. "$here/../Ceremonies/set-up.sh" pkg-config libgmp-dev libssl-dev >&2

cd "$here"
swift build --configuration release >&2
exec "$(swift build --configuration release --show-bin-path)/benchmark" "$@"
