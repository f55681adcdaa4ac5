#!/usr/bin/env bash
# distribute.sh COORDINATOR-URL WORKER-URL…: spreads an installation's database over a Citus cluster.
# URLs are a superuser's, of the same database on each node. Citus is to be in shared_preload_libraries.
#
#   before:  create extension citus;  on every node, and the coordinator made known to itself and to them
#            (citus_set_coordinator_host, citus_add_node), then `postern bootstrap` and `postern migrate`
#   after:   check.sql, which this runs
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
coordinator=$1
shift

on() { psql -X -q -v ON_ERROR_STOP=1 "$@"; }

for worker in "$@"; do on "$worker" -f "$here/roles_on_workers.sql"; done
on "$coordinator" -f "$here/distribute.sql" >/dev/null
said=$(on "$coordinator" -At -F ': ' -f "$here/check.sql")
printf '%s\n' "$said"
if grep -qv ': t$' <<<"$said"; then exit 1; fi
