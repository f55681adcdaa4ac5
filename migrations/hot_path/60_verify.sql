-- verifyChallenge. Codes that were sent take one round trip: the caller says under which keys the
-- given code would be right, and only the challenge knows which key is its own. What needs a secret
-- of the factor (app, backup code, temporary code) answers NEEDS_SECRET first, which costs no try,
-- and is called again with `p_checked` and what the check found.
--
-- A try is counted in the very statement that finds the budget still open, and answered after
-- commit: neither parallel calls nor other challenges of the login give a sixth.
create or replace function hot_verify(
    p_tenant uuid, p_challenge uuid, p_month date, p_matching_keys smallint[], p_digits smallint,
    p_backup_slot smallint, p_checked boolean, p_step bigint, p_backup_right boolean, p_code_digests bytea[],
    out outcome text, out kind text, out channel text, out challenge_expires_at timestamptz,
    out attempts_remaining integer, out factor_id uuid, out factor_secret bytea, out last_step bigint, out backup_hash text,
    out user_id uuid, out external_id text, out login_id uuid, out purpose text, out first_factor text,
    out login_outcome text, out reasons text[], out level text, out policy_version integer, out risk_score integer,
    out risk_signals jsonb, out ip_address text, out enrolling boolean, out created_at timestamptz, out expires_at timestamptz,
    out completed_at timestamptz, out completed_wall timestamptz, out completed_with text, out may_change_factors boolean,
    out completed_by uuid, out user_kind text, out advisor_id uuid)
    language plpgsql set search_path = pg_catalog, public as $$
#variable_conflict use_column
declare
    v_now timestamptz;
    v_login_month date;
    v_right boolean;
    v_attempts integer;
    v_max integer;
    v_failures integer;
    v_frozen boolean := false;
begin
    -- Everything the answer and the assertion need, in one read.
    select case
               when l.completed_at is not null then 'ALREADY_COMPLETED'
               when l.attempts >= l.max_attempts then 'TOO_MANY_ATTEMPTS'
               when u.disabled or u.locked_until > x.now then 'USER_LOCKED'
               when t.status <> 'ACTIVE' then 'NOT_USABLE'
               when l.expires_at <= x.now or c.expires_at <= x.now then 'EXPIRED'
               when c.kind <> 'TEMPORARY_ACCESS_CODE' and f.status is distinct from 'ACTIVE' then 'NOT_USABLE'
               when c.kind <> 'CODE' and not p_checked then 'NEEDS_SECRET'
           end,
           x.now, c.kind, c.channel, c.expires_at, l.attempts, l.max_attempts, c.factor_id, f.secret_sealed, f.last_step,
           f.consecutive_failures,
           u.user_id, u.external_id, u.kind, u.advisor_id, l.month, l.login_id, l.purpose, l.first_factor, l.outcome, l.reasons, l.level,
           l.policy_version, l.risk_score, l.risk_signals, host(l.ip_address), l.enrolling, l.created_at, l.expires_at,
           l.completed_at, l.completed_wall, l.completed_with, l.may_change_factors, l.completed_by,
           case when c.kind = 'CODE' then c.code_key_id = any (p_matching_keys) and c.digits = p_digits
                when c.kind = 'TOTP' then p_step is not null and p_step > coalesce(f.last_step, -1)
                when c.kind = 'BACKUP_CODE' then coalesce(p_backup_right, false)
                else null end
      into outcome, v_now, kind, channel, challenge_expires_at, v_attempts, v_max, factor_id, factor_secret, last_step,
           v_failures,
           user_id, external_id, user_kind, advisor_id, v_login_month, login_id, purpose, first_factor, login_outcome, reasons, level,
           policy_version, risk_score, risk_signals, ip_address, enrolling, created_at, expires_at,
           completed_at, completed_wall, completed_with, may_change_factors, completed_by, v_right
      from challenge c
      join login l on l.tenant_id = c.tenant_id and l.month = c.login_month and l.login_id = c.login_id
      join tenant_user u on u.tenant_id = l.tenant_id and u.user_id = l.user_id
      join tenant t on t.tenant_id = c.tenant_id
      cross join lateral (select clock_timestamp() + make_interval(secs => t.clock_offset_seconds) as now) x
      left join factor f on f.tenant_id = c.tenant_id and f.factor_id = c.factor_id
     where c.tenant_id = p_tenant and c.month = p_month and c.challenge_id = p_challenge
       -- The code that confirms a pending factor is not one that lets in.
       and c.purpose = 'LOGIN';
    if not found then
        outcome := 'NOT_FOUND';
        return;
    end if;
    attempts_remaining := greatest(v_max - v_attempts, 0);
    if outcome = 'NEEDS_SECRET' and kind = 'BACKUP_CODE' then
        select b.hash into backup_hash from backup_code b
         where b.tenant_id = p_tenant and b.factor_id = hot_verify.factor_id and b.slot = p_backup_slot and b.used_at is null;
    end if;
    if outcome is not null then
        return;
    end if;

    -- What can be used once only is taken under the login's lock, before the login is completed.
    if kind <> 'CODE' then
        perform from login l where l.tenant_id = p_tenant and l.month = v_login_month and l.login_id = hot_verify.login_id
            and l.completed_at is null and l.attempts < l.max_attempts for no key update;
        if found and kind = 'TOTP' and v_right then
            update factor f set last_step = p_step
             where f.tenant_id = p_tenant and f.factor_id = hot_verify.factor_id and coalesce(f.last_step, -1) < p_step;
            v_right := found;
        elsif found and kind = 'BACKUP_CODE' and v_right then
            update backup_code b set used_at = v_now
             where b.tenant_id = p_tenant and b.factor_id = hot_verify.factor_id and b.slot = p_backup_slot and b.used_at is null;
            v_right := found;
        elsif found and kind = 'TEMPORARY_ACCESS_CODE' then
            update temporary_access_code c set used_at = v_now
             where c.tenant_id = p_tenant and c.user_id = hot_verify.user_id and c.digest = any (p_code_digests)
               and (c.login_id is null or c.login_id = hot_verify.login_id)
               and c.used_at is null and c.revoked_at is null and c.expires_at > v_now
            returning c.may_change_factors into may_change_factors;
            v_right := found;
        end if;
    end if;

    if v_right then
        update login l
           set completed_at = v_now, completed_wall = clock_timestamp(), completed_with = hot_verify.channel, completed_proof = hot_verify.channel,
               completed_by = p_challenge, may_change_factors = hot_verify.may_change_factors
         where l.tenant_id = p_tenant and l.month = v_login_month and l.login_id = hot_verify.login_id
           and l.completed_at is null and l.attempts < l.max_attempts
        returning l.completed_at, l.completed_wall, l.completed_with, l.completed_by
             into completed_at, completed_wall, completed_with, completed_by;
        if found then
            outcome := 'OK';
            if factor_id is not null then
                update factor f set last_used_at = v_now, consecutive_failures = 0
                 where f.tenant_id = p_tenant and f.factor_id = hot_verify.factor_id;
            end if;
            if kind = 'TEMPORARY_ACCESS_CODE' then
                -- 'assisted' is no verified login: for 72 hours only SUPPORT changes the factors.
                update tenant_user u
                   set reset_pending = u.reset_pending and not hot_verify.may_change_factors,
                       factors_frozen_until = case when hot_verify.may_change_factors then null else v_now + interval '72 hours' end
                 where u.tenant_id = p_tenant and u.user_id = hot_verify.user_id;
                perform enqueue_notices(p_tenant, hot_verify.user_id, null, 'temporary_access_used', '{}');
            end if;
            if 'OPT_OUT_ENDED' = any (reasons) then
                update tenant_user u set opted_out_at = null where u.tenant_id = p_tenant and u.user_id = hot_verify.user_id;
            end if;
            return;
        end if;
    else
        update login l set attempts = l.attempts + 1
         where l.tenant_id = p_tenant and l.month = v_login_month and l.login_id = hot_verify.login_id
           and l.completed_at is null and l.attempts < l.max_attempts
        returning l.attempts into v_attempts;
        if found then
            attempts_remaining := greatest(v_max - v_attempts, 0);
            outcome := case when count_wrong_code(p_tenant, v_now, user_id, factor_id) then 'WRONG_CODE' else 'USER_LOCKED' end;
            if attempts_remaining = 0 then
                perform add_event(p_tenant, 'CHALLENGE_FAILED',
                    jsonb_build_object('user_id', user_id, 'login_id', login_id, 'challenge_id', p_challenge));
            end if;
            return;
        end if;
    end if;
    -- Somebody else was faster: with the right code, or with the last try.
    select case when l.completed_at is not null then 'ALREADY_COMPLETED' else 'TOO_MANY_ATTEMPTS' end,
           greatest(l.max_attempts - l.attempts, 0), l.completed_at, l.completed_wall, l.completed_with, l.completed_by
      into outcome, attempts_remaining, completed_at, completed_wall, completed_with, completed_by
      from login l where l.tenant_id = p_tenant and l.month = v_login_month and l.login_id = hot_verify.login_id;
end $$;

create or replace function hot_verify_batch(
    p_tenants uuid[], p_challenges uuid[], p_months date[], p_matching_keys text[], p_digits smallint[],
    p_backup_slots smallint[], p_checked boolean[], p_steps bigint[], p_backup_rights boolean[], p_code_digests text[])
    returns table (item integer, outcome text, kind text, channel text, challenge_expires_at timestamptz,
    attempts_remaining integer, factor_id uuid, factor_secret bytea, last_step bigint, backup_hash text,
    user_id uuid, external_id text, login_id uuid, purpose text, first_factor text,
    login_outcome text, reasons text[], level text, policy_version integer, risk_score integer,
    risk_signals jsonb, ip_address text, enrolling boolean, created_at timestamptz, expires_at timestamptz,
    completed_at timestamptz, completed_wall timestamptz, completed_with text, may_change_factors boolean, completed_by uuid,
    user_kind text, advisor_id uuid)
    language plpgsql set search_path = pg_catalog, public as $$
begin
    for i in 1 .. cardinality(p_tenants) loop
        perform set_config('postern.tenant_id', p_tenants[i]::text, true);
        return query select i, h.* from hot_verify(
            p_tenants[i], p_challenges[i], p_months[i], string_to_array(p_matching_keys[i], ',')::smallint[], p_digits[i],
            p_backup_slots[i], p_checked[i], p_steps[i], p_backup_rights[i],
            array(select decode(d, 'hex') from unnest(string_to_array(p_code_digests[i], ',')) d)) h;
    end loop;
    perform set_config('postern.tenant_id', '', true);
end $$;
