-- startChallenge: one round trip. `p_method` is the channel of the method that was chosen; which
-- channels are allowed depends on the user's audience, which is known here alone.
create or replace function hot_start_challenge(
    p_tenant uuid, p_login uuid, p_login_month date, p_factor uuid, p_method text,
    p_allowed_internal text[], p_allowed_external text[],
    p_challenge uuid, p_challenge_month date, p_message uuid, p_message_month date,
    p_code_key smallint, p_digits smallint, p_ttl integer, p_resend_after integer,
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
            when p_method not in ('SMS', 'VOICE', 'EMAIL', 'TOTP', 'BACKUP_CODE') then 'NO_METHOD'
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
                         p_challenge, p_challenge_month, p_message, p_message_month, p_code_key, p_digits, p_ttl, p_resend_after) s;
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
    if challenge_id is null or expires_at < l.expires_at then
        challenge_id := coalesce(challenge_id, p_challenge);
        expires_at := l.expires_at;
        if challenge_id = p_challenge then
            insert into challenge (tenant_id, month, challenge_id, user_id, login_month, login_id, factor_id, kind, purpose,
                                   digits, created_at, expires_at, channel)
            values (p_tenant, p_challenge_month, p_challenge, l.user_id, p_login_month, p_login, factor_id, v_kind, 'LOGIN',
                    0, now, expires_at, p_method);
        else
            update challenge c set expires_at = l.expires_at
             where c.tenant_id = p_tenant and c.challenge_id = hot_start_challenge.challenge_id and c.month >= p_login_month;
        end if;
    end if;
    outcome := 'OK';
end $$;

create or replace function hot_start_challenge_batch(
    p_tenants uuid[], p_logins uuid[], p_login_months date[], p_factors uuid[], p_methods text[], p_allowed text[],
    p_challenges uuid[], p_messages uuid[], p_months date[],
    p_code_keys smallint[], p_digits smallint[], p_ttls integer[], p_resend_afters integer[])
    returns table (item integer, outcome text, challenge_id uuid, channel text, expires_at timestamptz, resend_at timestamptz,
    attempts_remaining integer, factor_id uuid, factor_secret bytea, message_id uuid, now timestamptz)
    language plpgsql set search_path = pg_catalog, public
    -- Planning would cost many times what running does.
    set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
    v_set text;
begin
    for i in 1 .. cardinality(p_tenants) loop
        v_set := set_config('postern.tenant_id', p_tenants[i]::text, true);
        return query select i, h.* from hot_start_challenge(
            p_tenants[i], p_logins[i], p_login_months[i], p_factors[i], p_methods[i], string_to_array(split_part(p_allowed[i], '|', 1), ','),
            string_to_array(split_part(p_allowed[i], '|', 2), ','), p_challenges[i], p_months[i], p_messages[i], p_months[i],
            p_code_keys[i], p_digits[i], p_ttls[i], p_resend_afters[i]) h;
    end loop;
    v_set := set_config('postern.tenant_id', '', true);
end $$;
