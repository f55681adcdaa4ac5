# shellcheck shell=bash
# What the scripts share. Sourced, with the repository's root as the working directory.

say() { printf '%s\n' "postern: $*" >&2; }

fail() {
  say "$*"
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

is_ci() { [ "${CI:-}" = true ] || [ "${CI:-}" = 1 ]; }

# Whether NAME is among the things the caller asked to leave out: SKIP=browser,python.
skipped() {
  case ",${SKIP:-}," in
    *",$1,"*) return 0 ;;
    *) return 1 ;;
  esac
}

# Where cargo puts what it builds, whatever sets it.
target_dir() {
  cargo metadata --format-version 1 --no-deps |
    node -e 'process.stdout.write(JSON.parse(require("fs").readFileSync(0)).target_directory)'
}

# Builds the console, unless its newest source is older than what was built. The server embeds it.
build_console() {
  local built=web-admin/dist/index.html
  if [ -f "$built" ] && [ -z "$(find web-admin/src web-admin/scripts web-admin/public web-admin/index.html web-admin/vite.config.ts \
    web-admin/package-lock.json graphql/schema.graphql docs/authorization-matrix.txt -type f -not -path '*/generated/*' -newer "$built" -print -quit)" ]; then
    return 0
  fi
  say "building the console"
  npm --prefix web-admin run --silent build </dev/null >&2
}

# Every folder with the given file that belongs to us, not to something installed.
folders_with() {
  find examples tests graphql load-tests web-admin -name node_modules -prune -o -name "$1" -print 2>/dev/null |
    while IFS= read -r file; do dirname "$file"; done | sort
}
