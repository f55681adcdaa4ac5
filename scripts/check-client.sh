#!/usr/bin/env bash
# The types of @postern/client are made from graphql/schema.graphql; this fails when somebody forgot to.
# To renew them: npm --prefix examples/clients/typescript run generate
set -euo pipefail
cd "$(dirname "$0")/.."
[ -d examples/node_modules ] || (cd examples && npm ci --no-audit --no-fund >&2)
npm --prefix examples/clients/typescript run --silent generate -- --check
