/**
 * The rules by which data are spread by tenant, with PostgreSQL's own parser for an oracle: statements.test.mjs reads
 * every text by its words, this one those that are whole by their meaning.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read } from './support/chart.mjs';
import { bare, locked, parsed, settings, unbound } from './support/parsed.mjs';
import { statements } from './support/statements.mjs';

const [, ...lists] = read('infra/citus/distribute.sql').split(/^select create_/m);
const TABLES = ['tenant_user', ...[...lists.at(-2).matchAll(/^ {4}'(\w+)',?$/gm)].map(([, name]) => name)];
const ALL = statements().map(({ file, text }) => ({ file, text, tree: parsed(text) }));
const WHOLE = ALL.filter(({ tree }) => tree);
const told = ({ file, text }, what) => `${file}: ${what} in: ${text.slice(0, 200)}`;
const one = (text) => parsed(text)?.[0];

test('most texts are whole, and all that the login path runs by itself', () => {
  assert.ok(WHOLE.length / ALL.length > 0.8, `${WHOLE.length} of ${ALL.length} are read`);
  assert.ok(WHOLE.filter(({ file }) => file.includes('hot_path')).length > 40);
});

test('each table of tenants is bound to one by a condition, wherever it stands', () => {
  const faults = WHOLE.flatMap((text) => text.tree.flatMap((tree) => unbound(tree, TABLES)).map((table) => told(text, table)));
  assert.deepEqual(faults, []);
});

test('rows are locked of one tenant only: Citus refuses to skip locked rows over several', () => {
  const locks = WHOLE.flatMap((text) => text.tree.flatMap((tree) => locked(tree, TABLES)).map((lock) => ({ ...lock, text })));
  assert.ok(locks.length > 30, `${locks.length}`);
  assert.ok(locks.filter(({ skips }) => skips).length > 5);
  for (const { table, bound, text } of locks) assert.ok(bound, told(text, table));
});

test('what is set ends with its transaction', () => {
  const set = WHOLE.flatMap((text) => text.tree.flatMap(settings).map((setting) => ({ ...setting, text })));
  assert.ok(set.filter(({ name }) => name === 'postern.tenant_id').length > 5);
  for (const { name, local, text } of set) assert.ok(local, told(text, name));
});

test('a statement that forgets the tenant is found, also where its name stands in it', () => {
  for (const [text, table] of [
    ['select 1 from login', 'login'],
    ['select tenant_id from login', 'login'],
    ['select l.tenant_id from login l where l.login_id = $1 order by l.tenant_id', 'login l'],
    ['select 1 from login where tenant_id <> $1', 'login'],
    ['select 1 from login where tenant_id > $1', 'login'],
    ['select 1 from login l join factor f on f.factor_id = l.factor_id where l.tenant_id = $1', 'factor f'],
    ['select 1 from login l where l.tenant_id = $1 and exists (select from factor f where f.user_id = l.user_id)', 'factor f'],
    ['select 1 from login l, factor f where tenant_id = $1', 'login l'],
    ['update login l set attempts = 1 from (select 1) x where l.login_id = $1', 'login l'],
    ['delete from factor where factor_id = $1', 'factor'],
    ['insert into factor (factor_id) values ($1)', 'insert into factor'],
    ['with x as (delete from factor where factor_id = $1 returning 1) select 1 from x', 'factor'],
  ]) {
    assert.ok(unbound(one(text), ['login', 'factor']).includes(table), `${text}: ${unbound(one(text), ['login', 'factor'])}`);
  }
});

test('a statement that says of whom is left alone', () => {
  for (const text of [
    'select 1 from login where tenant_id = $1 and login_id = $2',
    'select 1 from login l join factor f on f.tenant_id = l.tenant_id where l.tenant_id = $1',
    'select 1 from login l join factor f using (tenant_id, user_id) where l.tenant_id = $1',
    'select 1 from login l where (l.tenant_id, l.login_id) = ($1, $2)',
    'select 1 from login l where l.tenant_id = any ($1)',
    'with login as (select 1) select * from login',
    'insert into factor (tenant_id, factor_id) select $1, f from unnest($2) f',
    'update factor f set status = $3 from login l where l.tenant_id = $1 and f.tenant_id = l.tenant_id',
    'select 1 from plan',
  ]) {
    assert.deepEqual(unbound(one(text), ['login', 'factor']), [], text);
  }
});

test('the body of a function in SQL is read', () => {
  const [, body] = parsed('create function f(p uuid) returns bigint language sql as $$ select count(*) from login $$');
  assert.deepEqual(unbound(body, ['login']), ['login']);
});

test('locks and settings are seen', () => {
  const of = (text) => locked(one(text), ['login', 'factor']);
  assert.deepEqual(of('select 1 from login where tenant_id = $1 for update skip locked'), [{ table: 'login', skips: true, bound: true }]);
  assert.deepEqual(of('select 1 from login for update'), [{ table: 'login', skips: false, bound: false }]);
  assert.deepEqual(of('select 1 from login l, factor f where f.tenant_id = $1 for update of l'), [{ table: 'login', skips: false, bound: false }]);
  assert.deepEqual(of('select 1 from login where tenant_id = $1'), []);
  assert.deepEqual(settings(one("select set_config('postern.tenant_id', $1, false)")), [{ name: 'postern.tenant_id', local: false }]);
  assert.deepEqual(settings(one('set postern.tenant_id = 1')), [{ name: 'postern.tenant_id', local: false }]);
  assert.deepEqual(settings(one('set local postern.tenant_id = 1')), [{ name: 'postern.tenant_id', local: true }]);
});

test('steps of functions are read without what is around them', () => {
  for (const [step, statement] of [
    ['begin update login set a = 1', 'update login set a = 1'],
    ['if x > 1 then delete from login', 'delete from login'],
    ['else perform from login x', 'select from login x'],
    ['return query select 1 from login', 'select 1 from login'],
    ['select a, b into c, d.e from login', 'select a, b from login'],
    ['select a from "x"', 'select a from "x"'],
  ]) {
    assert.equal(bare(step).replace(/\s+/g, ' ').trim(), statement);
  }
});
