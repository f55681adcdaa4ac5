-- The outbox's far end. A worker claims and settles for several tenants in one round trip, because
-- most tenants have one message at a time and a round trip each would be the whole cost.
--
-- QUEUED -> SENDING is committed before the provider's first byte. From there a status only moves
-- forward: a message that is tried again stays SENDING. One whose last attempt has no answer on
-- record when it can be claimed again is in doubt (its worker died), and comes back marked so.

-- The partition of a UUIDv7.
create or replace function month_of(p_id uuid) returns date
    language sql immutable parallel safe
    return date_trunc('month', to_timestamp(
        ('x' || lpad(left(replace(p_id::text, '-', ''), 12), 16, '0'))::bit(64)::bigint / 1000.0) at time zone 'UTC')::date;

create or replace function message_event(p_at timestamptz, p_status text, p_detail text) returns jsonb
    language sql stable parallel safe
    return jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('at', p_at, 'status', p_status, 'detail', p_detail)));

-- How far a status is. Reports come in any order and many times; each counts only where it tells
-- more than is known. That a message arrived is the last word, also after it was given up.
create or replace function message_rank(p_status text) returns integer
    language sql immutable parallel safe set search_path = pg_catalog
    return array_position(array['QUEUED', 'SENDING', 'ACCEPTED', 'FAILED', 'DELIVERED'], p_status);

-- Whether this number asked for no more texts. A provider forgets that when the number answers START,
-- and does not tell us: so once a day it is asked again, which costs nothing.
create or replace function opted_out(p_tenant uuid, p_factor uuid) returns boolean
    language sql stable set search_path = pg_catalog, public
    return exists (select from public.factor f
                     join public.message_opt_out o on o.tenant_id = f.tenant_id and o.destination_index = f.blind_index
                    where f.tenant_id = p_tenant and f.factor_id = p_factor
                      and o.told_at > clock_timestamp() - interval '1 day');

-- Claims up to p_limit messages of one tenant with all that their texts need: of a SANDBOX tenant all,
-- where p_sandbox says so, of a LIVE one those of p_channels. Those among them that must not be sent
-- are ended instead: what no provider was ever given is CANCELED; what was refused until now, or may
-- or may not have gone out, is FAILED.
create or replace function claim_messages(
    p_tenant uuid, p_sandbox boolean, p_channels text[], p_first_priority smallint, p_last_priority smallint,
    p_limit integer, p_lease integer)
    returns table (
    tenant_id uuid, month date, message_id uuid, attempt smallint, in_doubt boolean, doubts smallint,
    doubted_provider text, doubted_since timestamptz,
    now timestamptz, created_at timestamptz, expires_at timestamptz, channel text, purpose text, country text, template text,
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
    if t.environment = 'SANDBOX' and not p_sandbox then
        return;
    end if;
    return query
    with due as (
        select m.month, m.message_id, m.attempts, m.failure, m.provider as doubted_provider, m.attempted_at as doubted_since,
               m.status = 'SENDING' and m.attempts > m.answered as in_doubt,
               m.expires_at is null or m.expires_at > v_now as in_time,
               m.channel = 'SMS' and opted_out(p_tenant, m.factor_id) as unwanted
          from message m
         where m.tenant_id = p_tenant and m.status in ('QUEUED', 'SENDING')
           -- Nothing waits for two months; the other partitions need not even be opened.
           and m.month between v_first and v_last
           and m.priority between p_first_priority and p_last_priority
           and m.claimable_at <= clock_timestamp()
           and (t.environment = 'SANDBOX' or m.channel = any (p_channels))
         order by m.priority, m.message_id
         limit p_limit
           for no key update skip locked
    ), judged as (
        select d.*,
               case when d.in_time and not d.unwanted then 'SENDING' when d.attempts = 0 then 'CANCELED' else 'FAILED' end as becomes,
               case when d.unwanted then 'This number asked for no more texts (STOP). Choose a call or another way.'
                    when d.in_time then case when d.in_doubt then 'Whether the last attempt went out is not known.' end
                    when d.in_doubt then 'It expired before it was known whether it had gone out.'
                    when d.attempts = 0 then 'It expired before it could be sent.'
                    else coalesce(d.failure, 'It expired before a provider took it.') end as detail
          from due d
    ), taken as (
        update message m
           set status = j.becomes,
               attempts = m.attempts + (j.becomes = 'SENDING')::integer,
               -- Of doubtful attempts the first: what may have gone out is looked for from there on.
               attempted_at = case when j.becomes = 'SENDING' and m.doubts = 0 and not j.in_doubt then clock_timestamp()
                                   else m.attempted_at end,
               doubts = m.doubts + j.in_doubt::integer,
               claimable_at = clock_timestamp() + make_interval(secs => p_lease),
               failure = case when j.becomes = 'SENDING' then m.failure else j.detail end,
               timeline = m.timeline || message_event(v_now, j.becomes, j.detail)
          from judged j
         where m.tenant_id = p_tenant and m.month = j.month and m.message_id = j.message_id
        returning m.*, j.in_doubt, j.doubted_provider, j.doubted_since
    ), told as (
        -- As add_event does, which cannot be called for a set.
        insert into outbox_event (tenant_id, month, event_id, kind, payload, created_at)
        select p_tenant, this_month(), uuid_v7(), 'MESSAGE_FAILED', jsonb_build_object('message_id', x.message_id), clock_timestamp()
          from taken x where x.status = 'FAILED'
    )
    select c.tenant_id, c.month, c.message_id, c.attempts, c.in_doubt, c.doubts,
           c.doubted_provider, c.doubted_since,
           v_now, c.created_at, c.expires_at, c.channel, c.purpose, c.country, c.template,
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
create or replace function claim_messages_batch(
    p_tenants uuid[], p_sandbox boolean, p_channels text[], p_codes integer, p_others integer, p_lease integer)
    returns table (
    tenant_id uuid, month date, message_id uuid, attempt smallint, in_doubt boolean, doubts smallint,
    doubted_provider text, doubted_since timestamptz,
    now timestamptz, created_at timestamptz, expires_at timestamptz, channel text, purpose text, country text, template text,
    language text, params jsonb, secret_sealed bytea,
    destination_sealed bytea, factor_id uuid, factor_sealed bytea, user_id uuid, user_name text, user_email_sealed bytea,
    environment text, tenant_name text, tenant_language text, time_zone text, branding jsonb,
    challenge_id uuid, code_key_id smallint, digits smallint, code_purpose text)
    language plpgsql set search_path = pg_catalog, public
    -- Planning would cost many times what running does.
    set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
    for i in 1 .. cardinality(p_tenants) loop
        perform set_config('postern.tenant_id', p_tenants[i]::text, true);
        return query select * from claim_messages(
            p_tenants[i], p_sandbox, p_channels, 0::smallint, 0::smallint, p_codes, p_lease);
    end loop;
    if p_others > 0 then
        for i in 1 .. cardinality(p_tenants) loop
            perform set_config('postern.tenant_id', p_tenants[i]::text, true);
            return query select * from claim_messages(
                p_tenants[i], p_sandbox, p_channels, 1::smallint, 32767::smallint, p_others, p_lease);
        end loop;
    end if;
    perform set_config('postern.tenant_id', '', true);
end $$;

-- Lengthens the leases of attempts that are still being made, so that leases may be short.
create or replace function renew_messages_batch(
    p_tenants uuid[], p_months date[], p_messages uuid[], p_attempts smallint[], p_lease integer) returns void
    language plpgsql set search_path = pg_catalog, public
    set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
    for i in 1 .. cardinality(p_tenants) loop
        perform set_config('postern.tenant_id', p_tenants[i]::text, true);
        update message m set claimable_at = clock_timestamp() + make_interval(secs => p_lease)
         where m.tenant_id = p_tenants[i] and m.month = p_months[i] and m.message_id = p_messages[i]
           and m.status = 'SENDING' and m.attempts = p_attempts[i] and m.answered < p_attempts[i];
    end loop;
    perform set_config('postern.tenant_id', '', true);
end $$;

-- What became of attempts, as their worker tells (p_reported false) or their provider (true: a
-- callback, or a look-up). The one place where a message becomes ACCEPTED or DELIVERED, and is charged
-- for it: `p_units` are a text's segments, where they are known. False where it told nothing new: a repeated
-- report, or one of an attempt whose lease another worker took over.
create or replace function settle_messages(
    p_tenant uuid, p_months date[], p_messages uuid[], p_attempts smallint[], p_reported boolean[], p_statuses text[],
    p_doubts boolean[], p_retry_seconds integer[], p_providers text[], p_provider_refs text[], p_notes text[],
    p_details text[], p_opted_out boolean[], p_bodies text[], p_units smallint[] default null)
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
        select g.* from unnest(p_months, p_messages, p_attempts, p_reported, p_statuses, p_doubts, p_retry_seconds, p_providers,
                               p_provider_refs, p_notes, p_details, p_opted_out, p_bodies) with ordinality
                   as g (month, message_id, attempt, reported, status, doubt, retry_seconds, provider,
                         provider_ref, notes, detail, opted_out, body, item)
    ), best as (
        -- Two attempts of one message may be answered at once; an UPDATE takes one of them only.
        select distinct on (g.month, g.message_id) g.* from given g
         order by g.month, g.message_id, message_rank(g.status) desc, g.attempt desc
    ), done as (
        update message m
           set status = g.status, provider = g.provider, provider_ref = coalesce(g.provider_ref, m.provider_ref),
               answered = greatest(m.answered, g.attempt),
               accepted_attempt = case when g.status in ('ACCEPTED', 'DELIVERED') then g.attempt else m.accepted_attempt end,
               doubts = m.doubts + g.doubt::integer,
               failure = case when g.status in ('SENDING', 'FAILED') then g.detail end,
               delivered_at = case when g.status = 'DELIVERED' then v_now end,
               claimable_at = case when g.status = 'SENDING' then clock_timestamp() + make_interval(secs => g.retry_seconds)
                                   else m.claimable_at end,
               -- Whatever a worker hands in: what a LIVE tenant's users are sent is never kept.
               sandbox_body = case when v_environment = 'SANDBOX' then coalesce(g.body, m.sandbox_body) end,
               timeline = m.timeline
                       || coalesce((select jsonb_agg(jsonb_build_object('at', v_now, 'status', 'SENDING', 'detail', n))
                                      from jsonb_array_elements_text(g.notes::jsonb) n), '[]')
                       || message_event(v_now, g.status, g.detail)
          from best g
         where m.tenant_id = p_tenant and m.month = g.month and m.message_id = g.message_id
           and g.attempt between 1 and m.attempts
           and case g.status
                   -- To be tried again, by whoever made the last attempt, and once.
                   when 'SENDING' then m.status = 'SENDING' and g.attempt = m.attempts and m.answered < g.attempt
                   -- An earlier attempt's failure is no news while a later one is being made.
                   when 'FAILED' then m.status = 'SENDING' and g.attempt = m.attempts
                                      or m.status = 'ACCEPTED' and g.attempt = m.accepted_attempt and g.reported
                   else message_rank(m.status) < message_rank(g.status) end
        returning m.message_id, m.factor_id, g.status, g.provider, g.opted_out, g.item
    ), told as (
        -- As add_event does, which cannot be called for a set.
        insert into outbox_event (tenant_id, month, event_id, kind, payload, created_at)
        select p_tenant, this_month(), uuid_v7(), 'MESSAGE_FAILED', jsonb_build_object('message_id', d.message_id), clock_timestamp()
          from done d where d.status = 'FAILED'
    ), unwanted as (
        insert into message_opt_out (tenant_id, destination_index, told_at, told_by)
        select distinct on (f.blind_index) p_tenant, f.blind_index, clock_timestamp(), d.provider
          from done d join factor f on f.tenant_id = p_tenant and f.factor_id = d.factor_id
         where d.opted_out and f.blind_index is not null
            on conflict (tenant_id, destination_index) do update set told_at = excluded.told_at, told_by = excluded.told_by
    )
    select g.item::integer, d.item is not null from given g left join done d on d.item = g.item;
    if v_environment = 'LIVE' then
        perform charge_messages(p_tenant, p_months, p_messages, p_units);
    end if;
end $$;

-- Items are sorted by tenant.
create or replace function settle_messages_batch(
    p_tenants uuid[], p_months date[], p_messages uuid[], p_attempts smallint[], p_reported boolean[], p_statuses text[],
    p_doubts boolean[], p_retry_seconds integer[], p_providers text[], p_provider_refs text[], p_notes text[],
    p_details text[], p_opted_out boolean[], p_bodies text[], p_units smallint[] default null)
    returns table (item integer, settled boolean)
    language plpgsql set search_path = pg_catalog, public
    -- Planning would cost many times what running does.
    set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
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
            p_tenants[a], p_months[a:z], p_messages[a:z], p_attempts[a:z], p_reported[a:z], p_statuses[a:z],
            p_doubts[a:z], p_retry_seconds[a:z], p_providers[a:z], p_provider_refs[a:z], p_notes[a:z],
            p_details[a:z], p_opted_out[a:z], p_bodies[a:z], p_units[a:z]) s;
        a := z + 1;
    end loop;
    perform set_config('postern.tenant_id', '', true);
end $$;

-- Of which of these challenges the right code was given: what a provider's texts are worth.
create or replace function challenges_verified_batch(p_tenants uuid[], p_challenges uuid[])
    returns table (item integer, verified boolean)
    language plpgsql set search_path = pg_catalog, public
    set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
    for i in 1 .. cardinality(p_tenants) loop
        perform set_config('postern.tenant_id', p_tenants[i]::text, true);
        return query
        select i, exists (
            select from challenge c
              left join login l on l.tenant_id = c.tenant_id and l.month = c.login_month and l.login_id = c.login_id
             where c.tenant_id = p_tenants[i] and c.month = month_of(p_challenges[i]) and c.challenge_id = p_challenges[i]
               and (c.verified_at is not null or l.completed_by in (c.challenge_id, c.factor_id)));
    end loop;
    perform set_config('postern.tenant_id', '', true);
end $$;
