#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks the C target: it compiles without a warning for x86-64 and for other processors, and agrees
# with GMP's plain integers, once as fast as it is and once under sanitizers.
#
#   Tests/Scripts/c-checks.sh [SEED]

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. Ceremonies/set-up.sh libc6-dev libgmp-dev
seed="${1:-1}"
tools="$(dirname "$(readlink -f "$(command -v swift)")")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

sources=(Sources/CMontgomery/*.c)
strict=(-std=c11 -Wall -Wextra -Wconversion -Werror -ISources/CMontgomery/include)

# All objects of a processor together: a function that two files define is an error.
for target in x86_64-linux-gnu:elf_x86_64 aarch64-linux-gnu:aarch64linux; do
  triple="${target%:*}"
  objects=()
  for source in "${sources[@]}"; do
    object="$work/$triple-$(basename "$source" .c).o"
    "$tools/clang" -target "$triple" "${strict[@]}" -O2 -c "$source" -o "$object"
    objects+=("$object")
  done
  "$tools/ld.lld" -r -m "${target#*:}" "${objects[@]}" -o "$work/$triple.o"
  for name in $(grep -oE '\burna_[a-z]+(_[a-z]+)?\(' Sources/CMontgomery/include/CMontgomery.h | tr -d '('); do
    "$tools/llvm-nm" --defined-only "$work/$triple.o" | grep -q " T $name\$" || {
      echo "error: $name is not defined for $triple" >&2
      exit 1
    }
  done
  echo "C: compiles for ${triple%%-*} without a warning"
done

# The reference's p is the one that the programs use.
limbs="$(sed -n '/electionGuard4096 = /,/q: standardOrder/p' 'Sources/Groups/GroupParameters+Standard.swift' |
  grep -oE '0x[0-9A-F_]+' | tac | sed 's/0x//; s/_//g' | tr -d '\n')"
tr -d '" \n' <Tests/CMontgomery/reference.h | grep -q "standard_p\[\]=$limbs;" || {
  echo "error: Tests/CMontgomery/reference.h has another p than Sources/Groups" >&2
  exit 1
}

differential() {
  local name="$1" count="$2"
  shift 2
  "$tools/clang" "${strict[@]}" -D_GNU_SOURCE -ITests/CMontgomery -fuse-ld=lld "$@" \
    Tests/CMontgomery/differential.c "${sources[@]}" -lgmp -o "$work/$name"
  "$work/$name" --seed "$seed" "$count" | sed "s/^/C ($name): /"
}
differential optimised 100000 -O2
differential sanitized 5000 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined
