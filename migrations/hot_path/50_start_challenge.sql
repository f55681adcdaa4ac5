-- startChallenge: one round trip. `p_method` is the channel of the method that was chosen; which
-- channels are allowed depends on the user's audience, which is known here alone.
drop function if exists hot_start_challenge_batch, hot_start_challenge;
create function hot_start_challenge(
    p_tenant uuid, p_login uuid, p_login_month date, p_factor uuid, p_method text,
    p_allowed_internal text[], p_allowed_external text[],
    p_challenge uuid, p_challenge_month date, p_message uuid, p_message_month date,
    p_code_key smallint, p_digits smallint, p_ttl integer, p_resend_after integer, p_state bytea, p_trace bytea default null,
    out outcome text, out challenge_id uuid, out channel text, out expires_at timestamptz, out resend_at timestamptz,
    out attempts_remaining integer, out factor_id uuid, out factor_secret bytea, out message_id uuid, out now timestamptz)
    language plpgsql set search_path = pg_catalog, public as $$
#variable_conflict use_column
declare
    l login%rowtype;
    u tenant_user%rowtype;
    f factor%rowtype;
    v_status text;
    v_kind text := case when p_method in ('SMS', 'VOICE', 'EMAIL') then 'CODE' else p_method end;
begin
    select * into l from login x where x.tenant_id = p_tenant and x.month = p_login_month and x.login_id = p_login
       for no key update;
    if not found then
        outcome := 'NOT_FOUND';
        return;
    end if;
    select clock_timestamp() + make_interval(secs => t.clock_offset_seconds), t.status into now, v_status
      from tenant t where t.tenant_id = p_tenant;
    select * into u from tenant_user x where x.tenant_id = p_tenant and x.user_id = l.user_id;
    attempts_remaining := greatest(l.max_attempts - l.attempts, 0);
    channel := p_method;
    outcome := case
        when l.completed_at is not null then 'ALREADY_COMPLETED'
        when l.outcome not in ('CHALLENGE', 'ENROLL') then 'NOT_USABLE'
        when l.outcome = 'ENROLL' and v_kind <> 'TEMPORARY_ACCESS_CODE' then 'NOT_USABLE'
        when v_status <> 'ACTIVE' then 'NOT_USABLE'
        when u.disabled or u.locked_until > now then 'USER_LOCKED'
        when l.expires_at <= now then 'EXPIRED'
        when l.attempts >= l.max_attempts then 'TOO_MANY_ATTEMPTS'
    end;
    if outcome is not null then
        return;
    end if;

    if v_kind = 'TEMPORARY_ACCESS_CODE' then
        -- p_factor is the code's own id here: it must be outstanding.
        perform from temporary_access_code c
          where c.tenant_id = p_tenant and c.code_id = p_factor and c.user_id = l.user_id
            and (c.login_id is null or c.login_id = p_login)
            and c.used_at is null and c.revoked_at is null and c.expires_at > now;
        if not found then
            outcome := 'NO_METHOD';
            return;
        end if;
    else
        select * into f from factor x
         where x.tenant_id = p_tenant and x.factor_id = p_factor and x.user_id = l.user_id and x.status in ('ACTIVE', 'DISABLED');
        if not found then
            outcome := 'NO_METHOD';
            return;
        end if;
        outcome := case
            when f.status <> 'ACTIVE' then 'NOT_USABLE'
            when v_kind <> 'BACKUP_CODE' and not (p_method = any (case u.kind when 'INTERNAL' then p_allowed_internal else p_allowed_external end)) then 'NOT_USABLE'
            when p_method = 'EMAIL' and l.first_factor = 'ONE_TIME_LINK' then 'NOT_USABLE'
            when p_method = 'SMS' and (f.kind not in ('PHONE_PRIMARY', 'PHONE_RECOVERY') or f.line = 'LANDLINE') then 'NO_METHOD'
            when p_method = 'VOICE' and f.kind not in ('PHONE_PRIMARY', 'PHONE_RECOVERY') then 'NO_METHOD'
            when p_method = 'EMAIL' and f.kind <> 'EMAIL' then 'NO_METHOD'
            when p_method = 'TOTP' and f.kind <> 'TOTP' then 'NO_METHOD'
            when p_method = 'BACKUP_CODE' and f.kind <> 'BACKUP_CODES' then 'NO_METHOD'
            -- Without what the authenticator is to be asked, the user has none that serves on this page.
            when p_method = 'PASSKEY' and (f.kind <> 'PASSKEY' or p_state is null) then 'NO_METHOD'
            when p_method not in ('SMS', 'VOICE', 'EMAIL', 'TOTP', 'BACKUP_CODE', 'PASSKEY') then 'NO_METHOD'
        end;
        if outcome is not null then
            return;
        end if;
        factor_id := f.factor_id;
        factor_secret := case when v_kind = 'CODE' then f.secret_sealed end;
    end if;

    if v_kind = 'CODE' then
        select s.outcome, s.challenge_id, s.expires_at, s.resend_at
          into outcome, challenge_id, expires_at, resend_at
          from send_code(p_tenant, now, l.user_id, p_login, p_login_month, p_factor, p_method, 'LOGIN',
                         p_challenge, p_challenge_month, p_message, p_message_month, p_code_key, p_digits, p_ttl, p_resend_after, p_trace) s;
        if outcome = 'OK' then
            message_id := p_message;
        end if;
        return;
    end if;

    -- Nothing is sent: the same challenge for as long as the login lives.
    select c.challenge_id, c.expires_at into challenge_id, expires_at from challenge c
     where c.tenant_id = p_tenant and c.login_id = p_login and c.month >= p_login_month
       and c.kind = v_kind and c.factor_id is not distinct from factor_id
     order by c.challenge_id desc limit 1;
    if challenge_id is null or expires_at < l.expires_at or v_kind = 'PASSKEY' then
        challenge_id := coalesce(challenge_id, p_challenge);
        -- A passkey is asked anew each time, in the place of what was asked before.
        expires_at := case when v_kind = 'PASSKEY' then least(l.expires_at, now + interval '5 minutes') else l.expires_at end;
        if challenge_id = p_challenge then
            insert into challenge (tenant_id, month, challenge_id, user_id, login_month, login_id, factor_id, kind, purpose,
                                   digits, created_at, expires_at, channel, state_sealed)
            values (p_tenant, p_challenge_month, p_challenge, l.user_id, p_login_month, p_login, factor_id, v_kind, 'LOGIN',
                    0, now, expires_at, p_method, p_state);
        else
            update challenge c set expires_at = hot_start_challenge.expires_at, state_sealed = p_state
             where c.tenant_id = p_tenant and c.challenge_id = hot_start_challenge.challenge_id and c.month >= p_login_month;
        end if;
    end if;
    outcome := 'OK';
end $$;

-- Many, each under its own tenant. Codes that begin a challenge, nearly all there is to do, are begun all
-- together, since beginning statements costs more than running them; whatever else there is (resends,
-- refusals, apps) is done one by one. Each row of the innermost subquery sets its tenant as it is read, as
-- 60_verify explains; should the planner choose another order after all, rows are hidden, and done one by one.
-- Locks are taken in the order of all steps: logins, then destinations.
create function hot_start_challenge_batch(
    p_tenants uuid[], p_logins uuid[], p_login_months date[], p_factors uuid[], p_methods text[], p_allowed text[],
    p_challenges uuid[], p_messages uuid[], p_months date[],
    p_code_keys smallint[], p_digits smallint[], p_ttls integer[], p_resend_afters integer[], p_states bytea[],
    p_traces bytea[] default null)
    returns table (item integer, outcome text, challenge_id uuid, channel text, expires_at timestamptz, resend_at timestamptz,
    attempts_remaining integer, factor_id uuid, factor_secret bytea, message_id uuid, now timestamptz)
    language plpgsql set search_path = pg_catalog, public
    -- Planning would cost many times what running does.
    set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
#variable_conflict use_column
declare
    v_count integer := cardinality(p_tenants);
    v_month date := p_login_months[1];
    v_next_month date := v_month + interval '1 month';
    v_done boolean[] := array_fill(false, array[v_count]);
    v_set text;
begin
    -- Also for the planner, which would otherwise reckon with a tenant that has no rows.
    v_set := set_config('postern.tenant_id', p_tenants[1]::text, true);
    -- Beginning this statement costs as much as a few calls of the other.
    if v_count > 2 then
        for item, outcome, challenge_id, channel, expires_at, resend_at, attempts_remaining, factor_id, factor_secret, message_id, now in
            with plain as materialized (
                select i.*, l.user_id, l.attempts_remaining, t.now, t.is_sandbox, f.blind_index, f.country, f.secret_sealed, f.prefix,
                       coalesce(u.language, t.language) as language, t.now + make_interval(secs => i.ttl) as expires_at,
                       -- From here on sends to this destination are counted.
                       greatest(t.now - interval '1 hour', f.last_used_at) as counted_from,
                       row_number() over (partition by i.tenant_id, f.blind_index order by i.item) as turn
                  from (select g.item, g.login_id, g.factor_id, g.method, g.allowed, g.challenge_id, g.message_id, g.month,
                               g.code_key, g.digits, g.ttl, g.resend_after, g.trace,
                               set_config('postern.tenant_id', g.tenant_id::text, true)::uuid as tenant_id
                          from unnest(p_tenants, p_logins, p_login_months, p_factors, p_methods, p_allowed, p_challenges,
                                      p_messages, p_months, p_code_keys, p_digits, p_ttls, p_resend_afters, p_traces) with ordinality
                               as g (tenant_id, login_id, login_month, factor_id, method, allowed, challenge_id, message_id,
                                     month, code_key, digits, ttl, resend_after, trace, item)
                         where g.method in ('SMS', 'VOICE', 'EMAIL') and g.login_month = v_month) i
                 cross join lateral (
                    select x.user_id, x.first_factor, x.max_attempts - x.attempts as attempts_remaining, x.expires_at
                      from login x
                     where x.tenant_id = i.tenant_id and x.month = v_month and x.login_id = i.login_id
                       and x.outcome = 'CHALLENGE' and x.completed_at is null and x.attempts < x.max_attempts
                       for no key update) l
                 cross join lateral (
                    select clock_timestamp() + make_interval(secs => x.clock_offset_seconds) as now, x.language,
                           x.environment = 'SANDBOX' as is_sandbox
                      from tenant x where x.tenant_id = i.tenant_id and x.status = 'ACTIVE' and not x.spending_capped
                    offset 0) t
                 cross join lateral (
                    select x.kind, x.language
                      from tenant_user x
                     where x.tenant_id = i.tenant_id and x.user_id = l.user_id and not x.disabled
                       and (x.locked_until is null or x.locked_until <= t.now)
                    offset 0) u
                 cross join lateral (
                    select x.blind_index, x.country, x.secret_sealed, x.kind, x.line, x.last_used_at,
                           case when x.confirmed_at is null and x.last_used_at is null then x.phone_prefix end as prefix
                      from factor x
                     where x.tenant_id = i.tenant_id and x.factor_id = i.factor_id and x.user_id = l.user_id
                       and x.status = 'ACTIVE'
                    offset 0) f
                  left join lateral (
                    select true as begun
                      from challenge x
                     where x.tenant_id = i.tenant_id and x.login_id = i.login_id and x.month between v_month and v_next_month
                     limit 1) c on true
                 where l.expires_at > t.now and c.begun is null
                   and i.method = any (string_to_array(split_part(i.allowed, '|', case u.kind when 'INTERNAL' then 1 else 2 end), ','))
                   and case i.method when 'EMAIL' then f.kind = 'EMAIL' and l.first_factor <> 'ONE_TIME_LINK'
                            else f.kind in ('PHONE_PRIMARY', 'PHONE_RECOVERY')
                                 and (i.method = 'VOICE' or f.line is distinct from 'LANDLINE') end
                   -- As destination_blocked says, which would cost a statement each.
                   and not (i.method = 'SMS' and exists (
                           select from message_opt_out x
                            where x.tenant_id = i.tenant_id and x.destination_index = f.blind_index
                              and opt_out_holds(x.told_at, x.until_start)))
                   and not (f.prefix is not null and i.method <> 'EMAIL' and exists (
                           select from number_prefix x
                            where x.tenant_id = i.tenant_id and x.prefix = f.prefix and x.blocked_at is not null))
                 -- None is left out; the planner takes it for few rows.
                 limit v_count
            ), counted as (
                -- Of a destination nothing went to that still counts; in one order, two of the same one after the other.
                insert into destination_send as d (tenant_id, destination_index, times)
                select set_config('postern.tenant_id', p.tenant_id::text, true)::uuid, p.blind_index, array[p.counted_from, p.now]
                  from (select * from plain x where x.turn = 1 order by x.tenant_id, x.blind_index) p
                    on conflict (tenant_id, destination_index) do update set times = excluded.times
                 where cardinality(d.times) = 0 or d.times[cardinality(d.times)] <= excluded.times[1]
                returning d.tenant_id, d.destination_index
            ), begun as materialized (
                select p.* from counted c
                  join plain p on p.tenant_id = c.tenant_id and p.blind_index = c.destination_index and p.turn = 1
            ), challenges as (
                insert into challenge (tenant_id, month, challenge_id, user_id, login_month, login_id, factor_id, kind, purpose,
                                       code_key_id, digits, created_at, expires_at, channel,
                                       sms_sends, sms_sent_at, voice_sends, voice_sent_at, email_sends, email_sent_at)
                select set_config('postern.tenant_id', p.tenant_id::text, true)::uuid, p.month, p.challenge_id, p.user_id,
                       v_month, p.login_id, p.factor_id, 'CODE', 'LOGIN', p.code_key, p.digits, p.now, p.expires_at, p.method,
                       (p.method = 'SMS')::integer, case when p.method = 'SMS' then p.now end,
                       (p.method = 'VOICE')::integer, case when p.method = 'VOICE' then p.now end,
                       (p.method = 'EMAIL')::integer, case when p.method = 'EMAIL' then p.now end
                  from begun p
            ), messages as (
                insert into message (tenant_id, month, message_id, user_id, challenge_id, channel, purpose, priority, country,
                                     factor_id, template, language, created_at, expires_at, claimable_at, status, prefix, lane, trace)
                select set_config('postern.tenant_id', p.tenant_id::text, true)::uuid, p.month, p.message_id, p.user_id,
                       p.challenge_id, p.method, 'CODE', 0, p.country, p.factor_id, 'code', p.language, p.now, p.expires_at,
                       clock_timestamp(), 'QUEUED', p.prefix,
                       case when p.is_sandbox then 2 when p.method = 'EMAIL' then 1 else 0 end, p.trace
                  from begun p
            )
            select p.item::integer, 'OK', p.challenge_id, p.method, p.expires_at, p.now + resend_wait(p.resend_after, 1),
                   p.attempts_remaining, p.factor_id, p.secret_sealed, p.message_id, p.now
              from begun p
        loop
            v_done[item] := true;
            return next;
        end loop;
    end if;
    for i in 1 .. v_count loop
        if not v_done[i] then
            v_set := set_config('postern.tenant_id', p_tenants[i]::text, true);
            return query select i, h.* from hot_start_challenge(
                p_tenants[i], p_logins[i], p_login_months[i], p_factors[i], p_methods[i], string_to_array(split_part(p_allowed[i], '|', 1), ','),
                string_to_array(split_part(p_allowed[i], '|', 2), ','), p_challenges[i], p_months[i], p_messages[i], p_months[i],
                p_code_keys[i], p_digits[i], p_ttls[i], p_resend_afters[i], p_states[i], p_traces[i]) h;
        end if;
    end loop;
    v_set := set_config('postern.tenant_id', '', true);
end $$;
