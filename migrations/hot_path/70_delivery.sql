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

-- Claims up to p_limit messages of one tenant with all that their texts need. Those among them for
-- which nobody waits any longer are ended instead: what no provider was ever given is CANCELED; what
-- was refused until now, or may or may not have gone out, is FAILED.
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
    v_first date := this_month() - interval '2 months';
    -- A gateway's clock may be ahead at the turn of the month.
    v_last date := this_month() + interval '1 month';
begin
    select * into t from tenant x where x.tenant_id = p_tenant;
    v_now := clock_timestamp() + make_interval(secs => t.clock_offset_seconds);
    if p_lane = 'MAIL' and t.environment = 'SANDBOX' then
        return;
    end if;
    return query
    with due as (
        select m.month, m.message_id, m.status = 'SENDING' as in_doubt,
               case when m.expires_at is null or m.expires_at > v_now then 'SENDING'
                    when m.attempts = 0 then 'CANCELED' else 'FAILED' end as becomes,
               case when m.expires_at is null or m.expires_at > v_now then
                        case when m.status = 'SENDING' then 'Whether the last attempt went out is not known.' end
                    when m.status = 'SENDING' then 'It expired before it was known whether it had gone out.'
                    when m.attempts = 0 then 'It expired before it could be sent.'
                    else coalesce(m.failure, 'It expired before a provider took it.') end as detail
          from message m
         where m.tenant_id = p_tenant and m.status in ('QUEUED', 'SENDING')
           -- Nothing waits for two months; the other partitions need not even be opened.
           and m.month between v_first and v_last
           and m.priority between p_first_priority and p_last_priority
           and m.claimable_at <= clock_timestamp()
           and (p_lane = 'ALL' or t.environment = 'SANDBOX' or (p_lane = 'MAIL') = (m.channel = 'EMAIL'))
         order by m.priority, m.message_id
         limit p_limit
           for no key update skip locked
    ), taken as (
        update message m
           set status = due.becomes,
               attempts = m.attempts + (due.becomes = 'SENDING')::integer,
               doubts = m.doubts + due.in_doubt::integer,
               claimable_at = clock_timestamp() + make_interval(secs => p_lease),
               failure = case when due.becomes = 'SENDING' then m.failure else due.detail end,
               timeline = m.timeline || message_event(v_now, due.becomes, due.detail)
          from due
         where m.tenant_id = p_tenant and m.month = due.month and m.message_id = due.message_id
        returning m.*, due.in_doubt
    ), told as (
        -- As add_event does, which cannot be called for a set.
        insert into outbox_event (tenant_id, month, event_id, kind, payload, created_at)
        select p_tenant, this_month(), uuid_v7(), 'MESSAGE_FAILED', jsonb_build_object('message_id', x.message_id), clock_timestamp()
          from taken x where x.status = 'FAILED'
    )
    select c.tenant_id, c.month, c.message_id, c.attempts, c.in_doubt, c.doubts,
           v_now, c.created_at, c.expires_at, c.channel, c.purpose, c.template,
           c.language, c.params, c.secret_sealed,
           c.destination_sealed, c.factor_id, f.secret_sealed, c.user_id, u.display_name, u.email_sealed,
           t.environment, t.name, t.language, t.time_zone, t.branding,
           c.challenge_id, h.code_key_id, h.digits, h.purpose
      from taken c
      left join tenant_user u on u.tenant_id = p_tenant and u.user_id = c.user_id
      left join factor f on f.tenant_id = p_tenant and f.factor_id = c.factor_id
      left join challenge h on h.tenant_id = p_tenant and h.month = month_of(c.challenge_id)
                            and h.month between v_first and v_last and h.challenge_id = c.challenge_id
     where c.status = 'SENDING'
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
    language plpgsql set search_path = pg_catalog, public
    -- Planning would cost many times what running does.
    set plan_cache_mode = force_generic_plan as $$
begin
    for i in 1 .. cardinality(p_tenants) loop
        perform set_config('postern.tenant_id', p_tenants[i]::text, true);
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

-- What became of attempts. False where the lease was lost to another worker, whose answer counts: an
-- attempt can be settled once, by its number.
create or replace function settle_messages(
    p_tenant uuid, p_months date[], p_messages uuid[], p_attempts smallint[], p_statuses text[], p_doubts boolean[],
    p_retry_seconds integer[], p_providers text[], p_provider_refs text[], p_details text[], p_bodies text[])
    returns table (item integer, settled boolean)
    language plpgsql set search_path = pg_catalog, public as $$
#variable_conflict use_column
declare
    v_now timestamptz;
    v_environment text;
begin
    select clock_timestamp() + make_interval(secs => t.clock_offset_seconds), t.environment into v_now, v_environment
      from tenant t where t.tenant_id = p_tenant;
    return query
    with given as (
        select g.* from unnest(p_months, p_messages, p_attempts, p_statuses, p_doubts, p_retry_seconds, p_providers,
                               p_provider_refs, p_details, p_bodies) with ordinality
                   as g (month, message_id, attempt, status, doubt, retry_seconds, provider, provider_ref, detail, body, item)
    ), done as (
        update message m
           set status = g.status, provider = g.provider, provider_ref = coalesce(g.provider_ref, m.provider_ref),
               doubts = m.doubts + g.doubt::integer,
               failure = case when g.status in ('QUEUED', 'FAILED') then g.detail end,
               delivered_at = case when g.status = 'DELIVERED' then v_now end,
               claimable_at = case when g.status = 'QUEUED' then clock_timestamp() + make_interval(secs => g.retry_seconds)
                                   else m.claimable_at end,
               -- Whatever a worker hands in: what a LIVE tenant's users are sent is never kept.
               sandbox_body = case when v_environment = 'SANDBOX' then g.body end,
               timeline = m.timeline || message_event(v_now, g.status, g.detail)
          from given g
         where m.tenant_id = p_tenant and m.month = g.month and m.message_id = g.message_id
           and m.status = 'SENDING' and m.attempts = g.attempt
        returning m.message_id, g.status
    ), told as (
        -- As add_event does, which cannot be called for a set.
        insert into outbox_event (tenant_id, month, event_id, kind, payload, created_at)
        select p_tenant, this_month(), uuid_v7(), 'MESSAGE_FAILED', jsonb_build_object('message_id', d.message_id), clock_timestamp()
          from done d where d.status = 'FAILED'
    )
    select g.item::integer, d.message_id is not null from given g left join done d on d.message_id = g.message_id;
end $$;

-- Items are sorted by tenant. Two workers never wait for each other here: an attempt is one worker's.
create or replace function settle_messages_batch(
    p_tenants uuid[], p_months date[], p_messages uuid[], p_attempts smallint[], p_statuses text[], p_doubts boolean[],
    p_retry_seconds integer[], p_providers text[], p_provider_refs text[], p_details text[], p_bodies text[])
    returns table (item integer, settled boolean)
    language plpgsql set search_path = pg_catalog, public
    -- Planning would cost many times what running does.
    set plan_cache_mode = force_generic_plan as $$
declare
    a integer := 1;
    z integer;
begin
    while a <= cardinality(p_tenants) loop
        z := a;
        while p_tenants[z + 1] = p_tenants[a] loop
            z := z + 1;
        end loop;
        perform set_config('postern.tenant_id', p_tenants[a]::text, true);
        return query select a - 1 + s.item, s.settled from settle_messages(
            p_tenants[a], p_months[a:z], p_messages[a:z], p_attempts[a:z], p_statuses[a:z], p_doubts[a:z],
            p_retry_seconds[a:z], p_providers[a:z], p_provider_refs[a:z], p_details[a:z], p_bodies[a:z]) s;
        a := z + 1;
    end loop;
    perform set_config('postern.tenant_id', '', true);
end $$;
