/** PgBouncer's configuration is the one that Postern's statements are made for; compose's balancer is the way of the large one. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { variables } from './support/binary.mjs';
import { read } from './support/chart.mjs';

const lines = (text) => text.replace(/[;#].*/g, '').split('\n').map((line) => line.trim()).filter(Boolean);
const settings = Object.fromEntries(lines(read('infra/pgbouncer/pgbouncer.ini')).filter((line) => line.includes('=')).map((line) => line.split(/\s*=\s*(.*)/s)));

test('sessions are handed on after each transaction, and what the driver says at first is passed over', () => {
  assert.equal(settings.pool_mode, 'transaction');
  assert.ok(settings.ignore_startup_parameters.split(',').includes('extra_float_digits'));
  assert.equal(settings.server_reset_query_always, undefined, 'names of statements are cleared by whoever begins');
  assert.ok(variables().has('POSTERN_DATABASE__DIRECT_URL'));
});

test('nobody is let in without a password, and none stands in it', () => {
  assert.equal(settings.auth_type, 'scram-sha-256');
  assert.match(settings.auth_file, /^\/etc\//);
  assert.doesNotMatch(read('infra/pgbouncer/pgbouncer.ini'), /password=/i);
});

test("compose's balancer checks as the large one, and knows the gateways that there are", () => {
  const [large, small] = ['infra/haproxy/haproxy.cfg', 'infra/compose/haproxy.cfg'].map((name) => lines(read(name)));
  for (const line of ['retries 3', 'option redispatch', 'retry-on conn-failure', 'balance leastconn', 'option forwardfor', 'option httpchk', 'timeout tunnel 1h', 'timeout check 3s']) {
    assert.ok(large.includes(line) && small.includes(line), line);
  }
  const check = (all) => all.find((line) => line.startsWith('http-check send'));
  assert.equal(check(small), check(large));
  const { services } = parse(read('infra/compose/compose.yaml'), { merge: true });
  for (const [, host] of read('infra/compose/haproxy.cfg').matchAll(/^ *server \w+ ([\w-]+):8080$/gm)) {
    assert.deepEqual(services[host].command, ['serve'], host);
  }
});

test('HAProxy reads both', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-haproxy-'));
  try {
    for (const name of ['infra/haproxy/haproxy.cfg', 'infra/compose/haproxy.cfg']) {
      const file = join(folder, 'haproxy.cfg');
      writeFileSync(file, read(name).replace(/^ *bind :443.*\n/m, '').replace('/run/haproxy/admin.sock', join(folder, 'admin.sock')));
      const { status, stderr } = spawnSync('haproxy', ['-c', '-f', file], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
