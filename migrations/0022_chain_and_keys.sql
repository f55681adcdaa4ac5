-- The audit log's hash chain, and keys that are replaced while everything goes on.

-- A new key is known everywhere before it makes anything: whoever has not read it yet could not read that.
alter table crypto_key add column makes_from timestamptz not null default '-infinity';
alter table tenant_data_key add column seals_from timestamptz not null default '-infinity';

-- The chain. Entries are written as before, by whoever does the thing, in its
-- transaction; a second later whoever gets to it seals what was committed, in the order in which it
-- gets there: each seal covers the one before. So nobody who writes waits for anybody else who writes.

alter table audit_entry
    -- Its place in the tenant's chain, from 1. Null, as are all four, until it is sealed.
    add column sequence   bigint,
    -- What keeps the commitment from being guessed; gone once the words of the entry are erased.
    add column salt       bytea,
    -- Over what may have to be erased: who, from where, in which words.
    add column commitment bytea;

create unique index audit_entry_chain on audit_entry (tenant_id, sequence, month) where sequence is not null;
create index audit_entry_unsealed on audit_entry (tenant_id, month, entry_id) where hash is null;

-- How far each tenant's chain has come. Its row is what sealers take turns at.
create table audit_chain (
    tenant_id           uuid not null references tenant,
    sequence            bigint not null default 0,
    -- Of the last entry; empty before the first.
    hash                bytea not null default '',
    -- How far it was signed, and when.
    signed_sequence     bigint not null default 0,
    signed_at           timestamptz not null default '-infinity',
    -- Entries up to here are not kept any more: the signed head that vouches for them.
    checkpoint_sequence bigint not null default 0,
    checkpoint          bytea,
    primary key (tenant_id)
);

-- Signed heads, each at the entry in which it ends.
create table audit_head (
    tenant_id uuid not null references tenant,
    sequence  bigint not null,
    signed_at timestamptz not null,
    token     bytea not null,
    primary key (tenant_id, sequence)
);

do $$
declare
    t text;
begin
    foreach t in array array['audit_chain', 'audit_head'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_isolation on %I using (tenant_id = %s) with check (tenant_id = %s)', t,
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid',
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid');
    end loop;
end $$;
grant select, insert, update on audit_chain to postern_app;
-- Heads go with the entries that they vouch for.
grant select, insert, delete on audit_head to postern_app;
grant update (sequence, salt, commitment, hash) on audit_entry to postern_app;

-- Sealed once. What an erasure takes out of a sealed entry takes the salt with it, so that the commitment
-- tells nothing of what it was; nothing else changes.
create function keep_sealed() returns trigger
    language plpgsql set search_path = pg_catalog, public as $$
begin
    if old.hash is null then
        return new;
    end if;
    if (new.tenant_id, new.month, new.entry_id, new.at, new.action, new.sequence, new.commitment, new.hash)
       is distinct from
       (old.tenant_id, old.month, old.entry_id, old.at, old.action, old.sequence, old.commitment, old.hash) then
        raise exception 'a sealed entry of the audit log does not change';
    end if;
    if (new.actor, new.target, new.detail, new.ip_address) is distinct from
       (old.actor, old.target, old.detail, old.ip_address) then
        new.salt := null;
    elsif new.salt is distinct from old.salt then
        raise exception 'a sealed entry of the audit log keeps its salt as long as its words';
    end if;
    return new;
end $$;
create trigger keep_sealed before update on audit_entry for each row execute function keep_sealed();

-- As in 0016, but the chain stays with the log.
do $$
declare
    v_body text;
begin
    select pg_get_functiondef('erase_tenant_rows(uuid, integer)'::regprocedure) into v_body;
    if v_body not like '%''audit\_entry'')%' then
        raise exception 'erase_tenant_rows does not read as it did';
    end if;
    execute replace(v_body, '''audit_entry'')', '''audit_entry'', ''audit_chain'', ''audit_head'')');
end $$;

create policy cross_reads on audit_entry for select to postern_cross
    using (tenant_id not in (select e.tenant_id from tenant_ending e));
create policy cross_reads on audit_chain for select to postern_cross
    using (tenant_id not in (select e.tenant_id from tenant_ending e));
grant select (tenant_id, hash) on audit_entry to postern_cross;
grant select (tenant_id, sequence, signed_sequence, signed_at) on audit_chain to postern_cross;

set local role postern_cross;

-- Which tenants have entries to seal, or a chain that went on since it was signed before this instant?
create function postern_cross.tenants_to_seal(p_signed_before timestamptz, p_limit integer) returns setof uuid
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select t.tenant_id from (
        select a.tenant_id from public.audit_entry a where a.hash is null
        union
        select c.tenant_id from public.audit_chain c where c.signed_sequence < c.sequence and c.signed_at < p_signed_before
    ) t limit p_limit;
end;

revoke execute on function postern_cross.tenants_to_seal(timestamptz, integer) from public;
grant execute on function postern_cross.tenants_to_seal(timestamptz, integer) to postern_app;
reset role;
