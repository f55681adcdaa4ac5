-- Logins counted by quarters of an hour, for charts: once the logins of a quarter can change no more, they
-- are counted once, and a chart of many months costs what its quarters do. Every time zone's days are made
-- of whole quarters.
create table login_count (
    tenant_id      uuid not null references tenant,
    -- When it began, by the tenant's clock.
    quarter        timestamptz not null,
    outcome        text not null,
    -- Empty for those that were not completed.
    completed_with text not null,
    logins         bigint not null check (logins > 0),
    completed      bigint not null check (completed between 0 and logins),
    primary key (tenant_id, quarter, outcome, completed_with)
);

-- How far a tenant's logins have been counted, by its clock.
create table login_counted (
    tenant_id uuid not null references tenant,
    until     timestamptz not null,
    primary key (tenant_id)
);

do $$
declare
    t text;
begin
    foreach t in array array['login_count', 'login_counted'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_isolation on %I using (tenant_id = %s) with check (tenant_id = %s)', t,
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid',
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid');
        execute format('grant select, insert, update, delete on %I to postern_app', t);
    end loop;
end $$;

-- What is looked for among everything else: who was refused, and who had to enroll.
create index login_seldom on login (tenant_id, month, login_id) where outcome in ('DENY', 'ENROLL');
