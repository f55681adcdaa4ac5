-- Spreads an installation's database over the workers of a Citus cluster, by tenant. Run by
-- distribute.sh, once, as a superuser on the coordinator, after `postern bootstrap` and `postern
-- migrate` and before the first tenant. Migrations stay plain PostgreSQL; a table that a later one adds
-- gets its line here, and is distributed by hand then.
--
-- tests/infra/citus.test.mjs runs this file on plain PostgreSQL, with functions in the place of Citus's that
-- know its rules, and fails when a table is missing here.

begin;

-- Triggers run where the row is, and touch that row alone.
set local citus.enable_unsafe_triggers = on;
set local citus.multi_shard_modify_mode = 'sequential';

-- Foreign keys are taken off first and put back last: a table cannot be distributed while one that is not
-- refers to it, and this way the order of what follows means nothing.
create temporary table foreign_key on commit drop as
select k.conrelid::regclass::text as relation, quote_ident(k.conname) as name, pg_get_constraintdef(k.oid) as definition
  from pg_constraint k
  join pg_class c on c.oid = k.conrelid
 where k.contype = 'f' and k.conparentid = 0 and not c.relispartition and c.relnamespace = 'public'::regnamespace;

do $$
declare
    k record;
begin
    for k in select * from foreign_key loop
        execute format('alter table %s drop constraint %s', k.relation, k.name);
    end loop;
end $$;

-- The same on every node: small, read by everybody, seldom written. `tenant` is one of them, since its slug
-- is unique on the platform, and so is `api_key`, since a key is looked for before its tenant is known.
select create_reference_table(t::regclass) from unnest(array[
    'api_key',
    'crypto_key',
    'partner',
    'partner_admin',
    'partner_api_key',
    'partner_template',
    'plan',
    'plan_price',
    'price',
    'price_country',
    'price_list',
    'signing_key',
    'tenant'
]) t;

-- A tenant's rows are on one node, all of them: whatever joins them stays there. What is partitioned by month
-- takes its partitions along.
select create_distributed_table('tenant_user', 'tenant_id', shard_count => 64);
select create_distributed_table(t::regclass, 'tenant_id', colocate_with => 'tenant_user') from unnest(array[
    'account',
    'account_invitation',
    'account_recovery',
    'account_reset',
    'audit_chain',
    'audit_entry',
    'audit_head',
    'backup_code',
    'billing_account',
    'challenge',
    'console_session',
    'destination_send',
    'directory_profile',
    'enrollment_reminder',
    'enrollment_reminder_run',
    'factor',
    'idempotency_key',
    'identity_flow',
    'identity_link',
    'identity_provider',
    'import_block',
    'import_job',
    'import_refusal',
    'login',
    'login_count',
    'login_counted',
    'message',
    'message_opt_out',
    'number_prefix',
    'one_time_link',
    'outbox_event',
    'password_try',
    'policy_simulation',
    'policy_simulation_user',
    'policy_version',
    'prompt_session',
    'stripe_account',
    'stripe_invoice',
    'stripe_period',
    'stripe_usage',
    'temporary_access_code',
    'temporary_access_request',
    'tenant_admin',
    'tenant_data_key',
    'tenant_ending',
    'tenant_logo',
    'tenant_provider',
    'trusted_device',
    'usage_ledger',
    'usage_rollup',
    'user_erasure',
    'webhook_delivery',
    'webhook_endpoint'
]) t;

do $$
declare
    k record;
begin
    for k in select * from foreign_key loop
        execute format('alter table %s add constraint %s %s', k.relation, k.name, k.definition);
    end loop;
end $$;

-- A function of one tenant runs whole on that tenant's node when it is called alone, by constants. That
-- it names its tenant `p_tenant` is the rule by which it is found: a new one needs no line here.
select create_distributed_function(p.oid::regprocedure, 'p_tenant', colocate_with => 'tenant_user')
  from pg_proc p
 where p.pronamespace = 'public'::regnamespace and not p.prosecdef
   and array_position(p.proargnames, 'p_tenant') <= p.pronargs
   and (p.proargtypes::oid[])[array_position(p.proargnames, 'p_tenant') - 1] = 'uuid'::regtype;

-- SET LOCAL, by which the tenant is set, goes to the nodes as well; set_config() does not, and finds no rows.
alter role postern_app set citus.propagate_set_commands = 'local';

commit;
