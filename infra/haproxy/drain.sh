#!/usr/bin/env bash
# drain.sh SERVER COMMAND…: takes one gateway out of the balancer, runs the command (which restarts it), waits
# until it is ready, and puts it back. For balancers that do not ask /readyz often enough to see that a gateway drains
# (shutdown.drain_seconds), and for whoever wants to look first.
#
#   for one in one two three; do drain.sh $one ssh gateway-$one systemctl restart postern-serve; done
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
server=gateways/$1
shift
socket=${HAPROXY_SOCKET:-/run/haproxy/admin.sock}

tell() { printf '%s\n' "$1" | socat stdio "$socket"; }
# Of a server's line in `show servers state`: 2 is running, as the checks see it.
is_up() { tell "show servers state gateways" | awk -v name="${server#*/}" '$4 == name && $6 == 2 { found = 1 } END { exit !found }'; }

tell "set server $server state drain"
sleep 2 # what was on its way is there by then
"$@"
sleep 2 # by then the checks know that it was away
for _ in $(seq 120); do
  sleep 0.5
  if is_up; then
    tell "set server $server state ready"
    exit 0
  fi
done
printf '%s did not come back within a minute; it stays out\n' "$server" >&2
exit 1
