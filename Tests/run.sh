#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sets up and runs every test: the format, the rules of the house, the kernels in C, what secrets refuse,
# the libraries and the programs.
#
#   Tests/run.sh [--filter NAME]      arguments go to `swift test`

set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
. "$here/Ceremonies/set-up.sh" pkg-config libgmp-dev libssl-dev libsqlite3-dev libp11-kit-dev libqrencode-dev softhsm2 python3 python3-jsonschema python3-yaml zbar-tools librsvg2-bin microsocks strace nginx openssl curl python3-venv

# A provider of identities for the tests of logins.
[ -x "$here/.build-oidc/bin/python" ] || python3 -m venv "$here/.build-oidc"
"$here/.build-oidc/bin/pip" install --quiet --disable-pip-version-check django-oauth-toolkit==3.4.1

cd "$here"
Tests/Scripts/house-rules.sh
Tests/Scripts/c-checks.sh

echo "building (release)"
swift build --build-tests --configuration release --explicit-target-dependency-import-check error \
  2>&1 | { grep -vE '^\[[0-9]+/[0-9]+\]' || true; }
Tests/Scripts/secret-types.sh
# Few tests at a time, twice the processors: those with servers wait for each other's computing.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH="${SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH:-$((2 * $(nproc)))}"
# What failed is said again at the end, where it is seen among thousands of lines.
printed="$(mktemp)"
trap 'rm -f "$printed"' EXIT
run_tests() {
  swift test --skip-build --configuration release "$@" 2>&1 | tee "$printed" && return
  echo "what failed:"
  grep --after-context=3 '^✘' "$printed" || tail -n 40 "$printed"
  return 1
}
# Tests with servers in their own process come apart from those that compute for long: these hold all of Swift's
# threads, and the servers would answer too late.
servers='^(BallotBoxService|CitizenAuthentication|Issuance|Program|Service|WebClient|WitnessService)Tests\.'

if [ "$#" != 0 ]; then
  run_tests "$@"
else
  run_tests --skip "$servers"
  run_tests --filter "$servers"

  # The suites whose answers come from the standard group, on the engines that were not chosen.
  for engine in gmp mulx; do
    # An engine that this processor lacks ends with status 2.
    if URNA_ENGINE="$engine" .build/release/verifier --version >/dev/null 2>&1; then
      echo "again, with the engine $engine"
      URNA_ENGINE="$engine" run_tests \
        --filter 'ElGamalTests|GroupConformanceTests|RecordVerificationTests|ElectionGuard'
    fi
  done
fi
