-- Once, as the tables' owner (migration_database_url), on a database that was restored to an earlier moment,
-- before anything serves from it: docs/runbooks/backup-restore.md. What was open at that moment may have been
-- used since, of which this database knows nothing. So it ends: codes, links, prompts, requests, sessions,
-- invitations, devices, backup codes; messages that wait may have gone out, and are not sent again. Nothing that was
-- decided, charged or enrolled is touched. Running it twice does no harm.

begin;

do $$
declare
    v_tenant uuid;
    v_tenants uuid[];
    v_now timestamptz;
    -- A code of an app that was used lately must not be accepted a second time.
    v_step bigint := floor(extract(epoch from clock_timestamp()) / 30)::bigint + 1;
    v_ended jsonb;
begin
    -- Who there is may be asked by this role alone.
    set local role postern_cross;
    v_tenants := array(select postern_cross.list_tenants(null, 2147483647));
    reset role;

    foreach v_tenant in array v_tenants loop
        perform set_config('postern.tenant_id', v_tenant::text, true);
        v_now := tenant_now(v_tenant);
        with logins as (
            update login x set expires_at = v_now
             where x.tenant_id = v_tenant and x.completed_at is null and x.expires_at > v_now returning 1
        ), challenges as (
            update challenge x set expires_at = v_now where x.tenant_id = v_tenant and x.expires_at > v_now returning 1
        ), begun as (
            update factor x set expires_at = v_now
             where x.tenant_id = v_tenant and x.status = 'PENDING' and x.expires_at > v_now returning 1
        ), apps as (
            update factor x set last_step = greatest(x.last_step, v_step)
             where x.tenant_id = v_tenant and x.kind = 'TOTP' and x.status in ('ACTIVE', 'DISABLED') returning 1
        ), backup as (
            -- Which of them were used is not known; their users make new ones.
            update backup_code x set used_at = v_now where x.tenant_id = v_tenant and x.used_at is null returning 1
        ), codes as (
            update temporary_access_code x set revoked_at = v_now
             where x.tenant_id = v_tenant and x.used_at is null and x.revoked_at is null returning 1
        ), requests as (
            update temporary_access_request x set expires_at = v_now
             where x.tenant_id = v_tenant and x.status = 'OPEN' and x.expires_at > v_now returning 1
        ), links as (
            update one_time_link x set revoked_at = v_now
             where x.tenant_id = v_tenant and x.consumed_at is null and x.revoked_at is null returning 1
        ), prompts as (
            delete from prompt_session x where x.tenant_id = v_tenant returning 1
        ), devices as (
            delete from trusted_device x where x.tenant_id = v_tenant returning 1
        ), sessions as (
            delete from console_session x where x.tenant_id = v_tenant returning 1
        ), invitations as (
            delete from account_invitation x where x.tenant_id = v_tenant returning 1
        ), recoveries as (
            delete from account_recovery x where x.tenant_id = v_tenant returning 1
        ), companies as (
            delete from identity_flow x where x.tenant_id = v_tenant returning 1
        ), messages as (
            update message x set status = 'CANCELED', leased_until = null,
                   failure = 'The database was restored; this may have been sent before.'
             where x.tenant_id = v_tenant and x.status in ('QUEUED', 'SENDING') returning 1
        )
        select jsonb_build_object(
            'logins', (select count(*) from logins), 'challenges', (select count(*) from challenges),
            'begun_factors', (select count(*) from begun), 'apps', (select count(*) from apps),
            'backup_codes', (select count(*) from backup),
            'temporary_access_codes', (select count(*) from codes), 'requests', (select count(*) from requests),
            'links', (select count(*) from links), 'prompts', (select count(*) from prompts),
            'devices', (select count(*) from devices), 'sessions', (select count(*) from sessions),
            'invitations', (select count(*) from invitations), 'recoveries', (select count(*) from recoveries),
            'company_sign_ins', (select count(*) from companies), 'messages', (select count(*) from messages))
          into v_ended;
        -- Totals of a day go to Stripe under their revision. Those of the lost time were taken under revisions that
        -- would come again, and be dropped there as known: so the count begins beyond them, and what the books know
        -- now is told, nothing included.
        insert into stripe_usage as x (tenant_id, day, channel, country_group, revision)
        select v_tenant, d::date, line.channel, line.country_group, 1000000
          from (select distinct channel, country_group from stripe_usage where tenant_id = v_tenant) line,
               (select min(period) as since from stripe_period where tenant_id = v_tenant and closed_at is null) open,
               generate_series(open.since, (clock_timestamp() at time zone 'utc')::date, interval '1 day') d
         where line.channel <> 'PLAN'
            on conflict (tenant_id, day, channel, country_group) do update
           set revision = x.revision + 1000000, taken = null;
        perform release_reservations(v_tenant);
        perform add_audit(v_tenant, 'system', 'database.restored', null, v_ended, null);
    end loop;
    perform set_config('postern.tenant_id', '', true);
end $$;

commit;
