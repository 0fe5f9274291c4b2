#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the programs with TLS and HTTP/2 in them, asks a witness one question over each protocol, and holds an
# election whose issuers speak TLS with citizens' certificates themselves. By hand: it compiles everything once
# more, with a copy of BoringSSL, into .build-tls.

set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
. "$here/Ceremonies/set-up.sh" pkg-config libgmp-dev libssl-dev libsqlite3-dev libp11-kit-dev libqrencode-dev openssl curl
cd "$here"

swift build --traits TLS --scratch-path .build-tls --configuration release "$@"
programs="$here/.build-tls/release"
witness="$programs/witness"

work="$(mktemp -d)"
server=""
clean() {
  [ -z "$server" ] || kill -KILL "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap clean EXIT
cd "$work"

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout key.pem -out certificate.pem 2>/dev/null
"$witness" keys --secret secret --public public --name witness.example
cat >witness.json <<'JSON'
{
  "port": 0, "portFile": "port", "secret": "secret", "database": "w.sqlite",
  "tls": { "certificate": "certificate.pem", "privateKey": "key.pem" },
  "limits": { "headerSeconds": 2, "idleSeconds": 2 },
  "logs": ["example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"]
}
JSON
"$witness" init --config witness.json
"$witness" serve --config witness.json --log-level trace 2>log &
server=$!
for _ in $(seq 600); do
  if [ -s port ]; then break; fi
  sleep 0.1
done
port="$(cat port)"

ask() {
  curl --silent --show-error --cacert certificate.pem --resolve "localhost:$port:127.0.0.1" "$@"
}
url="https://localhost:$port"

expect() {
  if [ "$2" != "$3" ]; then
    echo "error: $1: $2 instead of $3" >&2
    exit 1
  fi
  echo "$1: $2"
}
what='%{http_version} %{http_code}'
expect "HTTP/2" "$(ask --http2 -o /dev/null -w "$what" "$url/readyz")" "2 200"
expect "HTTP/1.1" "$(ask --http1.1 -o /dev/null -w "$what" "$url/readyz")" "1.1 200"
expect "a wrong body" "$(ask --http2 -o /dev/null -w "$what" -d x "$url/add-checkpoint")" "2 400"
# Again and again: whether all of a body is there before its head is read is a matter of chance.
while read -r size status; do
  head -c "$size" /dev/zero >large
  for turn in 1 2 3 4 5 6 7 8; do
    for version in 2 1.1; do
      answer="$(ask "--http$version" -o /dev/null -w "$what" --data-binary @large "$url/add-checkpoint" </dev/null)"
      expect "$size bytes over HTTP/$version, $turn" "$answer" "$version $status"
    done
  done
done <<'SIZES'
100000 400
300000 413
3000000 413
SIZES
expect "no route" "$(ask --http2 -o /dev/null -w "$what" "$url/x")" "2 404"
expect "TLS 1.1" "$(ask --tls-max 1.1 -o /dev/null -w '%{http_code}' "$url/readyz" 2>/dev/null || true)" "000"

# A connection without a handshake is closed by the server; `timeout` ends this with 124 otherwise.
status=0
timeout 60 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port; cat <&3 >/dev/null" || status=$?
expect "no handshake" "$status" 0

kill -TERM "$server"
status=0
wait "$server" || status=$?
server=""
expect "status at SIGTERM" "$status" 0
if grep -E '127\.0\.0\.1|curl' log; then
  echo "error: the log names who asked" >&2
  exit 1
fi

kill -TERM "$server"
server=""
"$programs/demo" --programs "$programs" --credentials --issuer-tls --voters 8 --output "$work/election"
