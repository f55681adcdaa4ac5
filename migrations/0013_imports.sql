-- Files of users and tenants: as they arrive, at work, and what was refused of them.

-- An import of tenants is a partner's; it lies with the platform's own tenant, since the tenants that it
-- makes are not there yet, and names the partner, who sees its own and no others.
create table import_job (
    tenant_id       uuid not null references tenant,
    import_id       uuid not null,
    partner_id      uuid,
    kind            text not null check (kind in ('USERS', 'TENANTS')),
    file_name       text not null,
    dry_run         boolean not null,
    -- Of USERS: the tenant vouches for the phones. Of TENANTS: a SANDBOX beside each LIVE one.
    trust_contacts  boolean not null,
    sandbox_twins   boolean not null,
    -- Who sent it, for the audit log, and with which key.
    created_by      text not null,
    created_from    inet,
    api_key_id      uuid,
    created_at      timestamptz not null,
    -- The header as it was written; a refused row is given back under it.
    header          text[] not null default '{}',
    -- Null while the file is still arriving: its rows are not known yet.
    total_rows      integer,
    -- RECEIVING is shown to nobody: an upload that breaks off leaves nothing.
    status          text not null check (status in
                        ('RECEIVING', 'QUEUED', 'RUNNING', 'COMPLETED', 'COMPLETED_WITH_ERRORS', 'FAILED', 'CANCELED')),
    -- When a worker looks at it (again): the end of a lease, or of the days for which refused rows are
    -- kept; null where nothing is left to be done.
    due_at          timestamptz,
    -- A claim is numbered: what a worker writes counts only as long as its attempt is the last one.
    attempts        smallint not null default 0,
    -- The one that moved it forward last.
    progress_attempt smallint not null default 0,
    -- The first block that has not been worked through.
    next_block      integer not null default 0,
    processed_rows  integer not null default 0,
    created_rows    integer not null default 0,
    updated_rows    integer not null default 0,
    unchanged_rows  integer not null default 0,
    failed_rows     integer not null default 0,
    finished_at     timestamptz,
    -- Why nothing of the file could be read: line, column, message.
    failure         jsonb not null default '[]',
    primary key (tenant_id, import_id),
    check ((kind = 'TENANTS') = (partner_id is not null))
) with (fillfactor = 50);
create index import_job_due on import_job (due_at) where due_at is not null;
create index import_job_partner on import_job (partner_id, import_id) where partner_id is not null;

-- The file, in blocks of whole rows, sealed under the tenant's data key: what lies here is contacts.
create table import_block (
    tenant_id uuid not null,
    import_id uuid not null,
    block_no  integer not null,
    sealed    bytea not null,
    primary key (tenant_id, import_id, block_no),
    foreign key (tenant_id, import_id) references import_job on delete cascade
);
-- Ciphertext does not compress.
alter table import_block alter column sealed set storage external;

-- A row that was refused, why, and the row itself, sealed.
create table import_refusal (
    tenant_id uuid not null,
    import_id uuid not null,
    line      integer not null,
    -- Column and message of each fault.
    faults    jsonb not null,
    sealed    bytea not null,
    primary key (tenant_id, import_id, line),
    foreign key (tenant_id, import_id) references import_job on delete cascade
);

do $$
declare
    t text;
begin
    foreach t in array array['import_job', 'import_block', 'import_refusal'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_isolation on %I using (tenant_id = %s) with check (tenant_id = %s)', t,
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid',
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid');
        execute format('grant select, insert, update, delete on %I to postern_app', t);
    end loop;
end $$;

-- A partner sees its own imports of tenants.
create policy partner_reads on import_job for select
    using (partner_id = nullif(current_setting('postern.partner_id', true), '')::uuid);

create policy cross_reads on import_job for select to postern_cross using (true);
grant select (tenant_id, import_id, due_at) on import_job to postern_cross;

set local role postern_cross;

-- Which imports are due, the longest waiting first?
create function postern_cross.imports_due(p_limit integer) returns table (tenant_id uuid, import_id uuid)
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select j.tenant_id, j.import_id from public.import_job j
     where j.due_at <= clock_timestamp() order by j.due_at limit p_limit;
end;

revoke execute on function postern_cross.imports_due(integer) from public;
grant execute on function postern_cross.imports_due(integer) to postern_app;
reset role;
