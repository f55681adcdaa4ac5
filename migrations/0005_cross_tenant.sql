-- The few questions that must be asked before a tenant is known. Each function here is listed with
-- its reason in ARCHITECTURE.md; the role that owns them owns no table and sees, by explicit
-- policies, exactly these.

create policy cross_reads on api_key for select to postern_cross using (true);
create policy cross_reads on partner_api_key for select to postern_cross using (true);
create policy cross_reads on tenant_admin for select to postern_cross using (true);
create policy cross_reads on message for select to postern_cross using (true);
create policy cross_reads on tenant for select to postern_cross using (true);
grant select (tenant_id, api_key_id, name, prefix, digest, scopes, expires_at, revoked_at) on api_key to postern_cross;
grant select (partner_id, api_key_id, name, prefix, digest, scopes, expires_at, revoked_at) on partner_api_key to postern_cross;
grant select (tenant_id, admin_id, account_id, role, removed_at) on tenant_admin to postern_cross;
grant select (tenant_id, priority, status, message_id, claimable_at) on message to postern_cross;
grant select (tenant_id, partner_id, environment) on tenant to postern_cross;

set local role postern_cross;

-- Whose key is this? Asked once per key and 5 s; the digest is keyed, so that this table is of no
-- use to whoever reads it.
create function postern_cross.find_api_key(p_digests bytea[])
    returns table (tenant_id uuid, partner_id uuid, api_key_id uuid, name text, prefix text, scopes text[],
                   expires_at timestamptz, revoked_at timestamptz)
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select k.tenant_id, null::uuid, k.api_key_id, k.name, k.prefix, k.scopes, k.expires_at, k.revoked_at
      from public.api_key k where k.digest = any (p_digests)
    union all
    select null::uuid, k.partner_id, k.api_key_id, k.name, k.prefix, k.scopes, k.expires_at, k.revoked_at
      from public.partner_api_key k where k.digest = any (p_digests);
end;

-- Does this tenant belong to this partner? Asked when a partner's key names a tenant.
create function postern_cross.partner_owns_tenant(p_partner uuid, p_tenant uuid) returns boolean
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select exists (select from public.tenant t where t.tenant_id = p_tenant and t.partner_id = p_partner);
end;

-- In which tenants does this person hold a role? Asked at sign-in.
create function postern_cross.roles_of_account(p_account uuid)
    returns table (tenant_id uuid, admin_id uuid, role text)
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select a.tenant_id, a.admin_id, a.role from public.tenant_admin a
     where a.account_id = p_account and a.removed_at is null order by a.tenant_id;
end;

-- Which tenants have messages to send, after this one? A loose scan of the queue's partial index:
-- its cost is the number of tenants with work, not of messages.
create function postern_cross.tenants_with_messages(p_after uuid, p_limit integer) returns setof uuid
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    with recursive next as (
        (select m.tenant_id from public.message m
          where m.status in ('QUEUED', 'SENDING') and (p_after is null or m.tenant_id > p_after)
          order by m.tenant_id limit 1)
        union all
        select (select m.tenant_id from public.message m
                 where m.status in ('QUEUED', 'SENDING') and m.tenant_id > next.tenant_id
                 order by m.tenant_id limit 1)
          from next where next.tenant_id is not null
    )
    select next.tenant_id from next where next.tenant_id is not null limit p_limit;
end;

revoke execute on all functions in schema postern_cross from public;
grant execute on all functions in schema postern_cross to postern_app;
reset role;
