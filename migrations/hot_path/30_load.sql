-- evaluateLogin, first round trip: all that `decide` is given, and what an idempotent retry needs.
create or replace function hot_load(
    p_tenant uuid, p_user uuid, p_external_id_folded text, p_api_key uuid, p_idempotency_key text,
    out now timestamptz, out tenant_status text, out user_id uuid, out external_id text, out kind text,
    out disabled boolean, out locked_forever boolean, out locked_until timestamptz, out opted_out boolean, out first_login_at timestamptz,
    out skips_used integer, out chosen_level text, out advisor_level text, out advisor_id uuid,
    out factor_ids uuid[], out factor_kinds text[], out factor_statuses text[], out factor_lines text[],
    out factor_secrets bytea[], out backup_codes integer, out temporary_code uuid,
    out idempotent_login uuid, out idempotent_digest bytea)
    language plpgsql stable set search_path = pg_catalog, public as $$
#variable_conflict use_column
begin
    select clock_timestamp() + make_interval(secs => t.clock_offset_seconds), t.status into now, tenant_status
      from tenant t where t.tenant_id = p_tenant;
    if p_user is not null then
        select u.user_id, u.external_id, u.kind, u.disabled, coalesce(u.locked_until = 'infinity', false), nullif(u.locked_until, 'infinity'), u.opted_out_at is not null, u.first_login_at,
               u.skips_used, u.chosen_level, u.advisor_level, u.advisor_id
          into user_id, external_id, kind, disabled, locked_forever, locked_until, opted_out, first_login_at,
               skips_used, chosen_level, advisor_level, advisor_id
          from tenant_user u where u.tenant_id = p_tenant and u.user_id = p_user and u.erased_at is null;
    else
        select u.user_id, u.external_id, u.kind, u.disabled, coalesce(u.locked_until = 'infinity', false), nullif(u.locked_until, 'infinity'), u.opted_out_at is not null, u.first_login_at,
               u.skips_used, u.chosen_level, u.advisor_level, u.advisor_id
          into user_id, external_id, kind, disabled, locked_forever, locked_until, opted_out, first_login_at,
               skips_used, chosen_level, advisor_level, advisor_id
          from tenant_user u
         where u.tenant_id = p_tenant and u.external_id_folded = p_external_id_folded and u.erased_at is null;
    end if;
    if user_id is null then
        return;
    end if;
    select array_agg(f.factor_id), array_agg(f.kind), array_agg(f.status), array_agg(f.line), array_agg(f.secret_sealed)
      into factor_ids, factor_kinds, factor_statuses, factor_lines, factor_secrets
      from factor f
     where f.tenant_id = p_tenant and f.user_id = hot_load.user_id and f.status in ('ACTIVE', 'DISABLED');
    backup_codes := 0;
    if 'BACKUP_CODES' = any (factor_kinds) then
        select count(*) into backup_codes
          from backup_code b join factor f on f.tenant_id = b.tenant_id and f.factor_id = b.factor_id
         where b.tenant_id = p_tenant and b.factor_id = any (factor_ids) and b.used_at is null and f.status = 'ACTIVE';
    end if;
    -- One that answers a request serves its own login, not a new one.
    select c.code_id into temporary_code from temporary_access_code c
     where c.tenant_id = p_tenant and c.user_id = hot_load.user_id and c.login_id is null
       and c.used_at is null and c.revoked_at is null and c.expires_at > now
     order by c.created_at desc limit 1;
    if p_idempotency_key is not null then
        select k.login_id, k.input_digest into idempotent_login, idempotent_digest from idempotency_key k
         where k.tenant_id = p_tenant and k.api_key_id = p_api_key and k.key = p_idempotency_key and k.expires_at > now;
    end if;
end $$;

create or replace function hot_load_batch(
    p_tenants uuid[], p_users uuid[], p_external_ids text[], p_api_keys uuid[], p_idempotency_keys text[])
    returns table (item integer, now timestamptz, tenant_status text, user_id uuid, external_id text, kind text,
    disabled boolean, locked_forever boolean, locked_until timestamptz, opted_out boolean, first_login_at timestamptz,
    skips_used integer, chosen_level text, advisor_level text, advisor_id uuid,
    factor_ids uuid[], factor_kinds text[], factor_statuses text[], factor_lines text[],
    factor_secrets bytea[], backup_codes integer, temporary_code uuid,
    idempotent_login uuid, idempotent_digest bytea)
    language plpgsql set search_path = pg_catalog, public as $$
begin
    for i in 1 .. cardinality(p_tenants) loop
        perform set_config('postern.tenant_id', p_tenants[i]::text, true);
        return query select i, h.* from hot_load(
            p_tenants[i], p_users[i], p_external_ids[i], p_api_keys[i], p_idempotency_keys[i]) h;
    end loop;
    perform set_config('postern.tenant_id', '', true);
end $$;
