#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds a fuzz target with the clang of the Swift toolchain and runs it.
#
#   Fuzz/run.sh [--seconds N] [TARGET]      60 seconds of `montgomery`
#
# What it learned and what it found stay in .build-fuzz/TARGET, and the next run starts from there.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=60
target=montgomery

while [ "$#" -gt 0 ]; do
  case "$1" in
    --seconds)
      seconds="${2:-}"
      shift
      ;;
    -*)
      echo "usage: Fuzz/run.sh [--seconds N] [TARGET]" >&2
      exit 2
      ;;
    *) target="$1" ;;
  esac
  shift
done
case "$seconds" in '' | *[!0-9]*)
  echo "error: --seconds takes a number" >&2
  exit 2
  ;;
esac

case "$target" in
  montgomery)
    packages=(libgmp-dev)
    sources=(Sources/CMontgomery/*.c)
    options=(-ISources/CMontgomery/include -ITests/CMontgomery)
    libraries=(-lgmp)
    ;;
  *)
    echo "error: there is no target $target" >&2
    exit 2
    ;;
esac

. Ceremonies/set-up.sh libc6-dev "${packages[@]}"
clang="$(dirname "$(readlink -f "$(command -v swift)")")/clang"

folder=".build-fuzz/$target"
mkdir -p "$folder/corpus" "$folder/findings"
"$clang" -std=c11 -D_GNU_SOURCE -fuse-ld=lld -g -O2 -fno-omit-frame-pointer \
  -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined \
  "${options[@]}" "Fuzz/$target.c" "${sources[@]}" "${libraries[@]}" -o "$folder/fuzz"

"$folder/fuzz" -max_total_time="$seconds" -max_len=4096 -len_control=0 -timeout=20 \
  -print_final_stats=1 -artifact_prefix="$folder/findings/" "$folder/corpus"
