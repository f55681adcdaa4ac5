-- The outbox's far end. A worker claims and settles for several tenants in one round trip, because
-- most tenants have one message at a time and a round trip each would be the whole cost.
--
-- QUEUED -> SENDING is committed before the provider's first byte. A SENDING row that can be claimed
-- again is one whose worker died or never heard an answer: it is in doubt, and comes back marked so.

-- The partition of a UUIDv7.
create or replace function month_of(p_id uuid) returns date
    language sql immutable parallel safe set search_path = pg_catalog
    return date_trunc('month', to_timestamp(
        ('x' || lpad(left(replace(p_id::text, '-', ''), 12), 16, '0'))::bit(64)::bigint / 1000.0) at time zone 'UTC')::date;

create or replace function message_event(p_at timestamptz, p_status text, p_detail text) returns jsonb
    language sql stable parallel safe set search_path = pg_catalog
    return jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('at', p_at, 'status', p_status, 'detail', p_detail)));

-- Nobody waits for these any longer. What no provider was ever given is CANCELED; what was refused
-- until now, or may or may not have gone out, is FAILED.
create or replace function expire_messages(p_tenant uuid, p_now timestamptz) returns void
    language plpgsql set search_path = pg_catalog, public as $$
declare
    v record;
    v_failure text;
begin
    for v in
        select m.month, m.message_id, m.status, m.attempts, m.failure
          from message m
         where m.tenant_id = p_tenant and m.status in ('QUEUED', 'SENDING')
           and m.expires_at <= p_now and m.claimable_at <= clock_timestamp()
         limit 200
           for no key update skip locked
    loop
        v_failure := case when v.status = 'SENDING' then 'It expired before it was known whether it had gone out.'
                          when v.attempts > 0 then coalesce(v.failure, 'It expired before a provider took it.')
                          else 'It expired before it could be sent.' end;
        update message m
           set status = case when v.attempts = 0 then 'CANCELED' else 'FAILED' end, failure = v_failure,
               timeline = m.timeline || message_event(p_now, case when v.attempts = 0 then 'CANCELED' else 'FAILED' end, v_failure)
         where m.tenant_id = p_tenant and m.month = v.month and m.message_id = v.message_id;
        if v.attempts > 0 then
            perform add_event(p_tenant, 'MESSAGE_FAILED', jsonb_build_object('message_id', v.message_id));
        end if;
    end loop;
end $$;

-- Claims up to p_limit messages of one tenant with all that their texts need.
create or replace function claim_messages(
    p_tenant uuid, p_lane text, p_first_priority smallint, p_last_priority smallint, p_limit integer, p_lease integer)
    returns table (
    tenant_id uuid, month date, message_id uuid, attempt smallint, in_doubt boolean, doubts smallint,
    now timestamptz, created_at timestamptz, expires_at timestamptz, channel text, purpose text, template text,
    language text, params jsonb, secret_sealed bytea,
    destination_sealed bytea, factor_id uuid, factor_sealed bytea, user_id uuid, user_name text, user_email_sealed bytea,
    environment text, tenant_name text, tenant_language text, time_zone text, branding jsonb,
    challenge_id uuid, code_key_id smallint, digits smallint, code_purpose text)
    language plpgsql set search_path = pg_catalog, public as $$
#variable_conflict use_column
declare
    t tenant%rowtype;
    v_now timestamptz;
begin
    select * into t from tenant x where x.tenant_id = p_tenant;
    v_now := clock_timestamp() + make_interval(secs => t.clock_offset_seconds);
    if p_lane = 'MAIL' and t.environment = 'SANDBOX' then
        return;
    end if;
    return query
    with due as (
        select m.month, m.message_id, m.status
          from message m
         where m.tenant_id = p_tenant and m.status in ('QUEUED', 'SENDING')
           and m.priority between p_first_priority and p_last_priority
           and m.claimable_at <= clock_timestamp()
           and (m.expires_at is null or m.expires_at > v_now)
           and (p_lane = 'ALL' or t.environment = 'SANDBOX' or (p_lane = 'MAIL') = (m.channel = 'EMAIL'))
         order by m.priority, m.message_id
         limit p_limit
           for no key update skip locked
    ), claimed as (
        update message m
           set status = 'SENDING', attempts = m.attempts + 1, claimable_at = clock_timestamp() + make_interval(secs => p_lease),
               doubts = m.doubts + (due.status = 'SENDING')::integer,
               timeline = m.timeline || message_event(v_now, 'SENDING',
                   case when due.status = 'SENDING' then 'Whether the last attempt went out is not known.' end)
          from due
         where m.tenant_id = p_tenant and m.month = due.month and m.message_id = due.message_id
        returning m.*, due.status = 'SENDING' as in_doubt
    )
    select c.tenant_id, c.month, c.message_id, c.attempts, c.in_doubt, c.doubts,
           v_now, c.created_at, c.expires_at, c.channel, c.purpose, c.template,
           c.language, c.params, c.secret_sealed,
           c.destination_sealed, c.factor_id, f.secret_sealed, c.user_id, u.display_name, u.email_sealed,
           t.environment, t.name, t.language, t.time_zone, t.branding,
           c.challenge_id, h.code_key_id, h.digits, h.purpose
      from claimed c
      left join tenant_user u on u.tenant_id = p_tenant and u.user_id = c.user_id
      left join factor f on f.tenant_id = p_tenant and f.factor_id = c.factor_id
      left join challenge h on h.tenant_id = p_tenant and h.month = month_of(c.challenge_id) and h.challenge_id = c.challenge_id
     order by c.priority, c.message_id;
end $$;

-- Codes of all these tenants go before anything else of any; within that each tenant gets its share.
-- A lane is the queue before one provider: MAIL is mail of LIVE tenants, REST all but that, ALL both.
create or replace function claim_messages_batch(p_tenants uuid[], p_lane text, p_codes integer, p_others integer, p_lease integer)
    returns table (
    tenant_id uuid, month date, message_id uuid, attempt smallint, in_doubt boolean, doubts smallint,
    now timestamptz, created_at timestamptz, expires_at timestamptz, channel text, purpose text, template text,
    language text, params jsonb, secret_sealed bytea,
    destination_sealed bytea, factor_id uuid, factor_sealed bytea, user_id uuid, user_name text, user_email_sealed bytea,
    environment text, tenant_name text, tenant_language text, time_zone text, branding jsonb,
    challenge_id uuid, code_key_id smallint, digits smallint, code_purpose text)
    language plpgsql set search_path = pg_catalog, public as $$
begin
    for i in 1 .. cardinality(p_tenants) loop
        perform set_config('postern.tenant_id', p_tenants[i]::text, true);
        perform expire_messages(p_tenants[i], tenant_now(p_tenants[i]));
        return query select * from claim_messages(p_tenants[i], p_lane, 0::smallint, 0::smallint, p_codes, p_lease);
    end loop;
    if p_others > 0 then
        for i in 1 .. cardinality(p_tenants) loop
            perform set_config('postern.tenant_id', p_tenants[i]::text, true);
            return query select * from claim_messages(p_tenants[i], p_lane, 1::smallint, 32767::smallint, p_others, p_lease);
        end loop;
    end if;
    perform set_config('postern.tenant_id', '', true);
end $$;

-- What became of one attempt. False where the lease was lost to another worker, whose answer counts:
-- an attempt can be settled once, by its number.
create or replace function settle_message(
    p_tenant uuid, p_month date, p_message uuid, p_attempt smallint, p_status text, p_doubt boolean, p_retry_seconds integer,
    p_provider text, p_provider_ref text, p_detail text, p_body text)
    returns boolean
    language plpgsql set search_path = pg_catalog, public as $$
declare
    v_now timestamptz;
    v_environment text;
begin
    select clock_timestamp() + make_interval(secs => t.clock_offset_seconds), t.environment into v_now, v_environment
      from tenant t where t.tenant_id = p_tenant;
    update message m
       set status = p_status, provider = p_provider, provider_ref = coalesce(p_provider_ref, m.provider_ref),
           doubts = m.doubts + p_doubt::integer,
           failure = case when p_status in ('QUEUED', 'FAILED') then p_detail end,
           delivered_at = case when p_status = 'DELIVERED' then v_now end,
           claimable_at = case when p_status = 'QUEUED' then clock_timestamp() + make_interval(secs => p_retry_seconds) else m.claimable_at end,
           -- Whatever a worker hands in: what a LIVE tenant's users are sent is never kept.
           sandbox_body = case when v_environment = 'SANDBOX' then p_body end,
           timeline = m.timeline || message_event(v_now, p_status, p_detail)
     where m.tenant_id = p_tenant and m.month = p_month and m.message_id = p_message
       and m.status = 'SENDING' and m.attempts = p_attempt;
    if not found then
        return false;
    end if;
    if p_status = 'FAILED' then
        perform add_event(p_tenant, 'MESSAGE_FAILED', jsonb_build_object('message_id', p_message));
    end if;
    return true;
end $$;

-- Items are sorted by the caller, so that two workers never wait for each other in a circle.
create or replace function settle_messages_batch(
    p_tenants uuid[], p_months date[], p_messages uuid[], p_attempts smallint[], p_statuses text[], p_doubts boolean[],
    p_retry_seconds integer[], p_providers text[], p_provider_refs text[], p_details text[], p_bodies text[])
    returns table (item integer, settled boolean)
    language plpgsql set search_path = pg_catalog, public as $$
begin
    for i in 1 .. cardinality(p_tenants) loop
        perform set_config('postern.tenant_id', p_tenants[i]::text, true);
        item := i;
        settled := settle_message(p_tenants[i], p_months[i], p_messages[i], p_attempts[i], p_statuses[i], p_doubts[i],
            p_retry_seconds[i], p_providers[i], p_provider_refs[i], p_details[i], p_bodies[i]);
        return next;
    end loop;
    perform set_config('postern.tenant_id', '', true);
end $$;
