-- evaluateLogin, first round trip: all that `decide` is given, and what an idempotent retry needs. The
-- same is read for what is shown of a login later; with `p_logins`, temporary access codes that serve
-- one login alone are seen as well.
--
-- Each row of the innermost subquery sets its tenant as it is read, and whatever is read for it comes
-- after it: LATERAL orders the nested loops, and OFFSET 0 keeps the planner from merging them. The
-- tenant of a transaction around this is put back at the end.
drop function if exists hot_load;
drop function if exists hot_load_batch;
create function hot_load_batch(
    p_tenants uuid[], p_users uuid[], p_external_ids text[], p_api_keys uuid[], p_idempotency_keys text[], p_logins uuid[],
    p_device_digests bytea[])
    returns table (item integer, now timestamptz, tenant_status text, time_zone text, webhook_logins boolean, user_id uuid, external_id text, kind text,
    disabled boolean, locked_forever boolean, locked_until timestamptz, opted_out boolean, first_login_at timestamptz,
    skips_used integer, chosen_level text, advisor_level text, advisor_id uuid,
    factor_ids uuid[], factor_kinds text[], factor_statuses text[], factor_lines text[],
    factor_secrets bytea[], factor_times timestamptz[], factor_origins text[], backup_codes integer, temporary_code uuid,
    device_id uuid, seen bigint[], login_hours bytea, last_accuracy_km real, last_latitude real, last_longitude real,
    last_position_at timestamptz, last_completed_at timestamptz, wrong_code_times timestamptz[],
    idempotent_login uuid, idempotent_digest bytea, factor_rp_ids text[], own_rp_id text)
    language plpgsql
    set search_path = pg_catalog, public
    set plan_cache_mode = force_generic_plan set enable_seqscan = off
    set enable_hashjoin = off set enable_mergejoin = off set enable_memoize = off set enable_material = off
    as $$
#variable_conflict use_column
declare
    v_before text := coalesce(current_setting('postern.tenant_id', true), '');
    v_set text;
begin
    -- For the planner, which would otherwise reckon with a tenant that has no rows.
    v_set := set_config('postern.tenant_id', p_tenants[1]::text, true);
    return query
    select b.item::integer, t.now, t.status, t.time_zone, t.webhook_logins, u.user_id, u.external_id, u.kind,
           u.disabled, coalesce(u.locked_until = 'infinity', false), nullif(u.locked_until, 'infinity'),
           u.opted_out_at is not null, u.first_login_at, u.skips_used, u.chosen_level, u.advisor_level, u.advisor_id,
           f.ids, f.kinds, f.statuses, f.lines, f.secrets, f.times, f.origins, coalesce(k.unused, 0), c.code_id,
           v.device_id, u.seen, u.login_hours, u.last_accuracy_km, u.last_latitude, u.last_longitude,
           u.last_position_at, u.last_completed_at, u.wrong_code_times,
           i.login_id, i.input_digest, f.rp_ids, t.rp_id
      from (select g.item, g.user_id, g.external_id, g.api_key, g.idempotency_key, g.login_id, g.device_digest,
                   set_config('postern.tenant_id', g.tenant_id::text, true)::uuid as tenant_id
              from unnest(p_tenants, p_users, p_external_ids, p_api_keys, p_idempotency_keys, p_logins, p_device_digests)
                   with ordinality g (tenant_id, user_id, external_id, api_key, idempotency_key, login_id, device_digest, item)) b
     cross join lateral (
        select clock_timestamp() + make_interval(secs => x.clock_offset_seconds) as now, x.status, x.time_zone, x.webhook_logins,
               x.webauthn ->> 'rp_id' as rp_id
          from tenant x where x.tenant_id = b.tenant_id
        offset 0) t
      left join lateral (
        select x.* from tenant_user x
         where b.user_id is not null and x.tenant_id = b.tenant_id and x.user_id = b.user_id and x.erased_at is null
         union all
        select x.* from tenant_user x
         where b.user_id is null and x.tenant_id = b.tenant_id and x.external_id_folded = b.external_id and x.erased_at is null
        offset 0) u on true
      left join lateral (
        select array_agg(x.factor_id) as ids, array_agg(x.kind) as kinds, array_agg(x.status) as statuses,
               -- A number that asked for no more texts is called, as a landline is.
               array_agg(case when exists (select from message_opt_out o
                                            where o.tenant_id = b.tenant_id and o.destination_index = x.blind_index
                                              and opt_out_holds(o.told_at, o.until_start))
                              then 'LANDLINE' else x.line end) as lines, array_agg(x.secret_sealed) as secrets,
               array_agg(x.confirmed_at) as times, array_agg(host(x.confirmed_from)) as origins,
               array_agg(x.rp_id) as rp_ids
          from factor x
         where x.tenant_id = b.tenant_id and x.user_id = u.user_id and x.status in ('ACTIVE', 'DISABLED')) f on true
      left join lateral (
        select count(*)::integer as unused
          from backup_code x join factor y on y.tenant_id = x.tenant_id and y.factor_id = x.factor_id
         where 'BACKUP_CODES' = any (f.kinds)
           and x.tenant_id = b.tenant_id and x.factor_id = any (f.ids) and x.used_at is null
           and y.tenant_id = b.tenant_id and y.status = 'ACTIVE') k on true
      left join lateral (
        select x.code_id from temporary_access_code x
         where x.tenant_id = b.tenant_id and x.user_id = u.user_id and (x.login_id is null or x.login_id = b.login_id)
           and x.used_at is null and x.revoked_at is null and x.expires_at > t.now
         order by x.created_at desc limit 1) c on true
      left join lateral (
        select x.device_id from trusted_device x
         where b.device_digest is not null and x.tenant_id = b.tenant_id and x.user_id = u.user_id
           and x.digest = b.device_digest and x.expires_at > t.now
        offset 0) v on true
      left join lateral (
        select x.login_id, x.input_digest from idempotency_key x
         where b.idempotency_key is not null and x.tenant_id = b.tenant_id and x.api_key_id = b.api_key
           and x.key = b.idempotency_key and x.expires_at > t.now
        offset 0) i on u.user_id is not null;
    v_set := set_config('postern.tenant_id', v_before, true);
end $$;
