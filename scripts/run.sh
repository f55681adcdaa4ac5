#!/usr/bin/env bash
# make run: from a bare machine to a running Postern with its demo.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

scripts/ensure-tools.sh run
profile=debug
flags=()
if [ "${RELEASE:-}" = 1 ]; then
  profile=release
  flags=(--release)
fi
build_console || fail "the console does not build: npm --prefix web-admin run build"
cargo build ${flags[@]+"${flags[@]}"} -p app --bin postern
# exec: signals reach the server itself, and its exit code is ours.
target=$(target_dir)
exec "$target/$profile/postern" dev "$@"
