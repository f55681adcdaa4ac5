/** infra/after-restore.sql: what was open ends, in every tenant; what was done stays as it is. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { read } from './support/chart.mjs';
import { database } from './support/database.mjs';

const TENANTS = ['01900000-0000-7000-8000-0000000000a1', '01900000-0000-7000-8000-0000000000b2'];

/** A tenant with one of everything that is open, and the same that is over; `$` is the tenant. */
const SEED = `
insert into tenant (tenant_id, slug, name, environment) values ($, 'restored-' || right($::text, 2), 'Firm', 'LIVE');
insert into tenant_user (tenant_id, user_id, external_id, external_id_folded, kind, created_at) values ($, uuid_v7(), 'ann', 'ann', 'EXTERNAL', now());
insert into factor (tenant_id, factor_id, user_id, kind, status, created_at, last_step)
  select $, uuid_v7(), user_id, 'TOTP', 'ACTIVE', now(), 5 from tenant_user where tenant_id = $;
insert into factor (tenant_id, factor_id, user_id, kind, status, created_at)
  select $, uuid_v7(), user_id, 'BACKUP_CODES', 'ACTIVE', now() from tenant_user where tenant_id = $;
insert into backup_code (tenant_id, factor_id, slot, hash) select $, factor_id, 1, 'x' from factor where tenant_id = $ and kind = 'BACKUP_CODES';
insert into factor (tenant_id, factor_id, user_id, kind, status, created_at, expires_at)
  select $, uuid_v7(), user_id, 'PHONE_PRIMARY', 'PENDING', now(), now() + interval '1 hour' from tenant_user where tenant_id = $;
insert into login (tenant_id, month, login_id, user_id, purpose, first_factor, outcome, reasons, level, policy_version, ip_address, max_attempts,
                   created_at, expires_at, completed_at)
  select $, this_month(), uuid_v7(), user_id, 'SIGN_IN', 'PASSWORD', 'CHALLENGE', '{HIGH_LEVEL}', 'HIGH', 1, '192.0.2.1', 5,
         now(), now() + interval '15 minutes', done from tenant_user, (values (null::timestamptz), (now())) v(done) where tenant_id = $;
insert into challenge (tenant_id, month, challenge_id, user_id, kind, purpose, digits, created_at, expires_at, channel)
  select $, this_month(), uuid_v7(), user_id, 'CODE', 'ENROLL', 6, now(), now() + interval '5 minutes', 'SMS' from tenant_user where tenant_id = $;
insert into one_time_link (tenant_id, link_id, user_id, digest, return_url, created_at, expires_at, consumed_at)
  select $, uuid_v7(), user_id, digest::bytea, 'https://firm.example', now(), now() + interval '1 day', consumed
    from tenant_user, (values ('a', null::timestamptz), ('b', now())) v(digest, consumed) where tenant_id = $;
insert into temporary_access_code (tenant_id, code_id, user_id, digest_key_id, digest, issued_by, reason, may_change_factors, created_at, expires_at)
  select $, uuid_v7(), user_id, 1, 'x', 'y', 'z', false, now(), now() + interval '1 hour' from tenant_user where tenant_id = $;
insert into temporary_access_request (tenant_id, request_id, login_id, user_id, status, created_at, expires_at)
  select $, uuid_v7(), uuid_v7(), user_id, 'OPEN', now(), now() + interval '15 minutes' from tenant_user where tenant_id = $;
insert into trusted_device (tenant_id, device_id, user_id, digest, created_at, expires_at, last_seen_at)
  select $, uuid_v7(), user_id, 'd', now(), now() + interval '30 days', now() from tenant_user where tenant_id = $;
insert into identity_flow (tenant_id, state_digest, browser_digest, expires_at) values ($, 's', 'b', now() + interval '10 minutes');
insert into message (tenant_id, month, message_id, channel, purpose, priority, template, created_at, claimable_at, status)
  select $, this_month(), uuid_v7(), 'SMS', 'CODE', 0, 'code', now(), now(), status from (values ('QUEUED'), ('SENDING'), ('DELIVERED')) v(status);`;

const STATE = `select jsonb_build_object(
  'open_logins', (select count(*) from login where completed_at is null and expires_at > now()),
  'completed', (select count(*) from login where completed_at is not null and expires_at > now()),
  'challenges', (select count(*) from challenge where expires_at > now()),
  'pending', (select count(*) from factor where status = 'PENDING' and expires_at > now()),
  'steps_to_come', (select count(*) from factor where kind = 'TOTP' and status = 'ACTIVE' and last_step > extract(epoch from now()) / 30),
  'backup_codes', (select count(*) from backup_code where used_at is null),
  'links', (select count(*) from one_time_link where consumed_at is null and revoked_at is null),
  'consumed_links', (select count(*) from one_time_link where consumed_at is not null and revoked_at is null),
  'codes', (select count(*) from temporary_access_code where revoked_at is null),
  'requests', (select count(*) from temporary_access_request where expires_at > now()),
  'devices', (select count(*) from trusted_device),
  'company_sign_ins', (select count(*) from identity_flow),
  'waiting', (select count(*) from message where status in ('QUEUED', 'SENDING')),
  'delivered', (select count(*) from message where status = 'DELIVERED'),
  'told', (select count(*) from audit_entry where action = 'database.restored')) as state`;

let db;
const act = (tenant) => db.query("select set_config('postern.tenant_id', $1, false)", [tenant]);
const stateOf = async (tenant) => {
  await act(tenant);
  return (await db.query(STATE))[0].state;
};

before(async () => {
  db = await database();
  for (const tenant of TENANTS) {
    await act(tenant);
    await db.query(SEED.replaceAll('$', `'${tenant}'::uuid`));
  }
  await act('');
});
after(() => db?.end());

test('before it everything is open', async () => {
  const { open_logins, waiting, links, devices, company_sign_ins, steps_to_come } = await stateOf(TENANTS[0]);
  const open = { open_logins: 1, waiting: 2, links: 1, devices: 1, company_sign_ins: 1, steps_to_come: 0 };
  assert.deepEqual({ open_logins, waiting, links, devices, company_sign_ins, steps_to_come }, open);
});

test('what was open is over in every tenant, and what was done is as it was', async () => {
  await act('');
  await db.query(read('infra/after-restore.sql'));
  for (const tenant of TENANTS) {
    assert.deepEqual(await stateOf(tenant), {
      open_logins: 0, completed: 1, challenges: 0, pending: 0, steps_to_come: 1, backup_codes: 0, links: 0, consumed_links: 1, codes: 0, requests: 0,
      devices: 0, company_sign_ins: 0, waiting: 0, delivered: 1, told: 1,
    });
  }
});

test('it leaves no tenant set, and a second time ends nothing more', async () => {
  await act('');
  await db.query(read('infra/after-restore.sql'));
  assert.deepEqual(await db.query("select current_setting('postern.tenant_id', true) as tenant"), [{ tenant: '' }]);
  await act(TENANTS[0]);
  const [{ detail }] = await db.query("select detail from audit_entry where action = 'database.restored' order by entry_id desc limit 1");
  assert.deepEqual(Object.entries(detail).filter(([what, count]) => count > 0 && what !== 'apps'), []);
});

test('every table that holds something which can be used once is thought of', async () => {
  const text = read('infra/after-restore.sql');
  const once = await db.query(`
    select distinct c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
       and a.attname in ('consumed_at', 'used_at', 'redeemed_at', 'expires_at') order by 1`);
  // Backup codes and keys stay what they were (the runbook says what to do); the rest proves nothing.
  const left = ['api_key', 'backup_code', 'idempotency_key', 'partner_api_key'];
  for (const { name } of once.filter(({ name }) => !left.includes(name))) assert.ok(new RegExp(`(update|delete from) ${name} `).test(text), name);
});
