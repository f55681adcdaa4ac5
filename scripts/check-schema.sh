#!/usr/bin/env bash
# graphql/schema.graphql is printed from the code; this fails when somebody forgot to.
# To renew it: cargo run -q -p graphql --bin print-schema > graphql/schema.graphql
set -euo pipefail
cd "$(dirname "$0")/.."
[ -f graphql/Cargo.toml ] || exit 0
printed=$(mktemp)
trap 'rm -f "$printed"' EXIT
if [ -n "${POSTERN_PRINT_SCHEMA:-}" ]; then
  # Built already, by make test; building it alone would choose other features and compile twice.
  "$POSTERN_PRINT_SCHEMA" >"$printed"
else
  cargo run -q -p graphql --bin print-schema >"$printed"
fi
if ! diff -u graphql/schema.graphql "$printed"; then
  echo 'graphql/schema.graphql is not what the code prints: cargo run -q -p graphql --bin print-schema > graphql/schema.graphql' >&2
  exit 1
fi
