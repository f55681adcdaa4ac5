-- Tenants' logos, and links that lead to the hosted prompt.
--
-- Logos are fetched once from the address that the tenant gave, redrawn, and served by us.

-- What became of it is read with the tenant, and costs no look-up of its own.
alter table tenant
    -- SHA-256 of the picture as we serve it; null while there is none.
    add column logo_digest  bytea check (octet_length(logo_digest) = 32),
    -- Why there is none, for a person.
    add column logo_problem text;

create table tenant_logo (
    tenant_id uuid primary key references tenant,
    -- From where it is fetched; another address begins anew.
    source    text not null,
    tries     smallint not null default 0,
    -- When it is fetched, by the wall clock; null: it was, or is not tried again.
    due_at    timestamptz default clock_timestamp(),
    -- A PNG of ours.
    picture   bytea
);
create index tenant_logo_due on tenant_logo (due_at) where due_at is not null;

alter table tenant_logo enable row level security;
alter table tenant_logo force row level security;
create policy tenant_isolation on tenant_logo
    using (tenant_id = nullif(current_setting('postern.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('postern.tenant_id', true), '')::uuid);
grant select, insert, update, delete on tenant_logo to postern_app;

-- Logos that were named before. The owner is bound by row-level security as well, but for this statement.
alter table tenant no force row level security;
alter table tenant_logo no force row level security;
insert into tenant_logo (tenant_id, source)
select t.tenant_id, t.branding ->> 'logo_url' from tenant t where t.branding ->> 'logo_url' is not null;
alter table tenant_logo force row level security;
alter table tenant force row level security;

create policy cross_reads on tenant_logo for select to postern_cross
    using (tenant_id not in (select e.tenant_id from tenant_ending e));
grant select (tenant_id, due_at) on tenant_logo to postern_cross;

set local role postern_cross;

-- Which tenants' logos are to be fetched?
create function postern_cross.logos_due(p_limit integer) returns setof uuid
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select l.tenant_id from public.tenant_logo l
     where l.due_at <= clock_timestamp() order by l.due_at limit p_limit;
end;

revoke execute on function postern_cross.logos_due(integer) from public;
grant execute on function postern_cross.logos_due(integer) to postern_app;
reset role;

-- Whether our own pages ask for the second factor once a link was followed.
alter table one_time_link add column hosted_prompt boolean not null default false;
