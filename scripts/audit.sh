#!/usr/bin/env bash
# make audit: known vulnerabilities of every locked dependency. Needs the internet, so it is no test.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

cargo audit --version >/dev/null 2>&1 || fail "cargo-audit is missing: please run \`cargo install --locked cargo-audit\`"
status=0
cargo audit || status=1
while IFS= read -r folder; do
  say "npm audit in $folder"
  (cd "$folder" && npm audit) || status=1
done < <(folders_with package-lock.json)
exit "$status"
