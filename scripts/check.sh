#!/usr/bin/env bash
# make check: what can be said of the code without running it. Every check runs, whatever the others say.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
. scripts/lib.sh

failed=()
check() {
  local name=$1
  shift
  say "checking $name"
  "$@" || failed+=("$name")
}

check formatting cargo fmt --all --check
check lints cargo clippy --quiet --workspace --all-targets -- -D warnings
check layers node scripts/check-layers.mjs
for script in scripts/check-*.sh; do
  [ -e "$script" ] || continue
  name=${script#scripts/check-}
  check "${name%.sh}" "$script"
done
[ "${#failed[@]}" -eq 0 ] || fail "these checks failed: ${failed[*]}"
