#!/usr/bin/env bash
# measure.sh overload|timing: an optimised build, unless POSTERN_BIN names one, then what is measured with it, and a report.
# overload: what the machine can answer is found out, then three times as much is asked.
# timing: how long refusals take that must not be told apart.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

case "${1:-}" in
  overload) driver=tests/overload/overload.mjs setting=POSTERN_OVERLOAD_REPORT ;;
  timing) driver=tests/timing/measure.mjs setting=POSTERN_TIMING_REPORT ;;
  *) fail "usage: scripts/measure.sh overload|timing" ;;
esac
scripts/ensure-tools.sh run
[ -n "${POSTERN_BIN:-}" ] || cargo build --release --workspace --bins
export POSTERN_BIN=${POSTERN_BIN:-$(target_dir)/release/postern}
report=${!setting:-$PWD/${driver%/*}/results/latest.md}
export "$setting=$report"
test_postgres=$(dirname "$POSTERN_BIN")/test-postgres
[ ! -x "$test_postgres" ] || "$test_postgres" start
node "$driver"
say "the report: $report"
