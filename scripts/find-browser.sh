#!/usr/bin/env bash
# Prints the path of a Chromium or Chrome that runs here; POSTERN_BROWSER names one outright.
set -euo pipefail
for browser in "${POSTERN_BROWSER:-}" chromium chromium-browser google-chrome google-chrome-stable \
  "/Applications/Chromium.app/Contents/MacOS/Chromium" \
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
  # Ubuntu's package is a stub that needs snap: only one that tells its version counts.
  if path=$(type -P "$browser") && "$path" --version >/dev/null 2>&1 </dev/null; then
    printf '%s\n' "$path"
    exit 0
  fi
done
exit 1
