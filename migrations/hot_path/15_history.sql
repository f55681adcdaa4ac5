-- A user's history: what the risk of the next login is judged by. It is written here and nowhere else,
-- in the transaction that completes a login.

-- What was seen, with what a completed login adds. An element is kind, value and day in one number, the
-- day in its lowest 16 bits (core_risk::Seen, whose own merge says the same): of each thing the latest
-- day stays, what is older than 90 days goes, and of each kind the 16 seen last stay.
create or replace function merge_all_seen(p_seen bigint[], p_new bigint[], p_today integer) returns bigint[]
    language sql immutable parallel safe
    return (
        select coalesce(array_agg(k.element order by k.element), '{}')
          from (select d.element,
                       row_number() over (partition by d.element >> 60
                                          order by d.element & 65535 desc, d.element desc) as place
                  from (select max(e.element) as element
                          from unnest(p_seen || p_new) e (element)
                         group by e.element >> 16) d
                 where d.element & 65535 >= p_today - 90) k
         where k.place <= 16);

-- The same. Nearly always what is seen was seen before, and nothing is too old: then only days change,
-- and beginning a statement for that would cost ten times what it does.
create or replace function merge_seen(p_seen bigint[], p_new bigint[], p_today integer) returns bigint[]
    language plpgsql immutable parallel safe as $$
declare
    v_merged bigint[] := p_seen;
    v_known integer := 0;
    v_new bigint;
begin
    for i in 1 .. cardinality(v_merged) loop
        foreach v_new in array p_new loop
            if v_merged[i] >> 16 = v_new >> 16 then
                v_known := v_known + 1;
                v_merged[i] := greatest(v_merged[i], v_new);
            end if;
        end loop;
        if v_merged[i] & 65535 < p_today - 90 then
            return merge_all_seen(p_seen, p_new, p_today);
        end if;
    end loop;
    if v_known <> cardinality(p_new) then
        return merge_all_seen(p_seen, p_new, p_today);
    end if;
    return v_merged;
end $$;

-- Whether a position takes the place of the last one. It never goes back in time, whatever order logins
-- are completed in; of two at the same instant the greater one stays, so that their order does not
-- matter either. An address without a position leaves the last one standing.
create or replace function position_is_later(
    p_at timestamptz, p_latitude real, p_longitude real, p_last_at timestamptz, p_last_latitude real, p_last_longitude real)
    returns boolean
    language sql immutable parallel safe
    return p_latitude is not null and (p_last_at is null
        or (p_at, p_latitude, p_longitude) > (p_last_at, p_last_latitude, p_last_longitude));

-- Notes completed logins in their users' histories, each under its own tenant; `p_seen` is each login's
-- elements, joined by commas. The tenant of a transaction around this is put back at the end.
--
-- Each row of the source sets its tenant as it is read, and the user's row must be looked for after it.
-- The planner begins with the source, unless the tables are so small that nothing matters; then rows are
-- hidden, never shown to another tenant, and what was not noted together is noted one by one. (A MERGE,
-- whose outer join has an order, was tried: comparing tenants twice, it looks for a row among all of its
-- tenant's.)
drop function if exists observe_logins;
create function observe_logins(
    p_tenants uuid[], p_users uuid[], p_created_ats timestamptz[], p_completed_ats timestamptz[], p_seen text[],
    p_hours smallint[], p_latitudes real[], p_longitudes real[], p_accuracies real[])
    returns void
    language plpgsql
    set search_path = pg_catalog, public
    -- Planning would cost many times what running does.
    set plan_cache_mode = force_generic_plan set enable_seqscan = off
    set enable_hashjoin = off set enable_mergejoin = off set enable_memoize = off set enable_material = off
    as $$
declare
    v_before text := coalesce(current_setting('postern.tenant_id', true), '');
    v_count integer := cardinality(p_tenants);
    v_noted integer[];
    v_set text;
begin
    -- For the planner, which would otherwise reckon with a tenant that has no rows.
    v_set := set_config('postern.tenant_id', p_tenants[1]::text, true);
    with noted as (
        update tenant_user u
           set seen = case when u.seen @> s.seen then u.seen
                           else merge_seen(u.seen, s.seen, s.day) end,
               login_hours = set_byte(u.login_hours, s.hour, least(get_byte(u.login_hours, s.hour) + 1, 255)),
               last_completed_at = greatest(u.last_completed_at, s.completed_at),
               last_accuracy_km = case when position_is_later(s.created_at, s.latitude, s.longitude,
                   u.last_position_at, u.last_latitude, u.last_longitude) then s.accuracy else u.last_accuracy_km end,
               last_latitude = case when position_is_later(s.created_at, s.latitude, s.longitude,
                   u.last_position_at, u.last_latitude, u.last_longitude) then s.latitude else u.last_latitude end,
               last_longitude = case when position_is_later(s.created_at, s.latitude, s.longitude,
                   u.last_position_at, u.last_latitude, u.last_longitude) then s.longitude else u.last_longitude end,
               last_position_at = case when position_is_later(s.created_at, s.latitude, s.longitude,
                   u.last_position_at, u.last_latitude, u.last_longitude) then s.created_at else u.last_position_at end
          from (select d.item, d.user_id, d.created_at, d.completed_at, d.hour, d.latitude, d.longitude, d.accuracy,
                       -- Days since 1970-01-01.
                       floor(extract(epoch from d.completed_at) / 86400)::integer as day,
                       string_to_array(d.seen, ',')::bigint[] as seen,
                       set_config('postern.tenant_id', d.tenant_id::text, true)::uuid as tenant_id
                  from (select distinct on (g.tenant_id, g.user_id) g.*
                          from unnest(p_tenants, p_users, p_created_ats, p_completed_ats, p_seen, p_hours,
                                      p_latitudes, p_longitudes, p_accuracies) with ordinality
                               g (tenant_id, user_id, created_at, completed_at, seen, hour, latitude, longitude, accuracy, item)
                         -- Whoever notes several users locks them in the same order; each row is changed once.
                         order by g.tenant_id, g.user_id) d
                 -- No login is left out; the planner takes them for few, and begins with them.
                 limit v_count) s
         -- Of whoever was erased meanwhile nothing is noted.
         where u.tenant_id = s.tenant_id and u.user_id = s.user_id and u.erased_at is null
        returning s.item)
    select array_agg(n.item) into v_noted from noted n;
    -- One by one, where there is but one tenant to set: users who come again, and whoever row-level
    -- security hid because the planner joined in another order after all.
    for i in 1 .. v_count loop
        if v_count > 1 and i <> all (coalesce(v_noted, '{}')) then
            perform observe_logins(p_tenants[i:i], p_users[i:i], p_created_ats[i:i], p_completed_ats[i:i], p_seen[i:i],
                                   p_hours[i:i], p_latitudes[i:i], p_longitudes[i:i], p_accuracies[i:i]);
        end if;
    end loop;
    v_set := set_config('postern.tenant_id', v_before, true);
end $$;

-- A first enrollment begins the history anew: whoever logged in before proved nothing.
create or replace function forget_history(p_tenant uuid, p_user uuid) returns void
    language sql set search_path = pg_catalog, public
begin atomic
    update public.tenant_user u
       set seen = '{}', login_hours = decode(repeat('00', 24), 'hex'), last_completed_at = null,
           last_accuracy_km = null, last_latitude = null, last_longitude = null, last_position_at = null
     where u.tenant_id = p_tenant and u.user_id = p_user;
end;

-- Devices end with any change of the user's factors.
create or replace function end_devices(p_tenant uuid, p_user uuid) returns void
    language sql set search_path = pg_catalog, public
begin atomic
    delete from public.trusted_device d where d.tenant_id = p_tenant and d.user_id = p_user;
end;

-- Trusts the device on which a login was completed. A user has at most 20; the oldest goes.
create or replace function trust_device(
    p_tenant uuid, p_user uuid, p_device uuid, p_digest bytea, p_user_agent text, p_now timestamptz, p_seconds integer)
    returns void
    language plpgsql set search_path = pg_catalog, public as $$
begin
    insert into trusted_device (tenant_id, device_id, user_id, digest, user_agent, created_at, expires_at, last_seen_at)
    values (p_tenant, p_device, p_user, p_digest, p_user_agent, p_now, p_now + make_interval(secs => p_seconds), p_now);
    delete from trusted_device d
     where d.tenant_id = p_tenant and d.user_id = p_user
       and (d.expires_at <= p_now or d.device_id in (
               select x.device_id from trusted_device x
                where x.tenant_id = p_tenant and x.user_id = p_user order by x.device_id desc offset 20));
end $$;
