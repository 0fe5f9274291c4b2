#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An append whose every system call that changes something fails with EIO and ENOSPC, and in each of which
# the process is killed, and so some of the calls that only look; each time the log is opened again and
# verified. More than a thousand runs, by hand; the suite takes a part of them.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
swift build --build-tests --configuration release
URNA_EXHAUSTIVE=1 swift test --skip-build --configuration release --filter SystemCallTests
