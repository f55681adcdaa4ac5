/** The units: hardened alike, run what the binary can, and read by systemd itself where it is here. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { understands, variables } from './support/binary.mjs';
import { ROOT, read } from './support/chart.mjs';

const FOLDER = 'infra/systemd';
const UNITS = readdirSync(join(ROOT, FOLDER)).filter((name) => name.endsWith('.service'));
const HARDENED = [
  'DynamicUser=yes', 'CapabilityBoundingSet=', 'LockPersonality=yes', 'MemoryDenyWriteExecute=yes', 'NoNewPrivileges=yes',
  'PrivateDevices=yes', 'PrivateTmp=yes', 'PrivateUsers=yes', 'ProtectHome=yes', 'ProtectKernelModules=yes', 'ProtectKernelTunables=yes',
  'ProtectProc=invisible', 'ProtectSystem=strict', 'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX', 'RestrictNamespaces=yes',
  'RestrictSUIDSGID=yes', 'SystemCallArchitectures=native', 'SystemCallFilter=@system-service', 'UMask=0077',
];
const lines = (unit) => read(join(FOLDER, unit)).split('\n');
const value = (unit, name) => lines(unit).find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);

test('there is a unit for what serves, what works and what migrates', () => {
  assert.deepEqual(UNITS, ['postern-migrate.service', 'postern-serve.service', 'postern-worker.service']);
});

for (const unit of UNITS) {
  test(`${unit} runs a command of the binary, with a configuration that it is given`, () => {
    const [program, ...words] = value(unit, 'ExecStart').split(' ');
    assert.equal(program, '/usr/local/bin/postern');
    assert.equal(words.shift(), '--config');
    const credential = /^%d\/(.+)$/.exec(words.shift())[1];
    assert.ok(lines(unit).includes(`LoadCredential=${credential}:/etc/postern/${credential}`));
    assert.ok(understands(words), words.join(' '));
    assert.equal(`postern-${words[0]}.service`, unit);
    const [name, path] = value(unit, 'Environment').split('=');
    assert.ok(variables().has(name) && path === '%d/master.key');
  });

  test(`${unit} is hardened`, () => {
    for (const line of HARDENED) assert.ok(lines(unit).includes(line), line);
  });
}

test('only the migration gets the file with the owner in it', () => {
  for (const unit of UNITS) assert.equal(read(join(FOLDER, unit)).includes('owner.toml'), unit === 'postern-migrate.service');
});

test('what serves is started again, and has longer to end than the process takes', () => {
  for (const unit of ['postern-serve.service', 'postern-worker.service']) {
    assert.equal(value(unit, 'Restart'), 'always');
    assert.ok(Number.parseInt(value(unit, 'TimeoutStopSec')) > 25);
  }
});

/** Its own words for what it does not like; the program is one that is everywhere. */
function verified(folder, unit) {
  writeFileSync(join(folder, unit), read(join(FOLDER, unit)).replace('/usr/local/bin/postern', '/bin/true'));
  const done = spawnSync('systemd-analyze', ['verify', '--man=no', join(folder, unit)], { encoding: 'utf8', timeout: 20_000 });
  return done.error?.code === 'ENOENT' ? null : done.stdout + done.stderr;
}

test('systemd finds no fault with them, where it is here', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'postern-units-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const unit of UNITS) {
    const said = verified(folder, unit);
    if (said === null) return t.diagnostic('systemd-analyze is not here');
    // Of our own units alone: those of the machine are not ours to judge.
    assert.deepEqual(said.split('\n').filter((line) => line.includes('postern-')), []);
  }
});
