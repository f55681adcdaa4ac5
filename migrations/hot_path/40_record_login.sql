-- evaluateLogin, second round trip: the decision, written before it is given, with all that it was made
-- from. A login that is allowed because it is not unusual is complete, and is noted in the history.
-- False where another call with the same idempotency key was faster: the caller loads again.
drop function if exists hot_record_login;
create function hot_record_login(
    p_tenant uuid, p_login uuid, p_month date, p_user uuid, p_purpose text, p_first_factor text, p_outcome text,
    p_reasons text[], p_level text, p_policy_version integer, p_risk_score smallint, p_risk_signals jsonb,
    p_ip inet, p_user_agent text, p_enrolling boolean, p_max_attempts smallint, p_created_at timestamptz,
    p_lifetime integer, p_api_key uuid, p_idempotency_key text, p_input_digest bytea,
    p_country text, p_city text, p_latitude real, p_longitude real, p_accuracy real, p_hour smallint, p_seen bigint[],
    p_facts json)
    returns boolean
    language plpgsql set search_path = pg_catalog, public as $$
begin
    if p_idempotency_key is not null then
        delete from idempotency_key k where k.tenant_id = p_tenant and k.api_key_id = p_api_key
           and k.key = p_idempotency_key and k.expires_at <= p_created_at;
        insert into idempotency_key (tenant_id, api_key_id, key, input_digest, login_id, expires_at)
        values (p_tenant, p_api_key, p_idempotency_key, p_input_digest, p_login, p_created_at + interval '10 minutes')
            on conflict do nothing;
        if not found then
            return false;
        end if;
    end if;
    insert into login (tenant_id, month, login_id, user_id, purpose, first_factor, outcome, reasons, level,
                       policy_version, risk_score, risk_signals, ip_address, user_agent, enrolling, max_attempts,
                       created_at, expires_at, completed_at, completed_wall,
                       country, city, latitude, longitude, accuracy_km, local_hour, seen, facts)
    values (p_tenant, p_month, p_login, p_user, p_purpose, p_first_factor, p_outcome, p_reasons, p_level,
            p_policy_version, p_risk_score, p_risk_signals, p_ip, p_user_agent, p_enrolling, p_max_attempts,
            p_created_at, p_created_at + make_interval(secs => p_lifetime),
            case when p_outcome = 'ALLOW' then p_created_at end,
            case when p_outcome = 'ALLOW' then clock_timestamp() end,
            p_country, p_city, p_latitude, p_longitude, p_accuracy, p_hour, p_seen, p_facts);
    update tenant_user u set first_login_at = p_created_at
     where u.tenant_id = p_tenant and u.user_id = p_user and u.first_login_at is null;
    return true;
end $$;

-- Many decisions, each under its own tenant: the plain ones by one statement, in which each row sets
-- its tenant as it is read; those with an idempotency key, and those that are a user's first, one by one.
drop function if exists hot_record_login_batch;
create function hot_record_login_batch(
    p_tenants uuid[], p_logins uuid[], p_months date[], p_users uuid[], p_purposes text[], p_first_factors text[],
    p_outcomes text[], p_reasons text[], p_levels text[], p_policy_versions integer[], p_risk_scores smallint[],
    p_risk_signals jsonb[], p_ips text[], p_user_agents text[], p_enrollings boolean[], p_max_attempts smallint[],
    p_created_ats timestamptz[], p_lifetimes integer[], p_api_keys uuid[], p_idempotency_keys text[],
    p_input_digests bytea[], p_firsts boolean[],
    p_countries text[], p_cities text[], p_latitudes real[], p_longitudes real[], p_accuracies real[], p_hours smallint[],
    p_seen text[], p_facts text[], p_observed boolean[], p_devices uuid[], p_told boolean[])
    returns table (item integer, recorded boolean)
    language plpgsql
    set search_path = pg_catalog, public
    set plan_cache_mode = force_generic_plan set enable_seqscan = off
    set enable_hashjoin = off set enable_mergejoin = off set enable_memoize = off set enable_material = off
    as $$
declare
    v_set text;
    v_observed integer[] := '{}';
    v_devices integer[] := '{}';
    i integer;
begin
    insert into login (tenant_id, month, login_id, user_id, purpose, first_factor, outcome, reasons, level,
                       policy_version, risk_score, risk_signals, ip_address, user_agent, enrolling, max_attempts,
                       created_at, expires_at, completed_at, completed_wall,
                       country, city, latitude, longitude, accuracy_km, local_hour, seen, facts)
    select set_config('postern.tenant_id', g.tenant_id::text, true)::uuid, g.month, g.login_id, g.user_id, g.purpose,
           g.first_factor, g.outcome, string_to_array(g.reasons, ','), g.level, g.policy_version, g.risk_score,
           g.risk_signals, g.ip::inet, g.user_agent, g.enrolling, g.max_attempts,
           g.created_at, g.created_at + make_interval(secs => g.lifetime),
           case when g.outcome = 'ALLOW' then g.created_at end,
           case when g.outcome = 'ALLOW' then clock_timestamp() end,
           g.country, g.city, g.latitude, g.longitude, g.accuracy, g.hour, string_to_array(g.seen, ',')::bigint[], g.facts::json
      from unnest(p_tenants, p_months, p_logins, p_users, p_purposes, p_first_factors, p_outcomes, p_reasons, p_levels,
                  p_policy_versions, p_risk_scores, p_risk_signals, p_ips, p_user_agents, p_enrollings, p_max_attempts,
                  p_created_ats, p_lifetimes, p_idempotency_keys, p_firsts,
                  p_countries, p_cities, p_latitudes, p_longitudes, p_accuracies, p_hours, p_seen, p_facts)
           g (tenant_id, month, login_id, user_id, purpose, first_factor, outcome, reasons, level,
              policy_version, risk_score, risk_signals, ip, user_agent, enrolling, max_attempts,
              created_at, lifetime, idempotency_key, first,
              country, city, latitude, longitude, accuracy, hour, seen, facts)
     where g.idempotency_key is null and not g.first;
    for i in 1 .. cardinality(p_tenants) loop
        item := i;
        recorded := true;
        if p_idempotency_keys[i] is not null or p_firsts[i] then
            v_set := set_config('postern.tenant_id', p_tenants[i]::text, true);
            recorded := hot_record_login(p_tenants[i], p_logins[i], p_months[i], p_users[i], p_purposes[i],
                p_first_factors[i], p_outcomes[i], string_to_array(p_reasons[i], ','), p_levels[i], p_policy_versions[i],
                p_risk_scores[i], p_risk_signals[i], p_ips[i]::inet, p_user_agents[i], p_enrollings[i],
                p_max_attempts[i], p_created_ats[i], p_lifetimes[i], p_api_keys[i], p_idempotency_keys[i],
                p_input_digests[i], p_countries[i], p_cities[i], p_latitudes[i], p_longitudes[i], p_accuracies[i],
                p_hours[i], string_to_array(p_seen[i], ',')::bigint[], p_facts[i]::json);
        end if;
        if recorded and p_observed[i] then
            v_observed := v_observed || i;
        end if;
        if recorded and p_devices[i] is not null then
            v_devices := v_devices || i;
        end if;
        if recorded and p_told[i] then
            v_set := set_config('postern.tenant_id', p_tenants[i]::text, true);
            perform add_event(p_tenants[i], case p_outcomes[i] when 'ALLOW' then 'LOGIN_COMPLETED' else 'LOGIN_DENIED' end,
                jsonb_build_object('user_id', p_users[i], 'login_id', p_logins[i], 'purpose', p_purposes[i],
                                   'reasons', string_to_array(p_reasons[i], ',')));
        end if;
        return next;
    end loop;
    if cardinality(v_observed) > 0 then
        perform observe_logins(
            array_agg(p_tenants[o]), array_agg(p_users[o]), array_agg(p_created_ats[o]), array_agg(p_created_ats[o]),
            array_agg(p_seen[o]), array_agg(p_hours[o]), array_agg(p_latitudes[o]), array_agg(p_longitudes[o]),
            array_agg(p_accuracies[o]))
           from unnest(v_observed) o;
    end if;
    -- Devices last, when their users are locked.
    foreach i in array v_devices loop
        v_set := set_config('postern.tenant_id', p_tenants[i]::text, true);
        update trusted_device x set last_seen_at = p_created_ats[i]
         where x.tenant_id = p_tenants[i] and x.device_id = p_devices[i]
           and x.last_seen_at < p_created_ats[i] - interval '1 hour';
    end loop;
    v_set := set_config('postern.tenant_id', '', true);
end $$;
