-- What is asked before a tenant is known, and asked again and again, is planned once a connection. A function in SQL
-- that cannot become part of the statement that calls it is read and planned anew by every call: of these two that
-- was nearly all they cost, and a worker with nothing to do asks the second twice a second.
set local role postern_cross;

create or replace function postern_cross.find_api_key(p_digests bytea[])
    returns table (tenant_id uuid, partner_id uuid, api_key_id uuid, name text, prefix text, scopes text[],
                   expires_at timestamptz, revoked_at timestamptz)
    language plpgsql stable security definer set search_path = pg_catalog, public
    set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
begin
    return query
    select k.tenant_id, null::uuid, k.api_key_id, k.name, k.prefix, k.scopes, k.expires_at, k.revoked_at
      from api_key k where k.digest = any (p_digests)
    union all
    select null::uuid, k.partner_id, k.api_key_id, k.name, k.prefix, k.scopes, k.expires_at, k.revoked_at
      from partner_api_key k where k.digest = any (p_digests);
end $$;

create or replace function postern_cross.tenants_with_webhooks(p_after uuid, p_limit integer)
    returns table (tenant_id uuid, events boolean, deliveries boolean)
    language plpgsql stable security definer set search_path = pg_catalog, public
    set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
    set enable_hashjoin = off set enable_mergejoin = off set enable_material = off as $$
declare
    v_after uuid := coalesce(p_after, '00000000-0000-0000-0000-000000000000');
    v_now timestamptz := clock_timestamp();
begin
    return query
    with recursive waiting as (
        (select e.tenant_id from outbox_event e
          where not e.passed_on and e.tenant_id > v_after
          order by e.tenant_id limit 1)
        union all
        select (select e.tenant_id from outbox_event e
                 where not e.passed_on and e.tenant_id > w.tenant_id
                 order by e.tenant_id limit 1)
          from waiting w where w.tenant_id is not null
    ), queued as (
        (select d.tenant_id from webhook_delivery d
          where d.status in ('QUEUED', 'SENDING') and d.tenant_id > v_after
          order by d.tenant_id limit 1)
        union all
        select (select d.tenant_id from webhook_delivery d
                 where d.status in ('QUEUED', 'SENDING') and d.tenant_id > q.tenant_id
                 order by d.tenant_id limit 1)
          from queued q where q.tenant_id is not null
    ), work as (
        (select w.tenant_id, true as has_events, false as has_deliveries
           from waiting w where w.tenant_id is not null limit p_limit)
        union all
        (select q.tenant_id, false, true
           from queued q
          where q.tenant_id is not null
            and exists (select from webhook_delivery d
                         where d.tenant_id = q.tenant_id and d.status in ('QUEUED', 'SENDING') and d.due_at <= v_now)
          limit p_limit)
    )
    select w.tenant_id, bool_or(w.has_events), bool_or(w.has_deliveries)
      from work w group by w.tenant_id order by w.tenant_id limit p_limit;
end $$;

reset role;
