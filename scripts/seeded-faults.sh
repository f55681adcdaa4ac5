#!/usr/bin/env bash
# make faults: puts every fault of tests/faults into a database or into a copy of the sources, and sees whether the one
# test that has to find it does, by its name. FAULTS="a b" tries some of those in the sources.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

target=$(target_dir)
say "building"
cargo build --workspace --bins --tests
"$target/debug/test-postgres" start
say "fault | found by | what it said"
status=0
[ -n "${FAULTS:-}" ] || node --test --test-reporter=spec tests/faults/sql.test.mjs || status=1
# shellcheck disable=SC2086 # names, separated by blanks
POSTERN_TEST_SUPERUSER_URL=$("$target/debug/test-postgres" url) node tests/faults/source.mjs ${FAULTS:-} || status=1
exit "$status"
