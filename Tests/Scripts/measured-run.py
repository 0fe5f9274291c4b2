#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a program and tells its status, seconds and largest memory.

    measured-run.py OUTPUT ERRORS PROGRAM [ARGUMENT ...]

Prints one JSON object. A process of its own, because the memory of whoever starts a program counts as
the program's until it runs.
"""

import json
import resource
import subprocess
import sys
import time

with open(sys.argv[1], "wb") as output, open(sys.argv[2], "wb") as errors:
    start = time.monotonic()
    ended = subprocess.run(sys.argv[3:], stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
    seconds = time.monotonic() - start
status = ended.returncode if ended.returncode >= 0 else 128 - ended.returncode
kilobytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps({"megabytes": kilobytes // 1024, "milliseconds": round(seconds * 1000), "status": status}))
