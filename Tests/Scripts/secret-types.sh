#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks that the compiler keeps secrets away from variable-time arithmetic, from print and == and from
# copies: Tests/SecretTypes/Allowed.swift compiles against the built modules, and the other files there
# have the errors that their comments `refused:` announce, each in its place and no others.
#
#   Tests/Scripts/secret-types.sh      after `swift build --configuration release`

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
built="$(swift build --configuration release --show-bin-path)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
failed=0

complain() {
  echo "secret types: $1" >&2
  failed=1
}

# The name of the package is that of the folder, as the build wrote it down.
package="$(grep -F '"-module-name","Groups"' .build/release.yaml |
  grep -oE '"-package-name","[^"]+"' | head -n 1 | cut -d '"' -f 4)" || {
  echo "secret types: .build/release.yaml does not name the package; build first" >&2
  exit 1
}
options=(
  -swift-version 6 -I "$built/Modules" -module-cache-path "$built/ModuleCache"
  -enable-upcoming-feature MemberImportVisibility
  -Xcc "-fmodule-map-file=$built/CMontgomery.build/module.modulemap"
  -Xcc -ISources/CMontgomery/include
  -Xcc -fmodule-map-file=Sources/CGMP/module.modulemap
  -Xcc -fmodule-map-file=Sources/COpenSSL/module.modulemap
  -Xcc -fmodule-map-file=Sources/CQREncode/module.modulemap
)

# compile NAME PHASE [OPTION ...]: the errors go to $work/errors as LINE:TEXT.
compile() {
  local name="$1" phase="$2" status=0
  shift 2
  swiftc -frontend "$phase" -o /dev/null "${options[@]}" "$@" -diagnostic-style llvm \
    "Tests/SecretTypes/$name.swift" >"$work/output" 2>&1 || status=$?
  sed -nE "s|^[^ ]*$name\.swift:([0-9]+):[0-9]+: error: |\1:|p" "$work/output" >"$work/errors"
  return "$status"
}

refused() {
  local name="$1" line text
  if compile "$@"; then complain "$name.swift compiles"; fi
  # An error without a place, such as a module that is missing.
  if grep -qE '^<unknown>:0: error|compile command failed|Stack dump' "$work/output"; then
    complain "$name.swift: $(grep -m 1 -E 'error|Stack dump' "$work/output")"
  fi
  grep -nE '^ *// refused: ' "Tests/SecretTypes/$name.swift" |
    sed -E 's|^([0-9]+): *// refused: |\1:|' >"$work/announced"
  while IFS=: read -r line text; do
    grep -E "^$((line + 1)):" "$work/errors" | grep -qF "$text" ||
      complain "$name.swift:$((line + 1)): not refused with: $text"
    sed -i "/^$((line + 1)):/d" "$work/errors"
  done <"$work/announced"
  [ ! -s "$work/errors" ] || complain "$name.swift: other errors: $(cat "$work/errors")"
  count=$((count + $(wc -l <"$work/announced")))
}

count=0
compile Allowed -emit-sil -package-name "$package" || {
  cat "$work/output" >&2
  complain "Allowed.swift does not compile"
}
refused Refused -typecheck -package-name "$package"
refused Copied -emit-sil -package-name "$package"
refused Outside -typecheck

# Every variable-time function and every type that cannot be copied is among them.
for name in $(grep -rhoE '(public|package) func vartime[A-Za-z]+' Sources --include='*.swift' |
  awk '{print $3}' | sort -u); do
  for file in Allowed Refused; do
    grep -qE "\.$name\(" "Tests/SecretTypes/$file.swift" || complain "$file.swift does not call $name"
  done
done
for name in $(grep -rhoE '(public|package) (struct|enum) [A-Za-z0-9]+: ~Copyable' Sources --include='*.swift' |
  awk '{print $3}' | tr -d : | sort -u); do
  # Not copied for other reasons; or in a module that needs those of other packages.
  case "$name" in RecordWriter | SHA256 | OpenIDLogin) continue ;; esac
  for file in Refused Copied; do
    grep -qE "borrowing ([A-Za-z0-9]+\.)?$name\b" "Tests/SecretTypes/$file.swift" ||
      complain "$file.swift lacks $name"
  done
done

if [ "$failed" = 1 ]; then exit 1; fi
echo "secret types: $count misuses are refused"
