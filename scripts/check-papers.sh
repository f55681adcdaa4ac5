#!/usr/bin/env bash
# The papers speak of what there is: scripts/check-papers.mjs.
set -euo pipefail
cd "$(dirname "$0")/.."
node scripts/check-papers.mjs
