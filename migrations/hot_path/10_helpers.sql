-- Shared by the steps of the login path. Everything in this folder is SECURITY INVOKER, takes the
-- tenant first and touches that tenant alone; `postern migrate` replaces it whole at every run.
-- Locks are always taken in this order: login, user, factor, challenge.
--
-- Functions that are one expression have no SET: the planner puts them into the statement that calls
-- them, and what their body names was looked up when they were made. It does so with no function that is
-- called more constant than its body is, nor with one that reads a table; in SQL these would be read and
-- planned anew by every statement, and so they are in PL/pgSQL, which keeps plans. Batches never scan whole
-- tables, whatever the planner saw when the month was young and its partition empty.

-- A time-ordered identifier (RFC 9562 version 7) for rows that SQL makes by itself.
create or replace function uuid_v7() returns uuid
    language sql volatile parallel safe
    return encode(
        overlay(
            set_bit(set_bit(uuid_send(gen_random_uuid()), 52, 1), 53, 1)
            placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
        'hex')::uuid;

create or replace function this_month() returns date
    language plpgsql stable parallel safe as $$
begin
    return date_trunc('month', clock_timestamp() at time zone 'UTC')::date;
end $$;

-- Now, as the tenant sees it: the database's clock, plus the offset of a sandbox.
create or replace function tenant_now(p_tenant uuid) returns timestamptz
    language plpgsql volatile as $$
begin
    return (select clock_timestamp() + make_interval(secs => t.clock_offset_seconds)
              from public.tenant t where t.tenant_id = p_tenant);
end $$;

-- Tells the user on every factor that can be reached but one (null: on all), and on the address on record.
create or replace function enqueue_notices(
    p_tenant uuid, p_user uuid, p_except_factor uuid, p_notice text, p_params jsonb) returns void
    language plpgsql set search_path = pg_catalog, public as $$
begin
    insert into message (tenant_id, month, message_id, user_id, channel, purpose, priority, country, factor_id,
                         template, language, params, created_at, claimable_at, status)
    select p_tenant, this_month(), uuid_v7(), p_user,
           case when f.kind = 'EMAIL' then 'EMAIL' when f.line = 'LANDLINE' then 'VOICE' else 'SMS' end,
           'SECURITY_NOTICE', 2, f.country, f.factor_id,
           'notice.' || p_notice, coalesce(u.language, t.language), p_params,
           clock_timestamp() + make_interval(secs => t.clock_offset_seconds), clock_timestamp(), 'QUEUED'
      from factor f
      join tenant_user u on u.tenant_id = f.tenant_id and u.user_id = f.user_id
      join tenant t on t.tenant_id = f.tenant_id
     where f.tenant_id = p_tenant and f.user_id = p_user and f.status in ('ACTIVE', 'DISABLED')
       and f.kind in ('PHONE_PRIMARY', 'PHONE_RECOVERY', 'EMAIL')
       and f.factor_id is distinct from p_except_factor;
    -- The address on record, unless an e-mail factor has just been told.
    insert into message (tenant_id, month, message_id, user_id, channel, purpose, priority,
                         template, language, params, created_at, claimable_at, status)
    select p_tenant, this_month(), uuid_v7(), p_user, 'EMAIL', 'SECURITY_NOTICE', 2,
           'notice.' || p_notice, coalesce(u.language, t.language), p_params,
           clock_timestamp() + make_interval(secs => t.clock_offset_seconds), clock_timestamp(), 'QUEUED'
      from tenant_user u join tenant t on t.tenant_id = u.tenant_id
     where u.tenant_id = p_tenant and u.user_id = p_user and u.email_sealed is not null
       and not exists (select from factor f where f.tenant_id = p_tenant and f.user_id = p_user
                          and f.kind = 'EMAIL' and f.status in ('ACTIVE', 'DISABLED')
                          and (f.factor_id is distinct from p_except_factor or f.blind_index = u.email_index));
end $$;

create or replace function add_audit(
    p_tenant uuid, p_actor text, p_action text, p_target text, p_detail jsonb, p_ip inet) returns void
    language plpgsql set search_path = pg_catalog, public as $$
begin
    insert into audit_entry (tenant_id, month, entry_id, at, actor, action, target, detail, ip_address)
    values (p_tenant, this_month(), uuid_v7(), clock_timestamp(), p_actor, p_action, p_target, p_detail, p_ip);
end $$;

create or replace function add_event(p_tenant uuid, p_kind text, p_payload jsonb) returns void
    language plpgsql set search_path = pg_catalog, public as $$
begin
    insert into outbox_event (tenant_id, month, event_id, kind, payload, created_at)
    values (p_tenant, this_month(), uuid_v7(), p_kind, p_payload, clock_timestamp());
end $$;

-- Counts one compared and wrong code against the user and, where there is one, the factor: ten in
-- 15 minutes lock for 15 minutes, doubling to 24 hours; fifty in a row disable the factor.
-- False where the user turned out to be locked already: then the guess must not be answered.
create or replace function count_wrong_code(p_tenant uuid, p_now timestamptz, p_user uuid, p_factor uuid)
    returns boolean
    language plpgsql set search_path = pg_catalog, public as $$
declare
    v_recent timestamptz[];
    v_step smallint;
    v_until timestamptz;
    v_disabled boolean;
begin
    -- Kept for an hour, for the risk of the next login; what locks are those of the last 15 minutes.
    select array(select x.w from (select w from unnest(u.wrong_code_times) w where w > p_now - interval '1 hour'
                                   order by w desc limit 9) x order by x.w) || p_now,
           case when u.locked_until < p_now - interval '24 hours' then 0 else u.lock_step end
      into v_recent, v_step
      from tenant_user u
     where u.tenant_id = p_tenant and u.user_id = p_user
       and (u.locked_until is null or u.locked_until <= p_now)
       for no key update;
    if not found then
        return false;
    end if;
    if (select count(*) from unnest(v_recent) w where w > p_now - interval '15 minutes') >= 10 then
        v_until := p_now + least(interval '15 minutes' * (1 << least(v_step, 10)::integer), interval '24 hours');
        -- By the time the lock is over, none of them is of the last 15 minutes.
        update tenant_user u set wrong_code_times = v_recent, locked_until = v_until, lock_step = least(v_step + 1, 10)
         where u.tenant_id = p_tenant and u.user_id = p_user;
        update factor f set status = 'REMOVED', removed_at = p_now
         where f.tenant_id = p_tenant and f.user_id = p_user and f.status = 'PENDING' and not f.suggested;
        perform enqueue_notices(p_tenant, p_user, p_factor, 'user_locked', jsonb_build_object('until', v_until));
        perform add_audit(p_tenant, 'system', 'user.locked', p_user::text, jsonb_build_object('until', v_until), null);
        perform add_event(p_tenant, 'USER_LOCKED', jsonb_build_object('user_id', p_user, 'until', v_until));
    else
        update tenant_user u set wrong_code_times = v_recent
         where u.tenant_id = p_tenant and u.user_id = p_user;
    end if;
    if p_factor is not null then
        update factor f
           set consecutive_failures = f.consecutive_failures + 1,
               status = case when f.consecutive_failures + 1 >= 50 and f.status = 'ACTIVE' then 'DISABLED' else f.status end
         where f.tenant_id = p_tenant and f.factor_id = p_factor
         returning f.consecutive_failures = 50 and f.status = 'DISABLED' into v_disabled;
        if v_disabled then
            perform end_devices(p_tenant, p_user);
            perform enqueue_notices(p_tenant, p_user, p_factor, 'factor_disabled', '{}');
            perform add_audit(p_tenant, 'system', 'factor.disabled', p_factor::text, jsonb_build_object('user_id', p_user), null);
        end if;
    end if;
    return true;
end $$;

-- How long after the n-th send by a channel the next one waits.
create or replace function resend_wait(p_resend_after integer, p_sends integer) returns interval
    language sql immutable parallel safe
    return make_interval(secs => p_resend_after * case p_sends when 0 then 0 when 1 then 1 when 2 then 2 when 3 then 4 else 10 end);

-- When a code may next go to a destination: three in ten minutes and five in an hour, counted from
-- the last right code that any factor with this destination gave. Null: at once.
create or replace function destination_free_at(p_times timestamptz[], p_now timestamptz) returns timestamptz
    language plpgsql immutable parallel safe as $$
begin
    return nullif(greatest(
        case when cardinality(p_times) >= 3 and p_times[cardinality(p_times) - 2] > p_now - interval '10 minutes'
             then p_times[cardinality(p_times) - 2] + interval '10 minutes' else '-infinity' end,
        case when cardinality(p_times) >= 5 and p_times[cardinality(p_times) - 4] > p_now - interval '1 hour'
             then p_times[cardinality(p_times) - 4] + interval '1 hour' else '-infinity' end), '-infinity');
end $$;
