#!/usr/bin/env bash
# make bench: optimised builds of the server and of the load driver, then the measurements.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

scripts/ensure-tools.sh bench
cargo build --release --workspace --bins
target=$(target_dir)
exec "$target/release/load-tests" "$@"
