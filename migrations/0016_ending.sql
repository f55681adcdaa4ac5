-- How tenants and persons end, and how long anything is kept.

-- A tenant that was deleted. Until `erase_after` everything can be had back; then its data keys are
-- destroyed, its rows go, and this row says what it was. The operator's commands write here, and the
-- function below; nothing that serves does.
create table tenant_ending (
    tenant_id         uuid not null references tenant,
    -- By the wall clock, as are all times here.
    deleted_at        timestamptz not null,
    deleted_by        text not null,
    erase_after       timestamptz not null,
    -- What the tenant was, and is again when it is restored.
    status_before     text not null check (status_before in ('ACTIVE', 'SUSPENDED')),
    -- From here on nothing comes back.
    keys_destroyed_at timestamptz,
    erased_at         timestamptz,
    -- Whose it was: what is left of it is in no partner's list.
    partner_id        uuid,
    primary key (tenant_id)
);
create index tenant_ending_due on tenant_ending (erase_after) where erased_at is null;

-- Users who were erased a moment ago: what was under way with them may still write. A worker looks
-- after them once nothing can be under way any more.
create table user_erasure (
    tenant_id uuid not null references tenant,
    user_id   uuid not null,
    -- By the wall clock.
    erased_at timestamptz not null,
    primary key (tenant_id, user_id)
);

do $$
declare
    t text;
begin
    foreach t in array array['tenant_ending', 'user_erasure'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_isolation on %I using (tenant_id = %s) with check (tenant_id = %s)', t,
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid',
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid');
    end loop;
end $$;
grant select on tenant_ending to postern_app;
grant select, insert, update, delete on user_erasure to postern_app;

-- Whoever serves a suspended tenant again (it has paid) does not serve one that was deleted: it stays
-- suspended until it is restored.
create function keep_deleted_suspended() returns trigger
    language plpgsql set search_path = pg_catalog, public as $$
begin
    if new.status = 'ACTIVE' and exists (select from tenant_ending e where e.tenant_id = new.tenant_id) then
        new.status := 'SUSPENDED';
    end if;
    return new;
end $$;
create trigger keep_deleted_suspended before update of status on tenant
    for each row execute function keep_deleted_suspended();

-- What messages hold of where they went: looked for when its time is over. Codes hold nothing of it.
create index message_destination on message (tenant_id, month, message_id)
    where destination_sealed <> '' or secret_sealed is not null or sandbox_body is not null or params <> '{}';

-- What is over, by when it was.
create index factor_unconfirmed on factor (tenant_id, expires_at) where status = 'PENDING' and not suggested;
create index factor_removed on factor (tenant_id, removed_at) where status = 'REMOVED';
create index trusted_device_expiry on trusted_device (tenant_id, expires_at);

-- Deletes what goes with a user, as the foreign keys say, but not the user's own row, which stays under a
-- pseudonym for the logins.
create function erase_user_rows(p_tenant uuid, p_user uuid) returns void
    language plpgsql set search_path = pg_catalog, public as $$
declare
    v_delete text;
begin
    for v_delete in
        select format('delete from %I where tenant_id = $1 and %I = $2', c.relname, a.attname)
          from pg_constraint k
          join pg_class c on c.oid = k.conrelid
          join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[2]
         where k.confrelid = 'tenant_user'::regclass and k.contype = 'f' and k.confdeltype = 'c' and k.conparentid = 0
         order by c.relname
    loop
        execute v_delete using p_tenant, p_user;
    end loop;
end $$;

-- Erases up to p_limit rows of a tenant whose time is over, the data keys first and by themselves; how
-- many, and 0 when all is done. It is called again until then, whoever calls it and however often one
-- of them dies: what is left to do is what is left. Row-level security binds it to the tenant of the
-- transaction, and a tenant that was not deleted, or can still be restored, it does not touch.
--
-- It reads off the catalog what a tenant owns, children before parents: a table that is added later is
-- erased as well, unless it is named here. The ledger stays, with what was collected for it, and the
-- audit log, without persons.
create function erase_tenant_rows(p_tenant uuid, p_limit integer) returns integer
    language plpgsql security definer
    set search_path = pg_catalog, public
    set enable_hashjoin = off set enable_mergejoin = off
    as $$
declare
    e tenant_ending%rowtype;
    v_table record;
    v_rows integer;
begin
    select * into e from tenant_ending x where x.tenant_id = p_tenant for update;
    if not found or e.erase_after > clock_timestamp() then
        raise exception 'this tenant is not to be erased';
    end if;
    if e.erased_at is not null then
        return 0;
    end if;
    if e.keys_destroyed_at is null then
        delete from tenant_data_key k where k.tenant_id = p_tenant;
        update tenant_ending x set keys_destroyed_at = clock_timestamp() where x.tenant_id = p_tenant;
        return 1;
    end if;
    for v_table in
        with recursive owned as (
            select c.oid, c.relname, c.relkind, i.indkey
              from pg_class c
              join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnotnull
              join pg_index i on i.indrelid = c.oid and i.indisprimary
             where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
               and c.relname not in ('tenant', 'tenant_ending', 'usage_ledger', 'usage_rollup', 'billing_account',
                                     'stripe_account', 'stripe_period', 'stripe_usage', 'stripe_invoice', 'audit_entry')
        ), refers as (
            select o.oid, 0 as depth from owned o
            union
            select k.conrelid, r.depth + 1
              from refers r join pg_constraint k on k.confrelid = r.oid
             where k.contype = 'f' and k.conparentid = 0 and k.conrelid <> k.confrelid and r.depth < 20
        )
        select o.relname,
               string_agg(quote_ident(a.attname), ', ') as key,
               string_agg(format('x.%1$I = d.%1$I', a.attname), ' and ') as same
          from owned o
          join lateral (select max(r.depth) as depth from refers r where r.oid = o.oid) d on true
          join pg_attribute a on a.attrelid = o.oid and a.attnum = any (o.indkey)
         group by o.relname, d.depth
         order by d.depth desc, o.relname
    loop
        execute format('delete from %1$I x using (select %2$s from %1$I where tenant_id = $1 limit $2) d
                         where x.tenant_id = $1 and %3$s', v_table.relname, v_table.key, v_table.same)
          using p_tenant, p_limit;
        get diagnostics v_rows = row_count;
        if v_rows > 0 then
            return v_rows;
        end if;
    end loop;
    -- What was done stays, and of what kind whoever did it was; not who, from where, and in which words.
    update audit_entry x
       set actor = split_part(x.actor, ':', 1), detail = '{}', ip_address = null,
           target = case when x.target ~ '@' then null else x.target end
      from (select a.month, a.entry_id from audit_entry a
             where a.tenant_id = p_tenant
               and (a.actor ~ ':' or a.detail <> '{}' or a.ip_address is not null or a.target ~ '@')
             limit p_limit) d
     where x.tenant_id = p_tenant and x.month = d.month and x.entry_id = d.entry_id;
    get diagnostics v_rows = row_count;
    if v_rows > 0 then
        return v_rows;
    end if;
    update tenant_ending x set erased_at = clock_timestamp(), partner_id = (select t.partner_id from tenant t where t.tenant_id = p_tenant)
     where x.tenant_id = p_tenant;
    -- The name is the ledger's; the address is free for others.
    update tenant t set partner_id = null, slug = 'erased-' || replace(p_tenant::text, '-', ''), branding = '{}',
                        webauthn = '{}', return_urls = '{}'
     where t.tenant_id = p_tenant;
    perform add_audit(p_tenant, 'system', 'tenant.erased', null, '{}', null);
    return 0;
end $$;

-- Drops the oldest partition of a table whose month was over by p_before; its name, or null where there
-- is none. Detaching takes a lock that stops the whole table: it is given up where it is not had at once,
-- and asked for again later. What is in use never goes, whatever was configured.
create function retire_partition(p_parent text, p_before date) returns text
    language plpgsql security definer
    set search_path = pg_catalog, public
    set lock_timeout = '200ms'
    as $$
declare
    v_partition text;
begin
    if p_before > (clock_timestamp() at time zone 'UTC')::date - 62 then
        raise exception 'what is younger than 62 days is in use';
    end if;
    if not pg_try_advisory_xact_lock(hashtextextended('postern.retire_partition', 0)) then
        return null;
    end if;
    select c.relname into v_partition
      from pg_inherits i
      join pg_class c on c.oid = i.inhrelid
      join pg_class p on p.oid = i.inhparent and p.relnamespace = 'public'::regnamespace
      join pg_partitioned_table t on t.partrelid = p.oid and t.partnatts = 1
      join pg_attribute a on a.attrelid = p.oid and a.attnum = t.partattrs[0] and a.attname = 'month'
     where p.relname = p_parent
       and substring(pg_get_expr(c.relpartbound, c.oid) from $x$ TO \('([0-9-]+)'\)$x$)::date <= p_before
     order by c.relname limit 1;
    if v_partition is not null then
        execute format('alter table public.%I detach partition public.%I', p_parent, v_partition);
        execute format('drop table public.%I', v_partition);
    end if;
    return v_partition;
end $$;

revoke execute on function erase_tenant_rows(uuid, integer), retire_partition(text, date) from public;
grant execute on function erase_tenant_rows(uuid, integer), retire_partition(text, date) to postern_app;

-- A tenant that was deleted is there for nobody: its keys are unknown, its administrators have no role
-- in it, it is no partner's, and nothing of it is worked at. What may look across tenants does not see
-- its rows, whichever function asks; of tenants themselves it does, or none could be restored, and of
-- what is still to be paid.
create policy cross_reads on tenant_ending for select to postern_cross using (true);
create policy cross_reads on user_erasure for select to postern_cross using (true);
grant select (tenant_id, erase_after, erased_at) on tenant_ending to postern_cross;
grant select (tenant_id, erased_at) on user_erasure to postern_cross;

do $$
declare
    p record;
begin
    for p in
        select c.relname, y.polname
          from pg_policy y
          join pg_class c on c.oid = y.polrelid
          join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
         where y.polroles = array['postern_cross'::regrole::oid]
           and c.relname not in ('tenant', 'tenant_ending', 'user_erasure', 'stripe_account')
    loop
        -- Not in, and not as a condition on each row: the ended tenants are looked up once a statement.
        execute format('alter policy %I on %I using (tenant_id not in (select e.tenant_id from tenant_ending e))',
                       p.polname, p.relname);
    end loop;
end $$;

set local role postern_cross;

create or replace function postern_cross.partner_owns_tenant(p_partner uuid, p_tenant uuid) returns boolean
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select exists (select from public.tenant t
                    where t.tenant_id = p_tenant and t.partner_id = p_partner
                      and not exists (select from public.tenant_ending e where e.tenant_id = t.tenant_id));
end;

-- Which tenants are to be erased, the longest waiting first?
create function postern_cross.tenants_to_erase(p_limit integer) returns setof uuid
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select e.tenant_id from public.tenant_ending e
     where e.erased_at is null and e.erase_after <= clock_timestamp() order by e.erase_after limit p_limit;
end;

-- Which tenants have users who were erased before this instant, and are to be looked after?
create function postern_cross.tenants_with_erasures(p_before timestamptz, p_limit integer) returns setof uuid
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select u.tenant_id from public.user_erasure u
     where u.erased_at <= p_before group by u.tenant_id order by min(u.erased_at) limit p_limit;
end;

-- Which tenants are there, after this one? Asked by what keeps nothing longer than it may.
create function postern_cross.list_tenants(p_after uuid, p_limit integer) returns setof uuid
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select t.tenant_id from public.tenant t
     where (p_after is null or t.tenant_id > p_after)
       and not exists (select from public.tenant_ending e where e.tenant_id = t.tenant_id and e.erased_at is not null)
     order by t.tenant_id limit p_limit;
end;

revoke execute on all functions in schema postern_cross from public;
grant execute on all functions in schema postern_cross to postern_app;
reset role;
