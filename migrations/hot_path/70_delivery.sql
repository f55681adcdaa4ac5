-- The outbox's far end. A worker claims and settles for many tenants in one round trip and one
-- statement, because most tenants have one message at a time and a statement each would be the whole
-- cost. Row-level security stays in force row by row: each row sets its tenant as it is read, and
-- everything that is read for it comes after it in the nested loops, whose order LATERAL and OFFSET 0
-- fix. Should the planner choose another order, rows would be hidden, never shown to another tenant:
-- a message is then claimed or settled late, and the tests say so.
--
-- QUEUED -> SENDING is committed before the provider's first byte. From there a status only moves
-- forward: a message that is tried again stays SENDING. One whose last attempt has no answer on
-- record when it can be claimed again is in doubt (its worker died), and comes back marked so.
--
-- The months of a batch, nearly always one, stand beside each row's own: known before a statement begins, they
-- spare it the partitions of all others, which it would open otherwise.

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
    language sql immutable parallel safe
    return array_position(array['QUEUED', 'SENDING', 'ACCEPTED', 'FAILED', 'DELIVERED'], p_status);

-- Whether a code may go to a number of this prefix that never gave a right one: of the last p_most that
-- went to such numbers within a day (p_pending more are about to), p_percent of a hundred must have given it.
-- Otherwise the prefix is blocked, until an administrator releases it; or, where p_blocks is false, told of.
-- Of workers that ask at the same time one waits for the other's commit.
create or replace function admit_stranger(
    p_tenant uuid, p_prefix text, p_country text, p_pending integer, p_most integer, p_percent integer, p_blocks boolean)
    returns boolean
    language plpgsql as $$
declare
    g number_prefix%rowtype;
    v_sent integer;
    v_verified integer;
begin
    insert into number_prefix (tenant_id, prefix, country) values (p_tenant, p_prefix, p_country) on conflict do nothing;
    select * into g from number_prefix x where x.tenant_id = p_tenant and x.prefix = p_prefix for no key update;
    if g.blocked_at is not null then
        return not p_blocks;
    end if;
    select count(*), count(f.factor_id) into v_sent, v_verified
      from (select m.factor_id from message m
             where m.tenant_id = p_tenant and m.prefix = p_prefix
               and m.month between this_month() - interval '1 month' and this_month() + interval '1 month'
               and m.attempts > 0
               and m.attempted_at > greatest(clock_timestamp() - interval '24 hours', g.released_at)
             order by m.message_id desc
             limit greatest(p_most - p_pending, 0)) s
      left join factor f on f.tenant_id = p_tenant and f.factor_id = s.factor_id
                        and coalesce(f.confirmed_at, f.last_used_at) is not null;
    if v_sent + p_pending < p_most or v_verified * 100 >= (v_sent + p_pending) * p_percent then
        return true;
    end if;
    if not p_blocks and g.observed_at > greatest(clock_timestamp() - interval '24 hours', g.released_at) then
        return true;
    end if;
    update number_prefix x
       set blocked_at = case when p_blocks then clock_timestamp() end, sent = v_sent + p_pending, verified = v_verified,
           observed_at = case when p_blocks then x.observed_at else clock_timestamp() end
     where x.tenant_id = p_tenant and x.prefix = p_prefix;
    perform add_audit(p_tenant, 'system', case when p_blocks then 'prefix.blocked' else 'prefix.observed' end, p_prefix,
                      jsonb_build_object('sent', v_sent + p_pending, 'verified', v_verified), null);
    perform add_event(p_tenant, 'PREFIX_BLOCKED', jsonb_build_object(
        'prefix', p_prefix, 'country', p_country, 'sent', v_sent + p_pending, 'verified', v_verified, 'observed', not p_blocks));
    return not p_blocks;
end $$;

-- Claims what is due with all that its text needs: at most p_codes codes, then at most p_others others,
-- tenants in turn (see `due_messages`). Those among them that must not be sent are ended instead: what no
-- provider was ever given is CANCELED; what was refused until now, or may or may not have gone out, is FAILED.
drop function if exists claim_messages_batch, claim_messages;
create function claim_messages_batch(
    p_codes_after uuid, p_others_after uuid, p_lane smallint, p_codes integer, p_others integer,
    p_lease integer, p_guard_most integer, p_guard_percent integer, p_guard_blocks boolean)
    returns table (
    tenant_id uuid, month date, message_id uuid, attempt smallint, in_doubt boolean, doubts smallint,
    doubted_provider text, doubted_since timestamptz,
    now timestamptz, created_at timestamptz, expires_at timestamptz, channel text, purpose text, country text, template text,
    language text, params jsonb, secret_sealed bytea,
    destination_sealed bytea, factor_id uuid, factor_sealed bytea, user_id uuid, user_name text, user_email_sealed bytea,
    environment text, tenant_name text, tenant_language text, time_zone text, branding jsonb,
    challenge_id uuid, code_key_id smallint, digits smallint, code_purpose text, is_other boolean, turn uuid)
    language plpgsql set search_path = pg_catalog, public
    -- Planning would cost many times what running does.
    set plan_cache_mode = force_generic_plan set enable_seqscan = off
    set enable_hashjoin = off set enable_mergejoin = off set enable_memoize = off set enable_material = off as $$
#variable_conflict use_column
declare
    v_tenants uuid[];
    v_months date[];
    v_messages uuid[];
    v_prefixes text[];
    v_others boolean[];
    v_turns uuid[];
    v_refused boolean[];
    v_count integer;
    v_first date;
    v_last date;
    v_before date;
    v_after date;
    v_set text;
begin
    select array_agg(d.tenant_id), array_agg(d.month), array_agg(d.message_id), array_agg(d.prefix),
           array_agg(d.is_other), array_agg(d.turn), min(d.month), max(d.month)
      into v_tenants, v_months, v_messages, v_prefixes, v_others, v_turns, v_first, v_last
      from (select c.*, false as is_other
              from postern_cross.due_messages(p_codes_after, p_lane, false, p_codes) c
             union all
            select o.*, true from postern_cross.due_messages(p_others_after, p_lane, true, p_others) o) d;
    v_count := cardinality(v_tenants);
    if v_count is null then
        return;
    end if;
    v_refused := array_fill(false, array[v_count]);
    if p_guard_most > 0 and array_remove(v_prefixes, null) <> '{}' then
        v_refused := refuse_strangers(v_tenants, v_months, v_messages, v_prefixes, p_guard_most, p_guard_percent, p_guard_blocks);
    end if;

    -- A code's message is queued a quarter of an hour after its challenge began, at most.
    v_before := v_first - interval '1 month';
    v_after := v_last + interval '1 month';
    -- For the planner, which would otherwise reckon with a tenant that has no rows.
    v_set := set_config('postern.tenant_id', v_tenants[1]::text, true);
    return query
    with taken as (
        update message m
           set status = s.becomes,
               attempts = m.attempts + (s.becomes = 'SENDING')::integer,
               -- Of doubtful attempts the first: what may have gone out is looked for from there on.
               attempted_at = case when s.becomes = 'SENDING' and m.doubts = 0 and not s.in_doubt then clock_timestamp()
                                   else m.attempted_at end,
               doubts = m.doubts + s.in_doubt::integer,
               leased_until = clock_timestamp() + make_interval(secs => p_lease),
               failure = case when s.becomes = 'SENDING' then m.failure else s.detail end,
               timeline = m.timeline || message_event(s.now, s.becomes, s.detail)
          from (select i.*, t.*, d.doubted_provider, d.doubted_since, d.in_doubt, f.factor_sealed,
                       u.user_name, u.user_email_sealed, h.code_key_id, h.digits, h.code_purpose, r.reminder_params,
                       j.*
                  from (select g.item, g.month, g.message_id, g.refused, g.is_other, g.turn,
                               set_config('postern.tenant_id', g.tenant_id::text, true)::uuid as tenant_id
                          from unnest(v_tenants, v_months, v_messages, v_refused, v_others, v_turns) with ordinality
                               as g (tenant_id, month, message_id, refused, is_other, turn, item)) i
                 cross join lateral (
                    select x.environment, x.name as tenant_name, x.language as tenant_language, x.time_zone, x.branding,
                           clock_timestamp() + make_interval(secs => x.clock_offset_seconds) as now
                      from tenant x where x.tenant_id = i.tenant_id
                    offset 0) t
                 cross join lateral (
                    select x.attempts, x.failure, x.provider as doubted_provider, x.attempted_at as doubted_since,
                           x.status = 'SENDING' and x.attempts > x.answered as in_doubt,
                           x.expires_at is null or x.expires_at > t.now as in_time,
                           x.channel, x.purpose, x.user_id, x.factor_id, x.challenge_id, x.params
                      from message x
                     where x.tenant_id = i.tenant_id and x.month = i.month and x.message_id = i.message_id
                       and x.month between v_first and v_last
                       and x.waiting and x.claimable_at <= clock_timestamp()
                       and (x.leased_until is null or x.leased_until <= clock_timestamp())
                       for no key update skip locked) d
                  left join lateral (
                    select x.secret_sealed as factor_sealed, x.blind_index
                      from factor x where x.tenant_id = i.tenant_id and x.factor_id = d.factor_id
                    offset 0) f on true
                  left join lateral (
                    select x.display_name as user_name, x.email_sealed as user_email_sealed
                      from tenant_user x where x.tenant_id = i.tenant_id and x.user_id = d.user_id
                    offset 0) u on true
                  left join lateral (
                    select x.code_key_id, x.digits, x.purpose as code_purpose
                      from challenge x
                     where x.tenant_id = i.tenant_id and x.month = month_of(d.challenge_id) and x.challenge_id = d.challenge_id
                       and x.month between v_before and v_after
                    offset 0) h on true
                  left join lateral (
                    select true as unwanted
                      from message_opt_out x
                     where d.channel = 'SMS' and x.tenant_id = i.tenant_id and x.destination_index = f.blind_index
                       and opt_out_holds(x.told_at, x.until_start)
                    offset 0) o on true
                  left join lateral (
                    select reminder_pointless(i.tenant_id, d.user_id) as pointless,
                           reminder_params(i.tenant_id, d.params) as reminder_params
                     where d.purpose = 'ENROLLMENT_REMINDER'
                    offset 0) r on true
                 cross join lateral (
                    select case when d.in_time and o.unwanted is null and r.pointless is null and not i.refused then 'SENDING'
                                when d.attempts = 0 then 'CANCELED' else 'FAILED' end as becomes,
                           case when r.pointless is not null then r.pointless
                                when i.refused then 'Too few codes that went to numbers of this prefix were ever given; it is blocked until an administrator releases it.'
                                when o.unwanted then 'This number asked for no more texts (STOP). Choose a call or another way.'
                                when d.in_time then case when d.in_doubt then 'Whether the last attempt went out is not known.' end
                                when d.in_doubt then 'It expired before it was known whether it had gone out.'
                                when d.attempts = 0 then 'It expired before it could be sent.'
                                else coalesce(d.failure, 'It expired before a provider took it.') end as detail
                    offset 0) j
                 -- None is left out; the planner takes it for few rows, and begins with them.
                 limit v_count) s
         where m.tenant_id = s.tenant_id and m.month = s.month and m.message_id = s.message_id
           and m.month between v_first and v_last
        returning m.*, s.item, s.now, s.in_doubt, s.doubted_provider, s.doubted_since, s.factor_sealed, s.user_name,
                  s.user_email_sealed, s.environment, s.tenant_name, s.tenant_language, s.time_zone, s.branding,
                  s.code_key_id, s.digits, s.code_purpose, s.reminder_params, s.is_other, s.turn
    ), told as (
        -- As add_event does, which cannot be called for a set.
        insert into outbox_event (tenant_id, month, event_id, kind, payload, created_at)
        select set_config('postern.tenant_id', x.tenant_id::text, true)::uuid, this_month(), uuid_v7(), 'MESSAGE_FAILED',
               jsonb_build_object('message_id', x.message_id), clock_timestamp()
          from taken x where x.status = 'FAILED'
    )
    select c.tenant_id, c.month, c.message_id, c.attempts, c.in_doubt, c.doubts, c.doubted_provider, c.doubted_since,
           c.now, c.created_at, c.expires_at, c.channel, c.purpose, c.country, c.template,
           c.language, coalesce(c.reminder_params, c.params), c.secret_sealed,
           c.destination_sealed, c.factor_id, c.factor_sealed, c.user_id, c.user_name, c.user_email_sealed,
           c.environment, c.tenant_name, c.tenant_language, c.time_zone, c.branding,
           c.challenge_id, c.code_key_id, c.digits, c.code_purpose, c.is_other, c.turn
      from taken c
     where c.status = 'SENDING'
     order by c.item;
    v_set := set_config('postern.tenant_id', '', true);
end $$;

-- In which spans messages were queued, of those where it is known. Asked by workers from which traces are collected; a
-- question of its own, so that what is claimed stays as a worker of the version before reads it.
create or replace function message_traces_batch(p_tenants uuid[], p_months date[], p_messages uuid[])
    returns table (item integer, trace bytea)
    language plpgsql set search_path = pg_catalog, public
    set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
    for i in 1 .. cardinality(p_tenants) loop
        perform set_config('postern.tenant_id', p_tenants[i]::text, true);
        return query
        select i, m.trace from message m
         where m.tenant_id = p_tenants[i] and m.month = p_months[i] and m.message_id = p_messages[i] and m.trace is not null;
    end loop;
    perform set_config('postern.tenant_id', '', true);
end $$;

-- Which of these codes, to numbers that never gave a right one, must not be sent. Prefixes are looked at
-- in one order, so that two workers cannot wait for each other.
create or replace function refuse_strangers(
    p_tenants uuid[], p_months date[], p_messages uuid[], p_prefixes text[], p_most integer, p_percent integer, p_blocks boolean)
    returns boolean[]
    language plpgsql as $$
declare
    v_refused boolean[] := array_fill(false, array[cardinality(p_tenants)]);
    v_pending integer := 0;
    v_tenant uuid;
    v_prefix text;
    v_country text;
    v record;
begin
    for v in
        select g.* from unnest(p_tenants, p_months, p_messages, p_prefixes) with ordinality
                        as g (tenant_id, month, message_id, prefix, item)
         where g.prefix is not null order by g.tenant_id, g.prefix, g.item
    loop
        if (v.tenant_id, v.prefix) is distinct from (v_tenant, v_prefix) then
            v_pending := 0;
            v_tenant := v.tenant_id;
            v_prefix := v.prefix;
        end if;
        perform set_config('postern.tenant_id', v.tenant_id::text, true);
        -- One that was let go once may be tried again; one that another worker holds is not claimed.
        select m.country into v_country from message m
         where m.tenant_id = v.tenant_id and m.month = v.month and m.message_id = v.message_id
           and m.waiting and m.attempts = 0 and (m.leased_until is null or m.leased_until <= clock_timestamp())
           for no key update skip locked;
        if found then
            if admit_stranger(v.tenant_id, v.prefix, v_country, v_pending, p_most, p_percent, p_blocks) then
                v_pending := v_pending + 1;
            else
                v_refused[v.item] := true;
            end if;
        end if;
    end loop;
    return v_refused;
end $$;

-- Lengthens the leases of attempts that are still being made, so that leases may be short.
create or replace function renew_messages_batch(
    p_tenants uuid[], p_months date[], p_messages uuid[], p_attempts smallint[], p_lease integer) returns void
    language plpgsql set search_path = pg_catalog, public
    set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
    for i in 1 .. cardinality(p_tenants) loop
        perform set_config('postern.tenant_id', p_tenants[i]::text, true);
        update message m set leased_until = clock_timestamp() + make_interval(secs => p_lease)
         where m.tenant_id = p_tenants[i] and m.month = p_months[i] and m.message_id = p_messages[i]
           and m.status = 'SENDING' and m.attempts = p_attempts[i] and m.answered < p_attempts[i];
    end loop;
    perform set_config('postern.tenant_id', '', true);
end $$;

-- What became of attempts, as their worker tells (p_reported false) or their provider (true: a
-- callback, or a look-up). The one place where a message becomes ACCEPTED or DELIVERED, and is charged
-- for it: `p_units` are a text's segments, where they are known. False where it told nothing new: a repeated
-- report, or one of an attempt whose lease another worker took over.
drop function if exists settle_messages_batch, settle_messages;
create function settle_messages_batch(
    p_tenants uuid[], p_months date[], p_messages uuid[], p_attempts smallint[], p_reported boolean[], p_statuses text[],
    p_doubts boolean[], p_retry_seconds integer[], p_providers text[], p_provider_refs text[], p_notes text[],
    p_details text[], p_opted_out boolean[], p_bodies text[], p_units smallint[] default null)
    returns table (item integer, settled boolean)
    language plpgsql set search_path = pg_catalog, public
    set plan_cache_mode = force_generic_plan set enable_seqscan = off
    set enable_hashjoin = off set enable_mergejoin = off set enable_memoize = off set enable_material = off as $$
#variable_conflict use_column
declare
    v_before text := coalesce(current_setting('postern.tenant_id', true), '');
    v_settled boolean[] := array_fill(false, array[cardinality(p_tenants)]);
    v_first date := (select min(o) from unnest(p_months) o);
    v_last date := (select max(o) from unnest(p_months) o);
    v_items integer[];
    v_item integer;
    v_set text;
begin
    v_set := set_config('postern.tenant_id', p_tenants[1]::text, true);
    with given as (
        select g.* from unnest(p_tenants, p_months, p_messages, p_attempts, p_reported, p_statuses, p_doubts, p_retry_seconds,
                               p_providers, p_provider_refs, p_notes, p_details, p_opted_out, p_bodies) with ordinality
                   as g (tenant_id, month, message_id, attempt, reported, status, doubt, retry_seconds,
                         provider, provider_ref, notes, detail, opted_out, body, item)
    ), best as (
        -- Two attempts of one message may be answered at once; an UPDATE takes one of them only. In one
        -- order, so that two who settle at the same time cannot wait for each other.
        select distinct on (g.tenant_id, g.month, g.message_id) g.* from given g
         order by g.tenant_id, g.month, g.message_id, message_rank(g.status) desc, g.attempt desc
    ), done as (
        update message m
           set status = s.status, provider = s.provider, provider_ref = coalesce(s.provider_ref, m.provider_ref),
               answered = greatest(m.answered, s.attempt),
               accepted_attempt = case when s.status in ('ACCEPTED', 'DELIVERED') then s.attempt else m.accepted_attempt end,
               doubts = m.doubts + s.doubt::integer,
               failure = case when s.status in ('SENDING', 'FAILED') then s.detail end,
               delivered_at = case when s.status = 'DELIVERED' then s.now end,
               claimable_at = case when s.status = 'SENDING' then clock_timestamp() + make_interval(secs => s.retry_seconds)
                                   else m.claimable_at end,
               leased_until = case when s.status <> 'SENDING' then m.leased_until end,
               -- Whatever a worker hands in: what a LIVE tenant's users are sent is never kept.
               sandbox_body = case when s.environment = 'SANDBOX' then coalesce(s.body, m.sandbox_body) end,
               timeline = m.timeline
                       || case when s.notes is null then '[]' else
                          (select coalesce(jsonb_agg(jsonb_build_object('at', s.now, 'status', 'SENDING', 'detail', n)), '[]')
                             from jsonb_array_elements_text(s.notes::jsonb) n) end
                       || message_event(s.now, s.status, s.detail)
          from (select i.*, t.environment, t.now
                  from (select b.month, b.message_id, b.attempt, b.reported, b.status, b.doubt, b.retry_seconds, b.provider,
                               b.provider_ref, b.notes, b.detail, b.opted_out, b.body, b.item,
                               set_config('postern.tenant_id', b.tenant_id::text, true)::uuid as tenant_id
                          from best b) i
                 cross join lateral (
                    select x.environment, clock_timestamp() + make_interval(secs => x.clock_offset_seconds) as now
                      from tenant x where x.tenant_id = i.tenant_id
                    offset 0) t
                 limit cardinality(p_tenants)) s
         where m.tenant_id = s.tenant_id and m.month = s.month and m.message_id = s.message_id
           and m.month between v_first and v_last
           and s.attempt between 1 and m.attempts
           and case s.status
                   -- To be tried again, by whoever made the last attempt, and once.
                   when 'SENDING' then m.status = 'SENDING' and s.attempt = m.attempts and m.answered < s.attempt
                   -- An earlier attempt's failure is no news while a later one is being made.
                   when 'FAILED' then m.status = 'SENDING' and s.attempt = m.attempts
                                      or m.status = 'ACCEPTED' and s.attempt = m.accepted_attempt and s.reported
                   else message_rank(m.status) < message_rank(s.status) end
        returning m.tenant_id, m.message_id, m.factor_id, s.status, s.provider, s.opted_out, s.item
    ), told as (
        -- As add_event does, which cannot be called for a set.
        insert into outbox_event (tenant_id, month, event_id, kind, payload, created_at)
        select set_config('postern.tenant_id', d.tenant_id::text, true)::uuid, this_month(), uuid_v7(), 'MESSAGE_FAILED',
               jsonb_build_object('message_id', d.message_id), clock_timestamp()
          from done d where d.status = 'FAILED'
    ), unwanted as (
        insert into message_opt_out (tenant_id, destination_index, told_at, told_by)
        select i.tenant_id, f.blind_index, clock_timestamp(), i.provider
          from (select set_config('postern.tenant_id', d.tenant_id::text, true)::uuid as tenant_id, d.factor_id, d.provider
                  from done d where d.opted_out) i
         cross join lateral (
            select x.blind_index from factor x
             where x.tenant_id = i.tenant_id and x.factor_id = i.factor_id and x.blind_index is not null
            offset 0) f
            on conflict (tenant_id, destination_index) do update set told_at = excluded.told_at, told_by = excluded.told_by
    )
    select array_agg(d.item::integer) into v_items from done d;
    foreach v_item in array coalesce(v_items, '{}') loop
        v_settled[v_item] := true;
    end loop;
    return query select n, v_settled[n] from generate_series(1, cardinality(p_tenants)) n;
    perform charge_messages_batch(p_tenants, p_months, p_messages, p_units);
    v_set := set_config('postern.tenant_id', v_before, true);
end $$;

-- A number said STOP, or (p_stopped false) START, to the sender by which these tenants speak; each has its
-- own index of it. Those that do not know the number note nothing.
create or replace function note_opt_outs(p_tenants uuid[], p_indexes bytea[], p_stopped boolean, p_told_by text) returns void
    language plpgsql set search_path = pg_catalog, public
    set plan_cache_mode = force_generic_plan set enable_seqscan = off
    set enable_hashjoin = off set enable_mergejoin = off set enable_memoize = off set enable_material = off as $$
declare
    v_set text := set_config('postern.tenant_id', p_tenants[1]::text, true);
begin
    if p_stopped then
        insert into message_opt_out (tenant_id, destination_index, told_at, told_by, until_start)
        select i.tenant_id, i.destination_index, clock_timestamp(), p_told_by, true
          from (select set_config('postern.tenant_id', g.tenant_id::text, true)::uuid as tenant_id, g.destination_index
                  from unnest(p_tenants, p_indexes) g (tenant_id, destination_index)) i
         cross join lateral (
            select from factor x where x.tenant_id = i.tenant_id and x.blind_index = i.destination_index
            limit 1) f
            on conflict (tenant_id, destination_index)
            do update set told_at = excluded.told_at, told_by = excluded.told_by, until_start = true;
    else
        delete from message_opt_out o
         using (select set_config('postern.tenant_id', g.tenant_id::text, true)::uuid as tenant_id, g.destination_index
                  from unnest(p_tenants, p_indexes) g (tenant_id, destination_index)
                 limit cardinality(p_tenants)) i
         where o.tenant_id = i.tenant_id and o.destination_index = i.destination_index;
    end if;
    v_set := set_config('postern.tenant_id', '', true);
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
