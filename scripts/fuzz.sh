#!/usr/bin/env bash
# make fuzz: explores every fuzz target (fuzz/) for POSTERN_FUZZ_SECONDS each, two at a time; an argument names some of them.
# A failure prints its seed and its bytes: keep those as a file in fuzz/tests/__fuzz__/TARGET/crashes.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

export POSTERN_FUZZ_SECONDS=${POSTERN_FUZZ_SECONDS:-60}
say "fuzzing: $POSTERN_FUZZ_SECONDS s for each target, two at a time"
if cargo nextest --version >/dev/null 2>&1; then
  exec cargo nextest run --workspace --test inputs --test-threads 2 --no-fail-fast --status-level pass "$@" </dev/null
fi
exec cargo test --workspace --test inputs --no-fail-fast -- --test-threads 2 "$@"
