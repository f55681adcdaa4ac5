/** The map of personal data in docs/privacy.md, compared with the database that migrations make. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { read } from './support/chart.mjs';
import { database } from './support/database.mjs';

/** Columns that sound like a person's. */
const PERSONAL =
  /^email|^display_name|external_id|ip_address|_from$|user_agent|latitude|longitude|city$|_sealed$|^sealed$|_index$|^note$|reason$|^body$|sandbox_body|detail|^actor$|_by$|seen$|last_.*_at$|phc$|hash$|digest$|^facts$|signals|profile|payload|params/;
/** Those that sound so and are not: what they are instead. */
const NOT_PERSONAL = {
  'api_key.digest': 'of a key', 'api_key.last_used_at': 'of a key', 'partner_api_key.digest': 'of a key', 'partner_api_key.last_used_at': 'of a key',
  'audit_entry.hash': 'of the chain', 'audit_chain.hash': 'of the chain', 'tenant.logo_digest': 'of a picture', 'crypto_key.sealed': 'a key', 'signing_key.sealed': 'a key', 'tenant_data_key.sealed': 'a key',
  'tenant_provider.account_sealed': "a firm's account", 'webhook_endpoint.secret_sealed': "a firm's secret", 'identity_provider.client_secret_sealed': "a firm's secret",
  'webhook_endpoint.previous_secret_sealed': "a firm's secret", 'webhook_endpoint.last_delivery_at': "an endpoint's",
  'webhook_delivery.last_attempt_at': "an endpoint's", 'login.completed_by': 'a factor', 'message_opt_out.told_by': 'a provider',
  'challenge.email_sent_at': 'a time', 'challenge.email_sends': 'a number',
  'price_list.in_force_from': 'a date', 'signing_key.signs_from': 'a date',
  'crypto_key.makes_from': 'a date', 'tenant_data_key.seals_from': 'a date', 'tenant_admin.sessions_from': 'a date', 'webhook_delivery.retries_from': 'a number',
};

const paper = read('docs/privacy.md');
const map = new Map(
  [...paper.matchAll(/^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$/gm)].map(([, table, columns]) => [table, [...columns.matchAll(/`(\w+)`/g)].map(([, name]) => name)]),
);
const without = [.../^Nothing of a person is in:([\s\S]*?)\.\n/m.exec(paper)[1].matchAll(/`(\w+)`/g)].map(([, name]) => name);

let db;
let columns;
before(async () => {
  db = await database();
  const rows = await db.query(`
    select c.relname as table, a.attname as column from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and a.attnum > 0 and not a.attisdropped and c.relname <> '_sqlx_migrations'`);
  columns = rows.reduce((all, row) => all.set(row.table, [...(all.get(row.table) ?? []), row]), new Map());
});
after(() => db?.end());

test('each table is on the map, or said to hold nothing of a person; none is both', () => {
  assert.deepEqual([...map.keys(), ...without].toSorted(), [...columns.keys()].toSorted());
});

test('each column on the map is there', () => {
  for (const [table, named] of map) {
    const there = columns.get(table)?.map(({ column }) => column) ?? [];
    for (const column of named) assert.ok(there.includes(column), `${table}.${column}`);
  }
});

test('each column that sounds like a person is on the map', () => {
  const all = [...columns.values()].flat();
  assert.ok(all.length > 300, 'the catalog was read');
  for (const { table, column } of all.filter(({ column }) => PERSONAL.test(column))) {
    assert.ok(map.get(table)?.includes(column) || NOT_PERSONAL[`${table}.${column}`], `${table}.${column} is not in docs/privacy.md`);
  }
});

test('what is excepted is there, and would be asked about', () => {
  for (const name of Object.keys(NOT_PERSONAL)) {
    const [table, column] = name.split('.');
    assert.ok(columns.get(table).some((row) => row.column === column) && PERSONAL.test(column), name);
  }
});
