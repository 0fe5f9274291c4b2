#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what the build and the tests need on Debian or Ubuntu. Sourced by the other scripts.
#
# Usage: . Ceremonies/set-up.sh PACKAGE ...

set -euo pipefail

missing=()
for package in "$@"; do
  if ! dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed'; then
    missing+=("$package")
  fi
done

if [ "${#missing[@]}" -gt 0 ]; then
  install="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  if [ "$(id -u)" = 0 ]; then
    echo "installing: ${missing[*]}"
    DEBIAN_FRONTEND=noninteractive sh -c "$install" >/dev/null
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    echo "installing: ${missing[*]}"
    sudo -n env DEBIAN_FRONTEND=noninteractive sh -c "$install" >/dev/null
  else
    echo "error: these packages are missing: ${missing[*]}" >&2
    echo "hint: run  sudo sh -c '$install'" >&2
    exit 4
  fi
fi

if ! command -v swift >/dev/null; then
  echo "error: there is no Swift toolchain on the PATH (6.2 or later)" >&2
  echo "hint: install one from https://www.swift.org/install" >&2
  exit 4
fi
