-- What a partner asks of all its tenants at once. In the partner's transaction: its list says which
-- they are (those that were deleted aside), each is read as itself, and the setting is cleared at the end.

-- The versions in force and those scheduled, of tenants whose policy is not the template itself.
create or replace function policies_of_partner(p_template jsonb)
    returns table (tenant_id uuid, slug text, scheduled boolean, document jsonb)
    language plpgsql set search_path = pg_catalog, public as $$
declare
    t record;
    v_now timestamptz;
begin
    for t in
        select x.tenant_id, x.slug, x.clock_offset_seconds from tenant x
         where x.partner_id = current_partner() and postern_cross.partner_owns_tenant(x.partner_id, x.tenant_id)
         order by x.slug collate "C"
    loop
        perform set_config('postern.tenant_id', t.tenant_id::text, true);
        v_now := clock_timestamp() + make_interval(secs => t.clock_offset_seconds);
        return query
        select t.tenant_id, t.slug, c.scheduled, c.document
          from ((select p.document, false as scheduled from policy_version p
                  where p.tenant_id = t.tenant_id and p.canceled_at is null and p.effective_at <= v_now
                  order by p.effective_at desc, p.version desc limit 1)
                union all
                select p.document, true from policy_version p
                 where p.tenant_id = t.tenant_id and p.canceled_at is null and p.effective_at > v_now) c
         where c.document <> p_template;
    end loop;
    perform set_config('postern.tenant_id', '', true);
end $$;

-- How many users of how many tenants have come how far.
create or replace function enrollment_of_partner(p_kind text)
    returns table (state text, users bigint)
    language plpgsql set search_path = pg_catalog, public as $$
declare
    t record;
begin
    for t in
        select x.tenant_id from tenant x
         where x.partner_id = current_partner() and postern_cross.partner_owns_tenant(x.partner_id, x.tenant_id)
    loop
        perform set_config('postern.tenant_id', t.tenant_id::text, true);
        return query select c.state, c.users from enrollment_counts(t.tenant_id, p_kind) c;
    end loop;
    perform set_config('postern.tenant_id', '', true);
end $$;
