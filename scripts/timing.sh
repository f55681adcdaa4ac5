#!/usr/bin/env bash
# make timing: an optimised build, then how long refusals take that must not be told apart.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

scripts/ensure-tools.sh run
[ -n "${POSTERN_BIN:-}" ] || cargo build --release --workspace --bins
POSTERN_BIN=${POSTERN_BIN:-$(target_dir)/release/postern}
POSTERN_TIMING_REPORT=${POSTERN_TIMING_REPORT:-$PWD/tests/timing/results/latest.md}
export POSTERN_BIN POSTERN_TIMING_REPORT
test_postgres=$(dirname "$POSTERN_BIN")/test-postgres
[ ! -x "$test_postgres" ] || "$test_postgres" start
node tests/timing/measure.mjs
say "the report: $POSTERN_TIMING_REPORT"
