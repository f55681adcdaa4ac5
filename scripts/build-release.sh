#!/usr/bin/env bash
# build-release.sh [TARGET_DIR]: the release build of `postern`, byte for byte the same from any folder and any account:
# what names a folder of this machine is written as a place that every build has. The console is embedded as it lies in
# web-admin/dist. scripts/reproducible.sh shows that it holds; infra/Dockerfile builds by it.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${1:-target}
cargo_home=${CARGO_HOME:-$HOME/.cargo}
toolchain=$(rustc --print sysroot)
separator=$'\x1f'

# Longer prefixes last: of several that fit, rustc takes the last one.
flags="--remap-path-prefix=$toolchain=/rust"
flags+="$separator--remap-path-prefix=$cargo_home=/cargo"
flags+="$separator--remap-path-prefix=$PWD=/postern"
export CARGO_ENCODED_RUSTFLAGS=$flags
# The C in it (cryptography, the allocator) as well, whose compilers know __FILE__ and __DATE__.
maps="-ffile-prefix-map=$cargo_home=/cargo -ffile-prefix-map=$PWD=/postern"
export CFLAGS="${CFLAGS:+$CFLAGS }$maps" CXXFLAGS="${CXXFLAGS:+$CXXFLAGS }$maps"
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-0} CARGO_INCREMENTAL=0

# Another package and program, for trying the same in less time: POSTERN_BUILD="io-local-postgres test-postgres".
read -r package program <<<"${POSTERN_BUILD:-app postern}"
cargo build --locked --release --target-dir "$target" -p "$package" --bin "$program"
