/**
 * infra/citus on plain PostgreSQL: the catalog keeps the rules that make it possible to distribute by tenant, and
 * distribute.sql is run on it as it stands, with functions in the place of Citus's.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { read } from './support/chart.mjs';
import { database } from './support/database.mjs';

/** As Citus names them. What they are told is written down; what Citus would refuse is refused. */
const STAND_INS = `
create table told (what text not null, name text not null, argument text, with_table text, unique (what, name));
create function create_reference_table(t regclass) returns void language sql as
  $$ insert into told values ('reference', t::text) $$;
create function create_distributed_table(t regclass, c text, colocate_with text default null, shard_count integer default null)
  returns void language plpgsql as $$
  begin
    if exists (select from pg_index i where i.indrelid = t and i.indisunique
                  and not (select attnum from pg_attribute where attrelid = t and attname = c) = any (i.indkey::smallint[])) then
      raise exception 'a unique index of % does not hold %', t, c;
    end if;
    insert into told values ('distributed', t::text, c, colocate_with);
  end $$;
create function create_distributed_function(f regprocedure, a text, colocate_with text) returns void language sql as
  $$ insert into told values ('function', f::text, a, colocate_with) $$;`;

const TABLES = `
  select c.oid::regclass::text as name,
         exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id') as owned
    from pg_class c
   where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
     and c.relname not in ('told', '_sqlx_migrations')`;

const FOREIGN_KEYS = `
  select k.conname as name, k.conrelid::regclass::text as from_table, k.confrelid::regclass::text as to_table,
         pg_get_constraintdef(k.oid) as definition,
         (select attname from pg_attribute where attrelid = k.conrelid and attnum = k.conkey[1]) as first
    from pg_constraint k join pg_class c on c.oid = k.conrelid
   where k.contype = 'f' and k.conparentid = 0 and not c.relispartition and c.relnamespace = 'public'::regnamespace
   order by 1, 2`;

/** Looked for before their tenant is known, or unique on the whole platform. */
const SAME_EVERYWHERE = ['api_key', 'tenant'];

let db;
let tables;
let keysBefore;
let told;
const named = (what) => told.filter((line) => line.what === what).map((line) => line.name);

before(async () => {
  db = await database();
  tables = await db.query(TABLES);
  keysBefore = await db.query(FOREIGN_KEYS);
  await db.query(STAND_INS);
  await db.query(read('infra/citus/distribute.sql').replace(/^alter role .*$/m, ''));
  told = await db.query('select * from told order by what, name');
});
after(() => db?.end());

test('each table of tenants is distributed, each other is the same everywhere, once', () => {
  const owned = tables.filter(({ name, owned }) => owned && !SAME_EVERYWHERE.includes(name)).map(({ name }) => name);
  assert.ok(owned.length > 40, 'the catalog was read');
  assert.deepEqual(named('distributed').toSorted(), owned.toSorted());
  const others = tables.map(({ name }) => name).filter((name) => !owned.includes(name));
  assert.deepEqual(named('reference').toSorted(), others.toSorted());
});

test('all of a tenant is on one node', () => {
  for (const { name, argument, with_table: beside } of told.filter(({ what }) => what === 'distributed')) {
    assert.equal(argument, 'tenant_id', name);
    assert.equal(beside, name === 'tenant_user' ? null : 'tenant_user', name);
  }
});

test('no unique key and no primary key of a tenant is without the tenant, nor any table without a primary key', async () => {
  const keys = await db.query(`
    select i.indrelid::regclass::text as name, i.indisprimary as primary,
           (select attname from pg_attribute a where a.attrelid = i.indrelid and a.attnum = i.indkey[0]) as first
      from pg_index i where i.indisunique`);
  const distributed = named('distributed');
  for (const { name, first } of keys.filter(({ name }) => distributed.includes(name))) assert.equal(first, 'tenant_id', name);
  for (const name of distributed) assert.ok(keys.some((key) => key.name === name && key.primary), name);
});

test('foreign keys stay within the tenant, or lead to what is the same everywhere', () => {
  const distributed = named('distributed');
  assert.ok(keysBefore.length > 30, 'the catalog was read');
  for (const { name, from_table: from, to_table: to, first } of keysBefore) {
    if (distributed.includes(from)) assert.equal(first, 'tenant_id', name);
    else assert.ok(!distributed.includes(to), `${name}: Citus refuses a reference table that refers to a distributed one`);
  }
});

test('foreign keys are back to the letter, and the file leaves nothing else behind', async () => {
  assert.deepEqual(await db.query(FOREIGN_KEYS), keysBefore);
  assert.deepEqual(await db.query("select relname from pg_class where relname = 'foreign_key'"), []);
});

test('functions of one tenant are distributed by it, and no others', async () => {
  const expected = await db.query(`
    select p.oid::regprocedure::text as name from pg_proc p
     where p.pronamespace = 'public'::regnamespace and not p.prosecdef
       and pg_get_function_arguments(p.oid) ~ '(^|, )p_tenant uuid(,|$)'`);
  assert.deepEqual(named('function').toSorted(), expected.map(({ name }) => name).toSorted());
  for (const step of ['hot_verify(', 'hot_start_challenge(', 'hot_record_login(']) {
    assert.ok(named('function').some((name) => name.startsWith(step)), step);
  }
});

test('no foreign key and no unique key is added without being noticed: a table that breaks the rule is refused', async () => {
  await db.query('create table broken (tenant_id uuid, id uuid primary key)');
  await assert.rejects(db.query("select create_distributed_table('broken', 'tenant_id')"), /does not hold tenant_id/);
  await db.query('drop table broken');
});

test('nothing reads a view or a materialised view, which row-level security does not bind on the nodes', async () => {
  const views = await db.query("select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')");
  assert.deepEqual(views, []);
});

test('check.sql judges the tables that are not distributed as distribute.sql does', () => {
  const left = /c\.relname not in \(([^)]+)\)/.exec(read('infra/citus/check.sql'))[1];
  assert.deepEqual(left.match(/\w+/g).toSorted(), SAME_EVERYWHERE);
});
