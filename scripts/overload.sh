#!/usr/bin/env bash
# make overload: what the machine can answer is found out, then three times as much is asked.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

scripts/ensure-tools.sh run
[ -n "${POSTERN_BIN:-}" ] || cargo build --release --workspace --bins
POSTERN_BIN=${POSTERN_BIN:-$(target_dir)/release/postern}
POSTERN_OVERLOAD_REPORT=${POSTERN_OVERLOAD_REPORT:-$PWD/tests/overload/results/latest.md}
export POSTERN_BIN POSTERN_OVERLOAD_REPORT
test_postgres=$(dirname "$POSTERN_BIN")/test-postgres
[ ! -x "$test_postgres" ] || "$test_postgres" start
node tests/overload/overload.mjs
say "the report: $POSTERN_OVERLOAD_REPORT"
