-- verifyChallenge. Codes that were sent take one round trip: the caller says under which keys the
-- given code would be right, and only the challenge knows which key is its own. What needs a secret
-- of the factor (app, backup code, temporary code) answers NEEDS_SECRET first, which costs no try,
-- and is called again with `p_checked` and what the check found. A passkey's answer was checked before,
-- against what its challenge holds: which one answered, its counter where the answer is right (WebAuthn
-- §7.2), and with what it was compared.
--
-- A try is counted in the very statement that finds the budget still open, and answered after
-- commit: neither parallel calls nor other challenges of the login give a sixth.
--
-- What costs here is beginning statements, not running them. So right codes, nearly all there is to
-- do, are taken all together (`hot_verify_batch`), and only the others one by one (`hot_verify`).

drop function if exists hot_verify_batch, hot_verify;
drop type if exists hot_verified;
create type hot_verified as (
    item integer, outcome text, kind text, channel text, challenge_expires_at timestamptz,
    attempts_remaining integer, factor_id uuid, factor_secret bytea, last_step bigint, backup_hash text,
    user_id uuid, external_id text, login_id uuid, purpose text, first_factor text,
    login_outcome text, reasons text[], level text, policy_version integer, risk_score integer,
    risk_signals jsonb, ip_address text, country text, city text, latitude real, longitude real, enrolling boolean,
    created_at timestamptz, expires_at timestamptz, completed_at timestamptz, completed_wall timestamptz, completed_with text, may_change_factors boolean,
    completed_by uuid, user_kind text, advisor_id uuid, device_trusted boolean);

-- One verification of whatever kind and outcome.
create function hot_verify(
    p_item integer, p_tenant uuid, p_challenge uuid, p_month date, p_matching_keys text, p_digits smallint,
    p_backup_slot smallint, p_checked boolean, p_step bigint, p_backup_right boolean, p_code_digests text,
    p_device uuid, p_device_digest bytea, p_internal_seconds integer, p_external_seconds integer,
    p_passkey uuid, p_state bytea)
    returns hot_verified
    language plpgsql as $$
declare
    r hot_verified;
    c challenge%rowtype;
    l login%rowtype;
    v_now timestamptz;
    v_tenant_status text;
    v_told boolean;
    v_factor_status text;
    v_disabled boolean;
    v_locked_until timestamptz;
    v_right boolean;
    v_open boolean;
    v_spent boolean := false;
    v_attempts integer;
begin
    r.item := p_item;
    -- A statement for each partitioned table: with its month given from outside, it opens one partition.
    select * into c from challenge x
     where x.tenant_id = p_tenant and x.month = p_month and x.challenge_id = p_challenge;
    -- The code that confirms a pending factor is not one that lets in.
    if c.login_id is null or c.purpose <> 'LOGIN' then
        r.outcome := 'NOT_FOUND';
        return r;
    end if;
    select * into l from login x
     where x.tenant_id = p_tenant and x.month = c.login_month and x.login_id = c.login_id;
    if not found then
        r.outcome := 'NOT_FOUND';
        return r;
    end if;
    select u.external_id, u.kind, u.advisor_id, u.disabled, u.locked_until,
           clock_timestamp() + make_interval(secs => t.clock_offset_seconds), t.status, t.webhook_logins,
           f.status, f.secret_sealed, f.last_step
      into r.external_id, r.user_kind, r.advisor_id, v_disabled, v_locked_until,
           v_now, v_tenant_status, v_told, v_factor_status, r.factor_secret, r.last_step
      from tenant_user u
      join tenant t on t.tenant_id = p_tenant
      left join factor f on f.tenant_id = p_tenant and f.factor_id = coalesce(p_passkey, c.factor_id)
     where u.tenant_id = p_tenant and u.user_id = l.user_id;
    r.kind := c.kind;
    r.channel := c.channel;
    r.challenge_expires_at := c.expires_at;
    r.attempts_remaining := greatest(l.max_attempts - l.attempts, 0);
    -- Any of the user's passkeys may answer; an unknown one is nobody's.
    r.factor_id := case when c.kind = 'PASSKEY' and p_checked then p_passkey else c.factor_id end;
    r.user_id := l.user_id;
    r.login_id := l.login_id;
    r.purpose := l.purpose;
    r.first_factor := l.first_factor;
    r.login_outcome := l.outcome;
    r.reasons := l.reasons;
    r.level := l.level;
    r.policy_version := l.policy_version;
    r.risk_score := l.risk_score;
    r.risk_signals := l.risk_signals;
    r.ip_address := host(l.ip_address);
    r.country := l.country;
    r.city := l.city;
    r.latitude := l.latitude;
    r.longitude := l.longitude;
    r.enrolling := l.enrolling;
    r.created_at := l.created_at;
    r.expires_at := l.expires_at;
    r.completed_at := l.completed_at;
    r.completed_wall := l.completed_wall;
    r.completed_with := l.completed_with;
    r.may_change_factors := l.may_change_factors;
    r.completed_by := l.completed_by;
    r.outcome := case
        when l.completed_at is not null then 'ALREADY_COMPLETED'
        when l.attempts >= l.max_attempts then 'TOO_MANY_ATTEMPTS'
        when v_disabled or v_locked_until > v_now then 'USER_LOCKED'
        when v_tenant_status <> 'ACTIVE' then 'NOT_USABLE'
        when l.expires_at <= v_now or c.expires_at <= v_now then 'EXPIRED'
        when c.kind = 'PASSKEY' and (c.state_sealed is null or p_checked and c.state_sealed is distinct from p_state) then 'EXPIRED'
        when c.kind = 'PASSKEY' and not p_checked then 'NEEDS_SECRET'
        when c.kind <> 'TEMPORARY_ACCESS_CODE' and (c.kind <> 'PASSKEY' or p_passkey is not null)
             and v_factor_status is distinct from 'ACTIVE' then 'NOT_USABLE'
        when c.kind <> 'CODE' and not p_checked then 'NEEDS_SECRET'
    end;
    if r.outcome = 'NEEDS_SECRET' and c.kind = 'BACKUP_CODE' then
        select b.hash into r.backup_hash from backup_code b
         where b.tenant_id = p_tenant and b.factor_id = c.factor_id and b.slot = p_backup_slot and b.used_at is null;
    end if;
    if r.outcome is not null then
        return r;
    end if;

    v_right := case c.kind
        when 'CODE' then c.code_key_id = any (string_to_array(p_matching_keys, ',')::smallint[]) and c.digits = p_digits
        when 'TOTP' then p_step is not null and p_step > coalesce(r.last_step, -1)
        when 'BACKUP_CODE' then coalesce(p_backup_right, false)
        when 'PASSKEY' then p_step is not null
    end;
    -- What can be used once only is taken under the locks of login and user, before the login is completed.
    if c.kind <> 'CODE' then
        perform from login x where x.tenant_id = p_tenant and x.month = c.login_month and x.login_id = c.login_id
            and x.completed_at is null and x.attempts < x.max_attempts and x.expires_at = l.expires_at for no key update;
        v_open := found;
        perform from tenant_user u where u.tenant_id = p_tenant and u.user_id = l.user_id for no key update;
        if v_open and c.kind = 'TOTP' and v_right then
            update factor f set last_step = p_step
             where f.tenant_id = p_tenant and f.factor_id = c.factor_id and coalesce(f.last_step, -1) < p_step;
            v_right := found;
        elsif v_open and c.kind = 'BACKUP_CODE' and v_right then
            update backup_code b set used_at = v_now
             where b.tenant_id = p_tenant and b.factor_id = c.factor_id and b.slot = p_backup_slot and b.used_at is null;
            v_right := found;
        elsif v_open and c.kind = 'TEMPORARY_ACCESS_CODE' then
            update temporary_access_code x set used_at = v_now
             where x.tenant_id = p_tenant and x.user_id = l.user_id
               and x.digest = any (array(select decode(d, 'hex') from unnest(string_to_array(p_code_digests, ',')) d))
               and (x.login_id is null or x.login_id = l.login_id)
               and x.used_at is null and x.revoked_at is null and x.expires_at > v_now
            returning x.may_change_factors into r.may_change_factors;
            v_right := found;
        elsif c.kind = 'PASSKEY' then
            perform from factor f where f.tenant_id = p_tenant and f.factor_id = p_passkey for no key update;
            -- Right or wrong, what was asked is spent by the first answer.
            update challenge x set state_sealed = null, expires_at = case when v_right then x.expires_at else v_now end
             where v_open and x.tenant_id = p_tenant and x.month = p_month and x.challenge_id = p_challenge and x.state_sealed = p_state;
            v_spent := not found;
            if v_right and not v_spent then
                v_right := spend_sign_count(p_tenant, p_passkey, p_step, l.user_id, l.login_id, l.ip_address);
            end if;
        end if;
    end if;

    -- Whoever ends a user's logins moves their end: then this one is not completed any more.
    if v_spent then
        null;
    elsif v_right then
        update login x
           set completed_at = v_now, completed_wall = clock_timestamp(), completed_with = c.channel, completed_proof = c.channel,
               completed_by = p_challenge, may_change_factors = r.may_change_factors
         where x.tenant_id = p_tenant and x.month = c.login_month and x.login_id = c.login_id
           and x.completed_at is null and x.attempts < x.max_attempts and x.expires_at = l.expires_at
        returning x.completed_at, x.completed_wall, x.completed_with, x.completed_by
             into r.completed_at, r.completed_wall, r.completed_with, r.completed_by;
        if found then
            r.outcome := 'OK';
            -- The user before the factor.
            if cardinality(l.seen) > 0 then
                perform observe_logins(array[p_tenant], array[l.user_id], array[l.created_at], array[v_now],
                    array[array_to_string(l.seen, ',')], array[l.local_hour], array[l.latitude], array[l.longitude],
                    array[l.accuracy_km]);
            end if;
            if c.kind = 'TEMPORARY_ACCESS_CODE' then
                -- 'assisted' is no verified login: for 72 hours only SUPPORT changes the factors.
                update tenant_user u
                   set reset_pending = u.reset_pending and not r.may_change_factors,
                       factors_frozen_until = case when r.may_change_factors then null else v_now + interval '72 hours' end
                 where u.tenant_id = p_tenant and u.user_id = l.user_id;
                perform enqueue_notices(p_tenant, l.user_id, null, 'temporary_access_used', '{}');
            end if;
            if 'OPT_OUT_ENDED' = any (l.reasons) then
                update tenant_user u set opted_out_at = null where u.tenant_id = p_tenant and u.user_id = l.user_id;
            end if;
            if r.factor_id is not null then
                update factor f set last_used_at = v_now, consecutive_failures = 0
                 where f.tenant_id = p_tenant and f.factor_id = r.factor_id;
            end if;
            r.device_trusted := trust_proved_device(
                p_tenant, l.user_id, r.user_kind, r.factor_id, l.user_agent, v_now,
                p_device, p_device_digest, p_internal_seconds, p_external_seconds);
            if v_told then
                perform tell_completed(p_tenant, l.user_id, l.login_id, l.purpose, r.completed_with);
            end if;
            return r;
        end if;
    else
        update login x set attempts = x.attempts + 1
         where x.tenant_id = p_tenant and x.month = c.login_month and x.login_id = c.login_id
           and x.completed_at is null and x.attempts < x.max_attempts and x.expires_at = l.expires_at
        returning x.attempts into v_attempts;
        if found then
            r.attempts_remaining := greatest(l.max_attempts - v_attempts, 0);
            r.outcome := case when count_wrong_code(p_tenant, v_now, l.user_id, r.factor_id) then 'WRONG_CODE' else 'USER_LOCKED' end;
            if r.attempts_remaining = 0 then
                perform add_event(p_tenant, 'CHALLENGE_FAILED',
                    jsonb_build_object('user_id', l.user_id, 'login_id', l.login_id, 'challenge_id', p_challenge));
            end if;
            return r;
        end if;
    end if;
    -- Somebody else was faster: with the right code, with the last try, or with the end of all logins.
    select case when x.completed_at is not null then 'ALREADY_COMPLETED'
                when x.attempts >= x.max_attempts then 'TOO_MANY_ATTEMPTS' else 'EXPIRED' end,
           greatest(x.max_attempts - x.attempts, 0), x.completed_at, x.completed_wall, x.completed_with, x.completed_by
      into r.outcome, r.attempts_remaining, r.completed_at, r.completed_wall, r.completed_with, r.completed_by
      from login x where x.tenant_id = p_tenant and x.month = c.login_month and x.login_id = c.login_id;
    return r;
end $$;

-- Takes a passkey's signature counter where it is above the last one. One that went backwards says that
-- somebody has a copy of the key: it is refused, and on record. Authenticators that count nothing stay at 0.
create or replace function spend_sign_count(
    p_tenant uuid, p_passkey uuid, p_count bigint, p_user uuid, p_login uuid, p_ip inet) returns boolean
    language plpgsql set search_path = pg_catalog, public as $$
declare
    v_last bigint;
begin
    select coalesce(f.last_step, 0) into v_last from factor f where f.tenant_id = p_tenant and f.factor_id = p_passkey;
    if p_count > v_last or p_count = 0 and v_last = 0 then
        update factor f set last_step = p_count where f.tenant_id = p_tenant and f.factor_id = p_passkey;
        return found;
    end if;
    perform add_audit(p_tenant, 'system', 'factor.sign_count_regressed', p_passkey::text,
        jsonb_build_object('user_id', p_user, 'login_id', p_login, 'last', v_last, 'given', p_count), p_ip);
    return false;
end $$;

-- Whoever wants to hear of logins hears that this one is complete.
create or replace function tell_completed(
    p_tenant uuid, p_user uuid, p_login uuid, p_purpose text, p_completed_with text) returns void
    language plpgsql set search_path = pg_catalog, public as $$
begin
    perform add_event(p_tenant, 'LOGIN_COMPLETED', jsonb_build_object(
        'user_id', p_user, 'login_id', p_login, 'purpose', p_purpose, 'completed_with', p_completed_with));
end $$;

-- Trusts the device on which a factor was proved, where that was asked for and the policy does so; an
-- advisor's code proves no factor. Devices end with a change of factors, or with the user's being locked,
-- under the lock of the user's row: under it the proof must still hold, else the device would outlive
-- what was changed meanwhile.
drop function if exists trust_proved_device;
create function trust_proved_device(
    p_tenant uuid, p_user uuid, p_user_kind text, p_factor uuid, p_user_agent text, p_now timestamptz,
    p_device uuid, p_digest bytea, p_internal_seconds integer, p_external_seconds integer)
    returns boolean
    language plpgsql set search_path = pg_catalog, public as $$
declare
    v_seconds integer := case p_user_kind when 'INTERNAL' then p_internal_seconds else p_external_seconds end;
begin
    if p_device is null or coalesce(v_seconds, 0) <= 0 or p_factor is null then
        return false;
    end if;
    perform from tenant_user u
      where u.tenant_id = p_tenant and u.user_id = p_user and not u.disabled
        and (u.locked_until is null or u.locked_until <= p_now) for no key update;
    if not found then
        return false;
    end if;
    perform from factor f where f.tenant_id = p_tenant and f.factor_id = p_factor and f.status = 'ACTIVE';
    if not found then
        return false;
    end if;
    perform trust_device(p_tenant, p_user, p_device, p_digest, p_user_agent, p_now, v_seconds);
    return true;
end $$;

-- Many verifications, each under its own tenant.
--
-- Right codes that were sent are completed by one statement. Row-level security stays in force item by
-- item: each row of the outermost subquery sets its tenant as it is read, and everything that is read
-- for it comes after it in the nested loops, whose order LATERAL and OFFSET 0 fix. Should the planner
-- choose another order, rows would be hidden, never shown to another tenant, and what is not found here
-- is done one by one below. Whatever else there is to say (wrong, late, locked) is said there, too.
--
-- Of two right codes for one login the second finds it completed: the statement changes a row once.
create function hot_verify_batch(
    p_tenants uuid[], p_challenges uuid[], p_months date[], p_matching_keys text[], p_digits smallint[],
    p_backup_slots smallint[], p_checked boolean[], p_steps bigint[], p_backup_rights boolean[], p_code_digests text[],
    p_devices uuid[], p_device_digests bytea[], p_internal_seconds integer[], p_external_seconds integer[],
    p_passkeys uuid[], p_states bytea[])
    returns setof hot_verified
    language plpgsql
    set search_path = pg_catalog, public
    -- Planning would cost many times what running does.
    set plan_cache_mode = force_generic_plan set enable_seqscan = off
    set enable_hashjoin = off set enable_mergejoin = off set enable_memoize = off set enable_material = off
    as $$
declare
    r hot_verified;
    v_row record;
    v_count integer := cardinality(p_tenants);
    v_month date := p_months[1];
    -- As long as the items: side by side with them, they must begin where those begin.
    v_factors uuid[] := array_fill(null::uuid, array[v_count]);
    v_times timestamptz[] := array_fill(null::timestamptz, array[v_count]);
    v_done boolean[] := array_fill(false, array[v_count]);
    v_touched uuid[];
    v_noted integer[] := '{}';
    v_users uuid[];
    v_created_ats timestamptz[];
    v_seen text[];
    v_hours smallint[];
    v_latitudes real[];
    v_longitudes real[];
    v_accuracies real[];
    v_trusting hot_verified[] := '{}';
    v_told hot_verified[] := '{}';
    v_agents text[];
    v_set text;
begin
    -- Also for the planner, which would otherwise reckon with a tenant that has no rows.
    v_set := set_config('postern.tenant_id', p_tenants[1]::text, true);
    -- Beginning this statement costs as much as a few calls of the other.
    if v_count > 4 then
        for v_row in
            update login l
               set completed_at = s.now, completed_wall = clock_timestamp(), completed_with = s.channel,
                   completed_proof = s.channel, completed_by = s.challenge_id
              from (select b.item, b.tenant_id, b.challenge_id, c.login_id, c.user_id, c.channel, c.expires_at, t.now, t.ahead, t.told,
                           u.external_id, u.kind, u.advisor_id, f.factor_id, f.secret_sealed
                      from (select i.item, i.challenge_id, i.keys, i.digits,
                                   set_config('postern.tenant_id', i.tenant_id::text, true)::uuid as tenant_id
                              from unnest(p_tenants, p_challenges, p_matching_keys, p_digits)
                                   with ordinality i (tenant_id, challenge_id, keys, digits, item)) b
                     cross join lateral (
                        select x.login_id, x.user_id, x.factor_id, x.channel, x.expires_at
                          from challenge x
                         where x.tenant_id = b.tenant_id and x.month = v_month and x.challenge_id = b.challenge_id
                           and x.kind = 'CODE' and x.purpose = 'LOGIN' and x.code_key_id = any (string_to_array(b.keys, ',')::smallint[])
                           and x.digits = b.digits and x.login_month = v_month
                        offset 0) c
                     cross join lateral (
                        select clock_timestamp() + make_interval(secs => x.clock_offset_seconds) as now,
                               make_interval(secs => x.clock_offset_seconds) as ahead, x.webhook_logins as told
                          from tenant x where x.tenant_id = b.tenant_id and x.status = 'ACTIVE'
                        offset 0) t
                     cross join lateral (
                        select x.external_id, x.kind, x.advisor_id
                          from tenant_user x
                         where x.tenant_id = b.tenant_id and x.user_id = c.user_id and not x.disabled
                           and (x.locked_until is null or x.locked_until <= t.now)
                        offset 0) u
                     cross join lateral (
                        select x.factor_id, x.secret_sealed
                          from factor x
                         where x.tenant_id = b.tenant_id and x.factor_id = c.factor_id and x.status = 'ACTIVE'
                        offset 0) f
                     where c.expires_at > t.now
                     -- No item is left out; the planner takes it for few rows, and begins with them.
                     limit v_count) s
             where l.tenant_id = s.tenant_id and l.month = v_month and l.login_id = s.login_id
               -- By the clock as it is when the row is had: whoever held it may have ended the login.
               and l.completed_at is null and l.attempts < l.max_attempts and l.expires_at > clock_timestamp() + s.ahead
               and 'OPT_OUT_ENDED' <> all (l.reasons)
            returning s.told, l.created_at as began_at, l.user_agent, array_to_string(l.seen, ',') as seen, l.local_hour, l.latitude,
                      l.longitude, l.accuracy_km, row(s.item::integer, 'OK', 'CODE', s.channel, s.expires_at,
                      l.max_attempts - l.attempts, s.factor_id, s.secret_sealed, null::bigint, null::text,
                      s.user_id, s.external_id, l.login_id, l.purpose, l.first_factor,
                      l.outcome, l.reasons, l.level, l.policy_version, l.risk_score::integer,
                      l.risk_signals, host(l.ip_address), l.country, l.city, l.latitude, l.longitude, l.enrolling, l.created_at, l.expires_at,
                      l.completed_at, l.completed_wall, l.completed_with, l.may_change_factors,
                      l.completed_by, s.kind, s.advisor_id, false)::hot_verified as verified
        loop
            r := v_row.verified;
            v_done[r.item] := true;
            v_factors[r.item] := r.factor_id;
            v_times[r.item] := r.completed_at;
            if v_row.seen <> '' then
                v_noted := v_noted || r.item;
                v_users[r.item] := r.user_id;
                v_created_ats[r.item] := v_row.began_at;
                v_seen[r.item] := v_row.seen;
                v_hours[r.item] := v_row.local_hour;
                v_latitudes[r.item] := v_row.latitude;
                v_longitudes[r.item] := v_row.longitude;
                v_accuracies[r.item] := v_row.accuracy_km;
            end if;
            if v_row.told then
                v_told := v_told || r;
            end if;
            if p_devices[r.item] is null then
                return next r;
            else
                v_trusting := v_trusting || r;
                v_agents[r.item] := v_row.user_agent;
            end if;
        end loop;
        if cardinality(v_noted) > 0 then
            perform observe_logins(
                array_agg(p_tenants[n]), array_agg(v_users[n]), array_agg(v_created_ats[n]), array_agg(v_times[n]),
                array_agg(v_seen[n]), array_agg(v_hours[n]), array_agg(v_latitudes[n]), array_agg(v_longitudes[n]),
                array_agg(v_accuracies[n]))
               from unnest(v_noted) n;
        end if;
        -- Each factor once, always in the same order: a user may complete two logins at the same time.
        with touched as (
            update factor f set last_used_at = s.at, consecutive_failures = 0
              from (select d.factor_id, d.at, set_config('postern.tenant_id', d.tenant_id::text, true)::uuid as tenant_id
                      from (select i.tenant_id, i.factor_id, max(i.at) as at
                              from unnest(p_tenants, v_factors, v_times) i (tenant_id, factor_id, at)
                             where i.factor_id is not null group by 1, 2 order by 1, 2) d
                     limit v_count) s
             where f.tenant_id = s.tenant_id and f.factor_id = s.factor_id
            returning f.factor_id)
        select array_agg(t.factor_id) into v_touched from touched t;
        -- Those that row-level security hid, should the planner have joined in another order after all.
        for i in 1 .. v_count loop
            if v_done[i] and v_factors[i] <> all (coalesce(v_touched, '{}')) then
                v_set := set_config('postern.tenant_id', p_tenants[i]::text, true);
                update factor f set last_used_at = v_times[i], consecutive_failures = 0
                 where f.tenant_id = p_tenants[i] and f.factor_id = v_factors[i];
            end if;
        end loop;
        foreach r in array v_told loop
            v_set := set_config('postern.tenant_id', p_tenants[r.item]::text, true);
            perform tell_completed(p_tenants[r.item], r.user_id, r.login_id, r.purpose, r.completed_with);
        end loop;
        -- Devices last, when their users are locked.
        foreach r in array v_trusting loop
            v_set := set_config('postern.tenant_id', p_tenants[r.item]::text, true);
            r.device_trusted := trust_proved_device(
                p_tenants[r.item], r.user_id, r.user_kind, r.factor_id, v_agents[r.item], r.completed_at, p_devices[r.item],
                p_device_digests[r.item], p_internal_seconds[r.item], p_external_seconds[r.item]);
            return next r;
        end loop;
    end if;
    for i in 1 .. v_count loop
        if not v_done[i] then
            v_set := set_config('postern.tenant_id', p_tenants[i]::text, true);
            return next hot_verify(i, p_tenants[i], p_challenges[i], p_months[i], p_matching_keys[i], p_digits[i],
                p_backup_slots[i], p_checked[i], p_steps[i], p_backup_rights[i], p_code_digests[i],
                p_devices[i], p_device_digests[i], p_internal_seconds[i], p_external_seconds[i], p_passkeys[i], p_states[i]);
        end if;
    end loop;
    v_set := set_config('postern.tenant_id', '', true);
end $$;
