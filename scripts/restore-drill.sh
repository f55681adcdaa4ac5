#!/usr/bin/env bash
# make drill: an installation under load is lost and brought back to an earlier moment; the report says what was
# counted. The same as in `make test`, for longer, and written down.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

scripts/ensure-tools.sh run
[ -n "${POSTERN_BIN:-}" ] || cargo build --workspace --bins
POSTERN_BIN=${POSTERN_BIN:-$(target_dir)/debug/postern}
POSTERN_DRILL_SECONDS=${POSTERN_DRILL_SECONDS:-15}
POSTERN_DRILL_REPORT=${POSTERN_DRILL_REPORT:-$PWD/tests/restore/results/latest.md}
export POSTERN_BIN POSTERN_DRILL_SECONDS POSTERN_DRILL_REPORT
npm --prefix tests/restore test
say "the report: $POSTERN_DRILL_REPORT"
