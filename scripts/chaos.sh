#!/usr/bin/env bash
# chaos.sh runs|faults: the crash model of tests/chaos. SEEDS=a..b are the seeds (those with a result are left out; AGAIN=1
# plays them whatever the results say), LANES=n so many installations side by side, FAULTS=… only these. POSTERN_BIN names a
# binary that is there already.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

scripts/ensure-tools.sh chaos
if [ -z "${POSTERN_BIN:-}" ]; then
  cargo build --release --workspace --bins
  POSTERN_BIN=$(target_dir)/release/postern
fi
export POSTERN_BIN
case "${1:-}" in
  runs) exec node tests/chaos/chaos.mjs ${AGAIN:+--again} ${LANES:+--lanes "$LANES"} "${SEEDS:-1..1000}" ;;
  faults)
    # shellcheck disable=SC2086  # a list of names
    exec node tests/chaos/faults.mjs ${FAULTS:-}
    ;;
  *) fail "usage: scripts/chaos.sh runs|faults" ;;
esac
