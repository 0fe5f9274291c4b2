#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds a fuzz target with the tools of the Swift toolchain and runs it.
#
#   Fuzz/run.sh [--seconds N] [TARGET ...]      60 seconds each; `montgomery` if none is named
#   Fuzz/run.sh [--seconds N] parsers           every parser, one after the other
#   Fuzz/run.sh --list                          the names
#
# What it learned and what it found stay in .build-fuzz/TARGET, and the next run starts from there.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=60
list=
targets=()

while [ "$#" -gt 0 ]; do
  case "$1" in
    --seconds)
      seconds="${2:-}"
      shift
      ;;
    --list) list=1 ;;
    -*)
      echo "usage: Fuzz/run.sh [--seconds N] [--list] [TARGET ...]" >&2
      exit 2
      ;;
    *) targets+=("$1") ;;
  esac
  shift
done
case "$seconds" in '' | *[!0-9]*)
  echo "error: --seconds takes a number" >&2
  exit 2
  ;;
esac
[ "${#targets[@]}" -gt 0 ] || targets=(montgomery)

. Ceremonies/set-up.sh pkg-config libc6-dev libgmp-dev libssl-dev libsqlite3-dev libp11-kit-dev libqrencode-dev

# The kernels in C, under AddressSanitizer and UndefinedBehaviorSanitizer.
run_montgomery() {
  local clang folder=.build-fuzz/montgomery
  clang="$(dirname "$(readlink -f "$(command -v swift)")")/clang"
  mkdir -p "$folder/corpus" "$folder/findings"
  "$clang" -std=c11 -D_GNU_SOURCE -fuse-ld=lld -g -O2 -fno-omit-frame-pointer \
    -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
    -ISources/CMontgomery/include -ITests/CMontgomery \
    Fuzz/montgomery.c Sources/CMontgomery/*.c -lgmp -o "$folder/fuzz"
  "$folder/fuzz" -max_total_time="$seconds" -max_len=4096 -len_control=0 -timeout=20 \
    -print_final_stats=1 -artifact_prefix="$folder/findings/" "$folder/corpus"
}

# The parsers in Swift: one program, whose first argument chooses.
parsers=.build-fuzz/swift/release/fuzz
build_parsers() {
  URNA_FUZZ=1 swift build --configuration release --product fuzz --scratch-path .build-fuzz/swift \
    2>&1 | { grep -E 'error|Compiling|Build' || true; }
  [ -x "$parsers" ]
}

run_parser() {
  local folder=".build-fuzz/$1"
  rm -rf "$folder/seeds"
  mkdir -p "$folder/corpus" "$folder/findings" "$folder/seeds"
  "$parsers" --seeds "$1" "$folder/seeds"
  # The runtime's own report of a trap would swallow the input that libFuzzer is about to keep.
  SWIFT_BACKTRACE=enable=no "$parsers" "$1" -max_total_time="$seconds" -max_len=8192 -timeout=20 \
    -print_final_stats=1 -artifact_prefix="$folder/findings/" "$folder/corpus" "$folder/seeds"
}

if [ -n "$list" ]; then
  build_parsers >/dev/null
  echo montgomery
  "$parsers" --list
  exit
fi

built=
for target in "${targets[@]}"; do
  if [ "$target" = montgomery ]; then
    run_montgomery
    continue
  fi
  if [ -z "$built" ]; then
    build_parsers
    built=1
  fi
  if [ "$target" = parsers ]; then
    for parser in $("$parsers" --list); do
      echo "== $parser"
      run_parser "$parser"
    done
  else
    run_parser "$target"
  fi
done
