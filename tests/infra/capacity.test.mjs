/** docs/capacity.md: its tables follow from what was measured, and its list of what grows is the catalog's. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ASSUMED, SIZES, bytes, derived, machines, measurement, renewed } from '../../scripts/capacity.mjs';
import { read } from './support/chart.mjs';
import { database } from './support/database.mjs';
import { statements } from './support/statements.mjs';

const step = { per_second: 1000, gateway_us: 90, database_us: 70, worker_us: 0, log_bytes: 450 };
const MEASURED = {
  machine: 'two cores',
  users: 100_000,
  rounds: 3,
  verify: step,
  verify_at_30_percent: step,
  evaluate: step,
  login: { ...step, worker_us: 200 },
  login_at_30_percent: { ...step, gateway_us: 400, database_us: 600, worker_us: 200 },
  kept_bytes_per_login: 2000,
};
const PAPER = read('docs/capacity.md');
const GROWS = [...PAPER.matchAll(/^\| `([a-z_`, ]+)` \| (\w+) \| .+ \|$/gm)].flatMap(([, names, kind]) =>
  names.split('`, `').map((name) => ({ name, kind })),
);
const of = (kind) => GROWS.filter((row) => row.kind === kind).map(({ name }) => name);

let db;
before(async () => {
  db = await database();
});
after(() => db?.end());

test('the tables are those of the last measurement, and without one there are none', () => {
  assert.equal(renewed(PAPER, measurement()), PAPER, 'node scripts/capacity.mjs');
  const measured = renewed(PAPER, MEASURED);
  assert.match(measured, /^\| a whole login with its text, at 30 % of that \| 1,000 \| 400 \| 600 \| 200 \| 450 \|$/m);
  assert.match(measured, /^\| \*\*database machines\*\* .* \| 1 \| 1 \| \d+ \|$/m);
  assert.doesNotMatch(renewed(measured, undefined), /\| a whole login with its text/);
});

test('machines follow from costs', () => {
  const cost = { gateway_us: 400, database_us: 600, worker_us: 200, log_bytes: 1000 };
  const measured = { login_at_30_percent: cost, kept_bytes_per_login: 2000 };
  const assumed = { ...ASSUMED, loginsPerUserAndDay: 1, busiestHour: 0.1, busiestSeconds: 3.6, planned: 0.5, bytesPerUser: 0, days: 100 };
  const found = derived({ tenants: 1, users: 10_000_000 }, measured, assumed);
  assert.equal(found.peak, 1000);
  assert.ok(Math.abs(found.gatewayCores - 0.8) < 1e-9 && Math.abs(found.databaseCores - 1.2) < 1e-9);
  assert.equal(found.kept, 2e12);
  assert.deepEqual([found.gateways, found.nodes, found.logPerDay], [2, 1, 1e10]);
  const twice = derived({ tenants: 1, users: 100_000_000 }, measured, assumed);
  assert.equal(twice.nodes, 3, '20 TB on disks of 8');
  assert.equal(twice.gateways, 3, '8 cores, and one to spare');
});

test('more users never need fewer machines, and what is lost in the table is nothing', () => {
  const all = SIZES.map((size) => derived(size, MEASURED));
  for (const key of ['peak', 'gateways', 'nodes', 'kept', 'logPerDay']) {
    for (let n = 1; n < all.length; n++) assert.ok(all[n][key] >= all[n - 1][key], key);
  }
  assert.doesNotMatch(machines(MEASURED), /NaN|undefined|Infinity/);
});

test('amounts are spelt', () => {
  assert.deepEqual([0, 999, 1500, 25e9, 2.34e12, 5e18].map(bytes), ['0 B', '999 B', '1.5 KB', '25 GB', '2.3 TB', '5000 PB']);
});

test('each table is in the list of what grows, once, and nothing else', async () => {
  const tables = await db.query(`
    select c.relname as name, c.relkind = 'p' as parts from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname <> '_sqlx_migrations'`);
  const names = (rows) => rows.map(({ name }) => name).toSorted();
  assert.deepEqual(names(GROWS), names(tables));
  assert.deepEqual(of('month').toSorted(), names(tables.filter(({ parts }) => parts)), 'what lies in months goes by the month');
});

test('what is said to be swept is deleted by somebody', () => {
  const texts = statements().map(({ text }) => text).join('\n');
  for (const name of of('term')) assert.match(texts, new RegExp(`\\b(?:delete from|set destination_sealed[^]*)\\s*${name}\\b`, 'i'), name);
});

test('what grows with people has a user, and what is the same for everybody has no tenant', async () => {
  const columns = await db.query(`
    select c.relname as name, array_agg(a.attname::text) as columns from pg_class c
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition group by 1`);
  const has = new Map(columns.map((row) => [row.name, row.columns]));
  for (const name of of('installation')) assert.ok(!has.get(name).includes('tenant_id'), name);
  for (const name of [...of('month'), ...of('term'), ...of('people')]) assert.ok(has.get(name).includes('tenant_id'), name);
});
