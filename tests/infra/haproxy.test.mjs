/** The balancer's configuration: it asks what the gateway answers, and waits as long as the gateway may take. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRoute } from './support/binary.mjs';
import { read } from './support/chart.mjs';

const lines = read('infra/haproxy/haproxy.cfg').replace(/#.*/g, '').split('\n').map((line) => line.trim()).filter(Boolean);
const value = (name) => lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
const seconds = (text) => Number.parseFloat(text) * ({ ms: 0.001, s: 1, m: 60, h: 3600 }[/[a-z]+$/.exec(text)[0]]);

test('it asks whether a gateway is ready, and hears soon when it is not', () => {
  assert.ok(isRoute(/uri (\S+)/.exec(value('http-check send'))[1]));
  const [, inter, , fall] = /inter (\S+)( fall (\d+))/.exec(value('default-server'));
  assert.ok(seconds(inter) * Number(fall) <= 2);
  assert.ok(seconds(value('timeout check')) > seconds(inter), 'one that is only busy is not taken for gone');
});

test('it waits longer than a request may take, and much longer for subscriptions', () => {
  const limit = Number(/`api\.time_limit_seconds` \|[^|]+\| `(\d+)`/.exec(read('docs/configuration.md'))[1]);
  for (const side of ['client', 'server']) assert.ok(seconds(value(`timeout ${side}`)) > limit, side);
  assert.ok(seconds(value('timeout tunnel')) >= 600);
});

test('it sends nothing twice that a gateway may have begun', () => {
  assert.equal(value('retry-on'), 'conn-failure');
});

test('it appends the address of the client, once, and speaks TLS', () => {
  assert.equal(lines.filter((line) => line === 'option forwardfor').length, 1);
  assert.match(value('bind'), /:443 ssl crt/);
  assert.ok(lines.includes('http-request deny deny_status 403 if !{ ssl_fc }'), 'an API that is redirected would send its key again in the clear');
});

test('the names that drain.sh is given are those of the gateways', () => {
  const servers = lines.filter((line) => line.startsWith('server ')).map((line) => line.split(/\s+/)[1]);
  const example = /for one in ([\w ]+);/.exec(read('infra/haproxy/drain.sh'))[1].split(' ');
  assert.deepEqual(servers, example);
  assert.match(read('infra/haproxy/drain.sh'), new RegExp(value('stats socket').split(' ')[0].replaceAll('/', '\\/')));
});
