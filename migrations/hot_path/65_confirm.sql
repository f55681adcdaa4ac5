-- confirmFactor. The step-up rule has been checked by the caller, who holds the locks on login and
-- user; here the code is checked and counted, and the right one makes the factor ACTIVE.
--
-- A try is counted on the login in which the code was sent, else on the pending factor itself. An
-- expired, locked or used up enrollment is answered without comparing anything. Of an app `p_step` is the
-- time step of a right code, of a passkey the signature counter of a right credential.
create or replace function confirm_factor_code(
    p_tenant uuid, p_user uuid, p_factor uuid, p_login uuid, p_login_month date, p_challenge uuid, p_challenge_month date,
    p_matching_keys smallint[], p_digits smallint, p_step bigint, p_max_attempts smallint, p_completes_login boolean,
    p_by_support boolean,
    out outcome text, out attempts_remaining integer, out login_completed boolean)
    language plpgsql set search_path = pg_catalog, public as $$
#variable_conflict use_column
declare
    l login%rowtype;
    u tenant_user%rowtype;
    f factor%rowtype;
    c challenge%rowtype;
    v_now timestamptz;
    v_status text;
    v_told boolean;
    v_counts_on_login boolean;
    v_attempts integer;
    v_max integer;
    v_right boolean;
    v_first boolean;
    v_replaced uuid;
begin
    login_completed := false;
    if p_login is not null then
        select * into l from login x where x.tenant_id = p_tenant and x.month = p_login_month and x.login_id = p_login
           and x.user_id = p_user for no key update;
        if not found then
            outcome := 'NOT_FOUND';
            return;
        end if;
    end if;
    select * into u from tenant_user x where x.tenant_id = p_tenant and x.user_id = p_user for no key update;
    select * into f from factor x where x.tenant_id = p_tenant and x.factor_id = p_factor and x.user_id = p_user for no key update;
    if not found or f.status not in ('PENDING', 'ACTIVE') then
        outcome := 'NOT_FOUND';
        return;
    end if;
    select clock_timestamp() + make_interval(secs => t.clock_offset_seconds), t.status, t.webhook_logins into v_now, v_status, v_told
      from tenant t where t.tenant_id = p_tenant;
    if p_challenge is not null then
        select * into c from challenge x where x.tenant_id = p_tenant and x.month = p_challenge_month
           and x.challenge_id = p_challenge and x.factor_id = p_factor and x.purpose = 'ENROLL'
           and (x.login_id is null or x.login_id = p_login);
    end if;

    -- The budget is that of the code: it is fixed when the code goes out, and for an app when its seed is made.
    v_counts_on_login := p_login is not null and coalesce(c.login_id, case when f.kind in ('TOTP', 'PASSKEY') then f.login_id end) = p_login;
    v_counts_on_login := coalesce(v_counts_on_login, false);
    v_attempts := case when v_counts_on_login then l.attempts else f.attempts end;
    v_max := case when v_counts_on_login then l.max_attempts else p_max_attempts end;
    attempts_remaining := greatest(v_max - v_attempts, 0);
    outcome := case
        when f.status = 'ACTIVE' then 'ALREADY_COMPLETED'
        when v_attempts >= v_max then 'TOO_MANY_ATTEMPTS'
        when u.disabled or u.locked_until > v_now then 'USER_LOCKED'
        when v_status <> 'ACTIVE' then 'NOT_USABLE'
        when not f.suggested and f.expires_at <= v_now then 'EXPIRED'
        when p_login is not null and l.completed_at is null and l.expires_at <= v_now then 'EXPIRED'
        when f.kind in ('TOTP', 'PASSKEY') and f.login_id is distinct from p_login and f.login_id is not null then 'EXPIRED'
        when f.kind not in ('TOTP', 'PASSKEY') and (c.challenge_id is null or c.expires_at <= v_now or c.verified_at is not null) then 'EXPIRED'
    end;
    if outcome is not null then
        return;
    end if;

    v_right := case when f.kind in ('TOTP', 'PASSKEY') then p_step is not null and p_step > coalesce(f.last_step, -1)
                    else c.code_key_id = any (p_matching_keys) and c.digits = p_digits end;
    if not coalesce(v_right, false) then
        if v_counts_on_login then
            update login x set attempts = x.attempts + 1
             where x.tenant_id = p_tenant and x.month = p_login_month and x.login_id = p_login and x.attempts < x.max_attempts
            returning x.attempts into v_attempts;
        else
            update factor x set attempts = x.attempts + 1
             where x.tenant_id = p_tenant and x.factor_id = p_factor and x.attempts < p_max_attempts
            returning x.attempts into v_attempts;
        end if;
        if f.kind = 'PASSKEY' then
            -- What the authenticator was asked is spent by the first answer.
            update factor x set expires_at = v_now where x.tenant_id = p_tenant and x.factor_id = p_factor;
        end if;
        attempts_remaining := greatest(v_max - v_attempts, 0);
        outcome := case when count_wrong_code(p_tenant, v_now, p_user, null) then 'WRONG_CODE' else 'USER_LOCKED' end;
        return;
    end if;

    v_first := not exists (select from factor x where x.tenant_id = p_tenant and x.user_id = p_user
                              and x.status in ('ACTIVE', 'DISABLED') and x.kind <> 'BACKUP_CODES');
    select x.factor_id into v_replaced from factor x
     where x.tenant_id = p_tenant and x.user_id = p_user and x.kind = f.kind
       and x.status in ('ACTIVE', 'DISABLED') and f.kind <> 'PASSKEY';
    -- Before anything changes, so that the factor that is being replaced hears of it too.
    perform enqueue_notices(p_tenant, p_user, p_factor, case when v_replaced is null then 'factor_added' else 'factor_changed' end,
                            jsonb_build_object('kind', f.kind, 'by_support', p_by_support));
    if v_replaced is not null then
        update factor x set status = 'REMOVED', removed_at = v_now
         where x.tenant_id = p_tenant and x.factor_id = v_replaced;
        perform add_event(p_tenant, 'FACTOR_REMOVED',
            jsonb_build_object('user_id', p_user, 'factor_id', v_replaced, 'kind', f.kind));
    end if;
    -- Begun elsewhere: whoever began it may be somebody else. And what the tenant suggested is replaced.
    update factor x set status = 'REMOVED', removed_at = v_now
     where x.tenant_id = p_tenant and x.user_id = p_user and x.status = 'PENDING' and x.factor_id <> p_factor
       and case when x.suggested then x.kind = f.kind or x.blind_index = f.blind_index
                else x.login_id is null or x.login_id is distinct from coalesce(p_login, f.login_id) end;
    update factor x
       set status = 'ACTIVE', suggested = false, expires_at = null, confirmed_at = v_now, last_used_at = v_now,
           confirmed_from = l.ip_address,
           last_step = coalesce(p_step, x.last_step), attempts = 0
     where x.tenant_id = p_tenant and x.factor_id = p_factor;
    if c.challenge_id is not null then
        update challenge x set verified_at = v_now
         where x.tenant_id = p_tenant and x.month = c.month and x.challenge_id = c.challenge_id;
    end if;
    perform end_devices(p_tenant, p_user);
    if v_first then
        -- Whoever logged in before proved nothing.
        perform forget_history(p_tenant, p_user);
        -- Whoever enrolls wants it again.
        update tenant_user x set opted_out_at = null
         where x.tenant_id = p_tenant and x.user_id = p_user and x.opted_out_at is not null;
    end if;
    perform add_event(p_tenant, 'FACTOR_ADDED', jsonb_build_object('user_id', p_user, 'factor_id', p_factor, 'kind', f.kind));
    if p_completes_login and l.outcome = 'ENROLL' and l.completed_at is null then
        update login x
           set completed_at = v_now, completed_wall = clock_timestamp(), completed_with = 'ENROLLED',
               completed_proof = case when f.kind in ('TOTP', 'PASSKEY') then f.kind else c.channel end, completed_by = p_factor
         where x.tenant_id = p_tenant and x.month = p_login_month and x.login_id = p_login and x.completed_at is null;
        login_completed := found;
        if login_completed and v_told then
            perform tell_completed(p_tenant, p_user, p_login, l.purpose, 'ENROLLED');
        end if;
        if login_completed and cardinality(l.seen) > 0 then
            perform observe_logins(array[p_tenant], array[p_user], array[l.created_at], array[v_now],
                array[array_to_string(l.seen, ',')], array[l.local_hour], array[l.latitude], array[l.longitude],
                array[l.accuracy_km]);
        end if;
    end if;
    outcome := 'OK';
end $$;
