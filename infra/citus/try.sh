#!/usr/bin/env bash
# try.sh POSTERN: what the tests here cannot do. Starts a small cluster (needs Docker and psql), makes an
# installation in it with the given binary, distributes it, and says what holds. Ends the cluster after.
set -euo pipefail
postern=${1:?usage: try.sh POSTERN}
here=$(cd "$(dirname "$0")" && pwd)
url() { printf 'postgres://%s@127.0.0.1:%s/postern' "$1" "$2"; }
on() { psql -X -q -v ON_ERROR_STOP=1 "$(url postgres "$1")" -c "$2" >/dev/null; }

folder=$(mktemp -d)
compose() { docker compose -f "$here/compose.yaml" "$@"; }
trap 'compose down --volumes; rm -rf "$folder"' EXIT
compose up --detach --wait

for port in 55430 55431 55432; do on "$port" 'create extension if not exists citus'; done
on 55430 "select citus_set_coordinator_host('coordinator')"
for node in worker1 worker2; do on 55430 "select citus_add_node('$node', 5432)"; done

export POSTERN_KEYS__MASTER_FILE=$folder/master.key
POSTERN_DATABASE_URL=$(url postern_app 55430)
POSTERN_MIGRATION_DATABASE_URL=$(url postern_owner 55430)
POSTERN_BOOTSTRAP_DATABASE_URL=$(url postgres 55430)
export POSTERN_DATABASE_URL POSTERN_MIGRATION_DATABASE_URL POSTERN_BOOTSTRAP_DATABASE_URL
"$postern" keys new-master
"$postern" bootstrap
"$postern" migrate
"$here/distribute.sh" "$(url postgres 55430)" "$(url postgres 55431)" "$(url postgres 55432)"
"$postern" doctor
