#!/usr/bin/env bash
# make test: every check and every test, on a PostgreSQL of its own. The last line is the sum:
# N passed, N failed, N skipped. Everything runs even when something before it failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
. scripts/lib.sh

KNOWN_SKIPS="browser python oathtool"

read_skips() {
  local name
  for name in ${SKIP//,/ }; do
    case " $KNOWN_SKIPS " in
      *" $name "*) ;;
      *) fail "SKIP=$name: only these can be skipped: $KNOWN_SKIPS" ;;
    esac
  done
  if is_ci && [ -n "$SKIP" ]; then
    fail "SKIP is refused in continuous integration: everything runs there"
  fi
  # For tests that need such a tool and are part of a larger runner.
  export POSTERN_TEST_SKIP=$SKIP
}

# Cold builds on small machines: nothing that only helps the next build or a debugger.
settings_for_ci() {
  is_ci || return 0
  export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=none
}

passed=0 failed=0 omitted=0
broken=()

# The longest that one runner may take: a test that hangs is a failure that says where, not a run that never ends.
bounded() {
  if have timeout; then
    timeout --kill-after=30 "${POSTERN_RUNNER_LIMIT:-2400}" "$@"
  else
    "$@"
  fi
}

# runner NAME KIND MINIMUM COMMAND…: runs it, shows and keeps what it says, adds its counts. It is
# broken when it fails, or ran fewer tests than MINIMUM: tests that silently vanish are a failure.
runner() {
  local name=$1 kind=$2 minimum=$3 log=$logs/$1.log status=0 p f s
  shift 3
  say "running the tests: $name"
  bounded "$@" 2>&1 | tee "$log" || status=1
  read -r p f s < <(node scripts/counts.mjs "$kind" "$log") || status=1
  if [ "$status" -ne 0 ] && [ "${f:-0}" -eq 0 ]; then
    # It did not come to count: that it broke is itself a failure.
    f=1
  elif [ "$((p + f))" -lt "$minimum" ]; then
    say "$name ran no tests, though there are some"
    f=1
  fi
  [ "${f:-0}" -eq 0 ] || broken+=("$name")
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) omitted=$((omitted + ${s:-0}))
  say "$name: ${p:-0} passed, ${f:-0} failed; $SECONDS s since the start"
}

checks() {
  scripts/check.sh || {
    broken+=(checks)
    failed=$((failed + 1))
  }
}

rust_tests() {
  if cargo nextest --version >/dev/null 2>&1; then
    runner rust nextest 1 cargo nextest run --workspace --no-fail-fast --status-level slow </dev/null
  else
    runner rust cargo 1 cargo test --workspace --no-fail-fast --lib --bins --tests
  fi
  # Examples in documentation are few; none is no fault.
  runner documentation cargo 0 cargo test --workspace --no-fail-fast --doc
}

# A linker that finds no room says so in a hundred ways: here it is said once, before it happens.
NEEDED_GB=14
room() {
  local free
  [ ! -d "$target/debug/deps" ] || return 0
  free=$(df --output=avail -k "$logs" 2>/dev/null | tail -n 1 | tr -d ' ')
  [ "${free:-$((NEEDED_GB << 20))}" -ge "$((NEEDED_GB << 20))" ] ||
    fail "$((free >> 20)) GB are free here; a first build of everything, and what its tests write, takes $NEEDED_GB"
}

# Programs and tests in one go, so that every dependency is compiled with one choice of features.
build() {
  build_console || broken+=(console)
  say "building"
  cargo build --workspace --bins --tests || broken+=(build)
  # What the checks, and the tests of other languages, start.
  export POSTERN_PRINT_SCHEMA=$target/debug/print-schema POSTERN_BIN=$target/debug/postern
}

# The fuzz targets ran with the other tests on inputs that are the same each time; here on new ones.
fuzz() {
  is_ci || return 0
  if cargo nextest --version >/dev/null 2>&1; then
    runner fuzz nextest 10 scripts/fuzz.sh
  else
    runner fuzz cargo 10 scripts/fuzz.sh
  fi
}

# What the tests may start that is not ours.
tools() {
  scripts/ensure-tools.sh test || exit 1
  if ! skipped browser; then
    POSTERN_BROWSER=$(scripts/find-browser.sh)
    export POSTERN_BROWSER
  fi
  skipped python || export POSTERN_PYTHON=$PWD/.venv/bin/python
}

has_script() { node -e 'process.exit(JSON.parse(require("fs").readFileSync(process.argv[1])).scripts?.[process.argv[2]] ? 0 : 1)' "$1/package.json" "$2"; }

# Every package of ours with a "test" script; "test:browser" beside it needs a browser.
node_tests() {
  local folder name
  runner scripts node 1 node --test scripts/*.test.mjs
  while IFS= read -r folder; do
    name=${folder//\//-}
    ! has_script "$folder" test || runner "$name" node 1 npm --prefix "$folder" test </dev/null
    skipped browser || ! has_script "$folder" test:browser ||
      runner "$name-browser" node 1 npm --prefix "$folder" run test:browser </dev/null
  done < <(folders_with package.json)
}

# Every folder of ours with tests in Python.
python_tests() {
  local folder
  skipped python && return
  for folder in tests/*/; do
    folder=${folder%/}
    ! compgen -G "$folder/test_*.py" >/dev/null ||
      runner "${folder//\//-}-python" python 1 .venv/bin/python -m unittest discover -v -s "$folder" -t "$folder" </dev/null
  done
}

# The databases stay for a look when something failed.
end_server() {
  local verb=reset
  [ "${#broken[@]}" -eq 0 ] || verb=stop
  "$test_postgres" "$verb" || broken+=("stopping PostgreSQL")
}

SKIP=${SKIP:-}
read_skips
settings_for_ci
export CARGO_TERM_COLOR=never NO_COLOR=1
# As much as a server's threads have (app::cli, testkit::on_a_servers_stack): unoptimised, what one request awaits can be larger than a test's usual stack.
export RUST_MIN_STACK=$((16 << 20))
# No balancer stands before what most tests start; tests/replicas, where one does, says otherwise.
export POSTERN_SHUTDOWN__DRAIN_SECONDS=0
tools
target=$(target_dir 2>/dev/null) || fail "cargo cannot read this workspace: run \`cargo metadata --no-deps\` to see why"
logs=$target/test-logs
mkdir -p "$logs"
room
test_postgres=$target/debug/test-postgres

build
checks
if "$test_postgres" start; then
  trap '"$test_postgres" stop; exit 130' INT TERM
  rust_tests
  fuzz
  node_tests
  python_tests
  end_server
else
  broken+=(PostgreSQL)
fi

[ "${#broken[@]}" -eq 0 ] || say "failed: ${broken[*]}; logs: $logs"
[ -z "$SKIP" ] || say "left out on request: $SKIP"
[ "${#broken[@]}" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$omitted"
[ "${#broken[@]}" -eq 0 ]
