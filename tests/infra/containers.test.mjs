/** The image and compose: what they name exists, nothing runs as root, nothing secret gets into a layer. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isRoute, understands, variables } from './support/binary.mjs';
import { ROOT, objectsIn, read } from './support/chart.mjs';

const instructions = read('infra/Dockerfile')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n\s*/g, ' ')
  .split('\n')
  .filter(Boolean)
  .map((line) => line.match(/^(\w+)\s+(.*)$/).slice(1));
const last = instructions.slice(instructions.findLastIndex(([verb]) => verb === 'FROM'));
const argument = (verb) => last.find(([name]) => name === verb)?.[1];
const [compose] = objectsIn(read('infra/compose/compose.yaml'));
const ours = Object.entries(compose.services).filter(([, { image }]) => image.startsWith('postern:'));

test('the image is built from what is there, by tools that are new enough', () => {
  for (const [, words] of instructions.filter(([verb, words]) => verb === 'COPY' && !words.startsWith('--from'))) {
    for (const source of words.split(' ').slice(0, -1)) assert.ok(existsSync(join(ROOT, source)), source);
  }
  const bases = instructions.filter(([verb]) => verb === 'FROM').map(([, words]) => words.split(' ')[0]);
  for (const base of bases) assert.match(base, /:(?!latest)\S+$/, 'every base has a version');
  const rust = Number(/rust:1\.(\d+)/.exec(bases.join(' '))[1]);
  assert.ok(rust >= Number(/rust-version = "1\.(\d+)"/.exec(read('Cargo.toml'))[1]));
});

test('the image runs as nobody in particular, and has no shell', () => {
  assert.match(argument('USER'), /^[1-9]\d*:[1-9]\d*$/, 'a number: Kubernetes cannot tell of a name that it is not root');
  assert.match(last[0][1], /distroless.*:nonroot$/);
  assert.equal(last.some(([verb]) => verb === 'RUN'), false);
  const words = [...JSON.parse(argument('ENTRYPOINT')), ...JSON.parse(argument('CMD'))];
  assert.equal(words.shift(), '/usr/local/bin/postern');
  assert.ok(understands(words));
});

test('it listens on the port that it exposes, by settings that there are', () => {
  const env = Object.fromEntries(argument('ENV').split(/\s+/).map((pair) => pair.split('=')));
  for (const name of Object.keys(env)) assert.ok(variables().has(name), name);
  assert.equal(env.POSTERN_LISTEN, `0.0.0.0:${argument('EXPOSE')}`);
});

test('nothing secret and nothing that was built gets into a layer', () => {
  const ignored = read('infra/Dockerfile.dockerignore').split('\n');
  for (const entry of ['.git', '.postern', 'target', '**/node_modules', '**/*.key', '**/.env']) assert.ok(ignored.includes(entry), entry);
  for (const needed of ['services', 'graphql', 'migrations', 'infra', 'web-admin', 'load-tests', 'Cargo.lock']) {
    assert.ok(!ignored.includes(needed) && existsSync(join(ROOT, needed)), needed);
  }
});

test('compose: each of ours does what the binary can, writes nowhere, and has time to end', () => {
  assert.ok(ours.length >= 5);
  for (const [name, service] of ours) {
    assert.ok(understands(service.command), name);
    assert.equal(service.read_only, true);
    assert.equal(service.pull_policy, 'never', 'an image of that name elsewhere is somebody else\'s');
    assert.deepEqual([service.cap_drop, service.security_opt], [['ALL'], ['no-new-privileges:true']]);
    assert.ok(Number.parseInt(service.stop_grace_period) >= 25);
    for (const variable of Object.keys(service.environment ?? {})) assert.ok(variables().has(variable), `${name}: ${variable}`);
  }
});

test('compose: only what migrates knows the owner, and only what makes the key may write it', () => {
  for (const [name, { environment = {}, volumes = [] }] of ours) {
    const owner = Object.keys(environment).filter((variable) => /MIGRATION|BOOTSTRAP/.test(variable));
    assert.equal(owner.length > 0, ['bootstrap', 'migrate', 'postern'].includes(name), name);
    for (const volume of volumes) assert.equal(volume, name === 'new-master' ? 'keys:/keys' : 'keys:/keys:ro');
  }
});

test('compose: what is waited for is there, and nothing is reached from other machines', () => {
  for (const [name, { depends_on: waits = {}, ports = [], image, healthcheck }] of Object.entries(compose.services)) {
    for (const other of Object.keys(waits)) assert.ok(compose.services[other], other);
    for (const [other, { condition }] of Object.entries(waits)) {
      if (condition === 'service_healthy') assert.ok(compose.services[other].healthcheck, other);
    }
    for (const port of ports) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/, name);
    assert.match(image, /:(?!latest)\S+$/);
    assert.ok(!healthcheck || healthcheck.retries > 0);
  }
  assert.deepEqual(compose.services.serve.ports, ['127.0.0.1:8080:8080']);
});

test('compose: every secret is asked for, and the example names each', () => {
  const text = read('infra/compose/compose.yaml');
  const asked = new Set([...text.matchAll(/\$\{(\w+):[?-]/g)].map(([, name]) => name));
  const example = [...read('infra/compose/env.example').matchAll(/^(\w+)=(.*)$/gm)];
  assert.deepEqual(new Set(example.map(([, name]) => name)), asked);
  for (const [, name, value] of example) assert.ok(name === 'POSTERN_PUBLIC_URL' || value === '', 'no password that everybody knows');
  assert.doesNotMatch(text, /PASSWORD:-/);
});

test('what is asked whether it lives is there', () => {
  assert.ok(isRoute('/healthz') && isRoute('/readyz') && !isRoute('/nothing'));
});
