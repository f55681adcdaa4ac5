/**
 * Old and new side by side: what a migration leaves of the database that the version before reads and writes, and what the
 * functions of the login path are to whoever calls them as that version does.
 *
 * A process of the version before is not at hand; what it needs is. Of each migration it is the state that the one before it
 * left; of the functions, which every `migrate` replaces whole, it is `functions.txt`: those that the application of the
 * version before calls. A release writes that file anew (`UPDATE=1`).
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PROGRAM } from './support/binary.mjs';
import { ROOT, read } from './support/chart.mjs';
import { database } from './support/database.mjs';
import { functionOf, functionsMissed, lineOf, missed, stateOf } from './support/state.mjs';

/** The first state that a later migration is compared with; what came before was never told of as side by side. */
const FROM = 23;
/** What was found and looked at, by a reader: how the sentence begins, and why nobody stumbles. */
const LOOKED_AT = {
  24: { 'postern_cross.roles_of_account(uuid) -> ': 'it has a column more; whoever calls it names those that it reads' },
};
const FILE = join(ROOT, 'tests/infra/functions.txt');
const PATIENCE = 120_000;

let db;
let superuser;
before(async () => {
  db = await database();
  superuser = await db.superuser();
});
after(() => db?.end());

/** Rolled back, whatever comes of it. */
async function inVain(work) {
  await superuser('begin');
  try {
    return await work();
  } finally {
    await superuser('rollback');
  }
}

/** The application's source, as one text. */
function source() {
  const files = readdirSync(join(ROOT, 'services'), { recursive: true }).filter((file) => /\.rs$/.test(file) && !file.split('/').includes('tests'));
  return files.map((file) => read(join('services', file))).join('\n');
}

/** Those of these functions that the application calls, a line each. */
function called(functions) {
  const text = source();
  return functions.filter(({ name }) => text.includes(` ${name.replace(/^public\./, '')}(`)).map(lineOf);
}

test('the functions are called as the version before calls them', async () => {
  const { functions } = await stateOf(superuser);
  const now = called(functions);
  if (process.env.UPDATE) writeFileSync(FILE, `${now.join('\n')}\n`);
  const known = readFileSync(FILE, 'utf8').trim().split('\n').map(functionOf);
  assert.ok(known.length > 50 && now.length > 50, `${known.length} are known, ${now.length} are called`);
  assert.deepEqual(functionsMissed(known, functions), [], 'give them another name, or say so in the changelog');
});

test('a call that was prepared goes on after migrate', async () => {
  const app = await db.connect(db.facts.app);
  const { owner, masterKey } = db.facts;
  const env = { ...process.env, POSTERN_MIGRATION_DATABASE_URL: owner, POSTERN_DATABASE_URL: db.facts.app, POSTERN_KEYS__MASTER: masterKey };
  for (const round of [1, 2, 3]) {
    const claimed = await app.query({ name: 'claims', text: 'select * from claim_messages_batch($1, $1, 0::smallint, 1, 1, 30, 30, 10, true)', values: [null] });
    const verified = await app.query({ name: 'asks', text: 'select item, verified from challenges_verified_batch($1, $2)', values: [[], []] });
    assert.deepEqual([claimed.rows, verified.rows], [[], []], `round ${round}`);
    const { rows } = await app.query('select name from pg_prepared_statements order by 1');
    assert.deepEqual(rows, [{ name: 'asks' }, { name: 'claims' }], 'the same ones in each round');
    const migrated = spawnSync(PROGRAM, ['migrate'], { env, cwd: '/', encoding: 'utf8', timeout: PATIENCE });
    assert.equal(migrated.status, 0, migrated.stderr);
  }
});

const DROPPED = 'drop function challenges_verified_batch';
const instead = (more, columns) => `${DROPPED};
  create function challenges_verified_batch(p_tenants uuid[], p_challenges uuid[]${more}) returns table (item integer, verified boolean${columns})
      language plpgsql as $$ begin return; end $$;
  grant execute on function challenges_verified_batch to postern_app`;

/** What the version before would stumble over, and what must be said of it. */
const BREACHES = [
  ['alter table message drop column language', 'message.language is gone'],
  ['alter table message rename column language to tongue', 'message.language is gone'],
  ['drop table message_opt_out cascade', 'message_opt_out.told_by is gone'],
  ['alter table message_opt_out rename to unwanted', 'message_opt_out.told_by is gone'],
  ['alter table message_opt_out alter column told_by type varchar(10)', 'message_opt_out.told_by was text'],
  ['alter table tenant_user alter column display_name set not null', 'tenant_user.display_name must be there now'],
  ['alter table tenant_user add column shoe text not null', 'tenant_user.shoe must be there now'],
  ['alter table message alter column timeline drop default', 'message.timeline must be there now'],
  ['alter table tenant_user add check (length(display_name) < 10)', 'tenant_user is held to more: CHECK'],
  ['create unique index on tenant_user (tenant_id, display_name)', 'tenant_user is held to more: unique'],
  ['create unique index on tenant_user (tenant_id, lower(display_name))', 'tenant_user is held to more: unique'],
  [`create function refuse() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger no_more before insert on tenant_user for each row execute function refuse()`, 'tenant_user is held to more: CREATE TRIGGER'],
  ['revoke update on message from postern_app', 'no more: postern_app may update message.status'],
  ['revoke select (names) on identity_provider from postern_cross', 'no more: postern_cross may select identity_provider.names'],
  ['revoke execute on function challenges_verified_batch from postern_app', 'public.challenges_verified_batch('],
  [DROPPED, 'public.challenges_verified_batch('],
  [instead(', p_more text', ''), 'public.challenges_verified_batch('],
  [instead('', ', given_at timestamptz'), 'public.challenges_verified_batch('],
];

test('whatever would be missed is found by name', async () => {
  const known = await stateOf(superuser);
  for (const [breach, sentence] of BREACHES) {
    const found = await inVain(async () => (await superuser(breach), missed(known, await stateOf(superuser))));
    assert.ok(found.some((one) => one.startsWith(sentence)), `${breach}: ${found.join('; ')}`);
  }
});

test('what is only added is missed by nobody', async () => {
  const known = await stateOf(superuser);
  for (const harmless of [
    'alter table tenant_user add column shoe text',
    'alter table tenant_user add column shoes integer not null default 2 check (shoes >= 0)',
    'alter table tenant_user add column left_shoe uuid; create unique index on tenant_user (tenant_id, left_shoe)',
    'create index on tenant_user (tenant_id, display_name)',
    'create table shoe (tenant_id uuid not null, size integer not null, unique (tenant_id, size))',
    'alter table tenant_user alter column external_id drop not null',
    'create function shoes(p_tenant uuid) returns integer language sql return 2',
    instead(', p_more text default null', ''),
  ]) {
    assert.deepEqual(await inVain(async () => (await superuser(harmless), missed(known, await stateOf(superuser)))), [], harmless);
  }
});

/** The last one: nothing of the database is as it was afterwards. */
test('each migration leaves what the version before it reads and writes', async () => {
  await superuser('drop schema public cascade; drop schema postern_cross cascade; create schema public');
  await superuser(read('infra/bootstrap.sql'));
  await superuser(read('infra/bootstrap_database.sql').replaceAll(':database', db.name));
  const migrations = readdirSync(join(ROOT, 'migrations')).filter((file) => /^\d+_.*\.sql$/.test(file)).toSorted();
  assert.ok(Number.parseInt(migrations.at(-1), 10) > FROM, 'there is something to look at');
  let known;
  for (const file of migrations) {
    const number = Number.parseInt(file, 10);
    await db.query(`begin;\n${read(join('migrations', file))}\n;commit`);
    if (number < FROM) continue;
    const now = await stateOf(superuser);
    const found = known ? missed(known, now) : [];
    const lookedAt = Object.keys(LOOKED_AT[number] ?? {});
    assert.deepEqual(found.filter((one) => !lookedAt.some((begin) => one.startsWith(begin))), [], file);
    for (const begin of known ? lookedAt : []) assert.ok(found.some((one) => one.startsWith(begin)), `${file}: ${begin} is not found any more`);
    known = now;
  }
});
