#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The main job in one command: sets up, builds, and holds a whole election with real processes.
#
#   Ceremonies/demo-election.sh [--voters N] [--definition FILE] [--output DIR] [--seed N]
#
# Ends with the verifier's verdict, five tampered copies that it must reject, and the place of the
# record.

set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
. "$here/Ceremonies/set-up.sh" pkg-config libgmp-dev libssl-dev libsqlite3-dev libp11-kit-dev libqrencode-dev openssl nginx

echo "building (release)"
swift build --package-path "$here" --configuration release \
  --explicit-target-dependency-import-check error 2>&1 |
  { grep -E 'error|warning|Build' || true; } | tail -n 5
binaries="$(swift build --package-path "$here" --configuration release --show-bin-path)"

exec "$binaries/demo" --programs "$binaries" "$@"
