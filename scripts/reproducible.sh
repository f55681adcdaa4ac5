#!/usr/bin/env bash
# make reproducible [PART=console]: builds what is committed in two folders of different names, and compares: the console's
# files, then the program. Fails on the first difference, and names it.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

part=${PART:-all}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folders=("$work/one" "$work/another/and-a-longer-name")

# What is committed, and nothing else that lies about.
take() {
  mkdir -p "$1"
  git archive HEAD | tar -x -C "$1"
}

console() {
  (
    cd "$1/web-admin"
    npm ci --no-audit --no-fund --silent </dev/null >&2
    npm run --silent build </dev/null >&2
    cd dist && find . -type f -print0 | sort -z | xargs -0 sha256sum
  )
}

program() {
  "$1/scripts/build-release.sh" "$1/target" >&2
  read -r _ name <<<"${POSTERN_BUILD:-app postern}"
  sha256sum <"$1/target/release/$name"
  # Two builds of this size need not lie side by side.
  rm -rf "$1/target"
}

# same NAME: runs NAME in both folders and compares what it says.
same() {
  local number=0 folder
  for folder in "${folders[@]}"; do
    say "building the $1 in $folder"
    "$1" "$folder" >"$work/$1.$number"
    number=$((number + 1))
  done
  diff "$work/$1.0" "$work/$1.1" >&2 || fail "the $1 differs between two folders"
  say "the $1 is the same from both folders: $(sha256sum <"$work/$1.0" | cut -c1-16), $(wc -l <"$work/$1.0") file(s)"
}

for folder in "${folders[@]}"; do
  take "$folder"
done
case "$part" in
  all)
    same console
    same program
    ;;
  console | program) same "$part" ;;
  *) fail "PART=$part: console, program, or left out for both" ;;
esac
