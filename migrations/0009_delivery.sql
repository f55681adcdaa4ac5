-- What providers report, and whose account carries a tenant's messages.

alter table message
    -- The last attempt of which it is on record what became of it: a later one that is SENDING is in doubt.
    add column answered         smallint not null default 0,
    -- The attempt that was taken by its provider.
    add column accepted_attempt smallint,
    -- When the last attempt began, by the wall clock: by it a doubtful one is looked up at its provider.
    add column attempted_at     timestamptz;

-- Numbers that asked for no more texts (STOP), as their carrier or a provider told.
create table message_opt_out (
    tenant_id         uuid not null references tenant,
    destination_index bytea not null,
    -- By the wall clock; the last time it was told.
    told_at           timestamptz not null,
    told_by           text not null,
    primary key (tenant_id, destination_index)
);

-- Accounts of a tenant's own, which then carry its messages instead of the installation's.
create table tenant_provider (
    tenant_id       uuid not null references tenant,
    provider        text not null check (provider in ('twilio')),
    -- Sealed JSON.
    account_sealed  bytea not null,
    updated_at      timestamptz not null,
    primary key (tenant_id, provider)
);

-- Replaced by functions with other arguments. A worker of the version before finds nothing to call
-- until it is replaced as well, and sends nothing; nothing is lost.
drop function if exists claim_messages_batch(uuid[], text, integer, integer, integer);
drop function if exists claim_messages(uuid, text, smallint, smallint, integer, integer);
drop function if exists settle_messages_batch(uuid[], date[], uuid[], smallint[], text[], boolean[], integer[], text[], text[], text[], text[]);
drop function if exists settle_messages(uuid, date[], uuid[], smallint[], text[], boolean[], integer[], text[], text[], text[], text[]);

do $$
declare
    t text;
begin
    foreach t in array array['message_opt_out', 'tenant_provider'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_isolation on %I using (tenant_id = %s) with check (tenant_id = %s)', t,
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid',
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid');
        execute format('grant select, insert, update, delete on %I to postern_app', t);
    end loop;
end $$;
