/** What makes it possible to distribute by tenant, held on every SQL text: each table of tenants is asked for one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { read } from './support/chart.mjs';
import { statements, statementsOfRust, withoutTenant } from './support/statements.mjs';

const [, ...lists] = read('infra/citus/distribute.sql').split(/^select create_/m);
const TABLES = ['tenant_user', ...[...lists.at(-2).matchAll(/^ {4}'(\w+)',?$/gm)].map(([, name]) => name)];
const ALL = statements();

test('the tables and the texts are found', () => {
  assert.ok(TABLES.length > 40 && TABLES.includes('login') && !TABLES.includes('tenant'));
  assert.ok(ALL.length > 350, `${ALL.length} texts`);
  for (const part of ['svc-logins', 'svc-onboarding', 'hot_path']) assert.ok(ALL.some(({ file }) => file.includes(part)), part);
});

test('each text names the tenant of each table that it reads or changes', () => {
  const faults = ALL.flatMap(({ file, text }) => withoutTenant(text, TABLES).map((table) => `${file}: ${table} in: ${text.slice(0, 160)}`));
  assert.deepEqual(faults, []);
});

test('a tenant is set for a transaction and never for a session', () => {
  const settings = ALL.flatMap(({ file, text }) => [...text.matchAll(/set_config\('postern\.\w+', .+?, (true|false)\)/g)].map(([all, local]) => ({ file, all, local })));
  assert.ok(settings.length > 10);
  for (const { file, all, local } of settings) assert.equal(local, 'true', `${file}: ${all}`);
  for (const { file, text } of ALL) assert.doesNotMatch(text, /\bset (session )?postern\./i, file);
});

test('rows are locked where they are said to be of one tenant', () => {
  const ofTenants = new RegExp(`\\b(${TABLES.join('|')})\\b`);
  const locking = ALL.filter(({ text }) => /\bfor (no key )?update\b/i.test(text) && ofTenants.test(text));
  assert.ok(locking.length > 10);
  for (const { file, text } of locking) assert.match(text, /\btenant_id\b/, `${file}: ${text.slice(0, 160)}`);
});

test('texts are read out of code: alone, put together, by macros; not from tests and comments', () => {
  const source = [
    'const A: &str = "select a from t where tenant_id = $1";',
    '// "select b from t"',
    'macro_rules! held { ($set:literal) => { concat!("update u x set ", $set, " where x.tenant_id = $1") }; }',
    'concat!("select c from u x where ", wanted!(), ")")',
    '#[cfg(test)] mod tests { const B: &str = "select d from t"; }',
  ].join('\n');
  const found = statementsOfRust(source);
  assert.equal(found.length, 3, found.join('\n'));
  for (const text of found) assert.deepEqual(withoutTenant(text, ['t', 'u']), [], text);
});

test('a text that forgets the tenant is found, whatever the table is called in it', () => {
  const found = (text) => withoutTenant(text, ['login', 'factor']);
  assert.deepEqual(found('select 1 from login'), ['login']);
  assert.deepEqual(found('update login x set attempts = 1 where x.login_id = $1'), ['login x']);
  assert.deepEqual(found('select 1 from login l join factor f on f.factor_id = l.factor_id where l.tenant_id = $1'), ['factor f']);
  assert.deepEqual(found('delete from factor where factor_id = $2'), ['factor']);
  for (const good of [
    'select 1 from login where tenant_id = $1 and login_id = $2',
    'select 1 from login l join factor f on f.tenant_id = l.tenant_id where l.tenant_id = $1',
    'with login as (select 1) select * from login',
    'select 1 from login_counted',
  ]) {
    assert.deepEqual(found(good), [], good);
  }
});
