-- Row-level security, enabled and forced, and who may do what. Nothing here grants TRUNCATE, and
-- nothing is granted on partitions.

do $$
declare
    t text;
begin
    foreach t in array array[
        'tenant', 'tenant_data_key', 'policy_version', 'api_key', 'account', 'account_invitation', 'password_try',
        'console_session', 'tenant_admin',
        'tenant_user', 'factor', 'backup_code', 'temporary_access_code', 'temporary_access_request',
        'one_time_link', 'destination_send', 'idempotency_key',
        'login', 'challenge', 'message', 'audit_entry', 'outbox_event'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_isolation on %I using (tenant_id = %s) with check (tenant_id = %s)', t,
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid',
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid');
        execute format('grant select, insert, update, delete on %I to postern_app', t);
    end loop;
    foreach t in array array['partner', 'partner_api_key'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy partner_isolation on %I using (partner_id = %s) with check (partner_id = %s)', t,
            'nullif(current_setting(''postern.partner_id'', true), '''')::uuid',
            'nullif(current_setting(''postern.partner_id'', true), '''')::uuid');
        execute format('grant select, insert, update on %I to postern_app', t);
    end loop;
end $$;

-- Append-only.
revoke update, delete on audit_entry from postern_app;
-- A tenant and its keys are ended by the operator, not by a request.
revoke delete on tenant, tenant_data_key, policy_version, tenant_admin, login from postern_app;

-- A partner sees its own tenants.
create policy partner_reads on tenant for select
    using (partner_id = nullif(current_setting('postern.partner_id', true), '')::uuid);

-- Sealed under the master key, the same for all tenants; only `migrate` and `keys` write them.
grant select on crypto_key, signing_key to postern_app;

grant execute on function current_tenant(), current_partner(), ensure_partitions(date, integer) to postern_app;
