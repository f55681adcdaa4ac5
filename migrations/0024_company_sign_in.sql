-- Signing in to the console by a tenant's own identity provider (docs/adr/0013-oidc.md).
--
-- All of it is the tenant's: its provider, whom it knows there, and sign-ins on their way. What a session
-- that began this way may do ends where the tenant does.

create table identity_provider (
    tenant_id            uuid primary key references tenant,
    -- By these people name the tenant when they sign in: its slug, and tenant.sign_in_domains.
    names                text[] not null,
    issuer               text not null,
    client_id            text not null,
    client_secret_sealed bytea not null,
    -- Whose addresses it may vouch for; lower case.
    domains              text[] not null,
    -- Whose second factor counts.
    second_factor        text not null check (second_factor in ('POSTERN', 'IDENTITY_PROVIDER')),
    -- What else than `mfa` among its methods says that a second factor was proved.
    acr_values           text[] not null default '{}',
    -- Whether administrators other than OWNERs may still sign in by a password.
    password_allowed     boolean not null,
    -- The last sign-in that was tried to its end, with the provider as it is now.
    tested_at            timestamptz,
    updated_at           timestamptz not null
);
create index identity_provider_names on identity_provider using gin (names);

-- Whom the provider knows by which name of its own. Another issuer's names are other people's.
create table identity_link (
    tenant_id    uuid not null references tenant,
    issuer       text not null,
    subject      text not null,
    admin_id     uuid not null,
    linked_at    timestamptz not null,
    last_used_at timestamptz not null,
    primary key (tenant_id, issuer, subject),
    unique (tenant_id, admin_id),
    foreign key (tenant_id, admin_id) references tenant_admin
);

-- Sign-ins that were sent to the provider. Nothing that could finish one is stored: two digests, of what the
-- address says and of what the browser keeps.
create table identity_flow (
    tenant_id      uuid not null references tenant,
    state_digest   bytea not null,
    browser_digest bytea not null,
    -- An OWNER's who only tries it; null: to sign in.
    tried_by       uuid,
    expires_at     timestamptz not null,
    primary key (tenant_id, state_digest),
    foreign key (tenant_id, tried_by) references tenant_admin (tenant_id, admin_id)
);
create index identity_flow_expires on identity_flow (tenant_id, expires_at);

do $$
declare
    t text;
begin
    foreach t in array array['identity_provider', 'identity_link', 'identity_flow'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_isolation on %I using (tenant_id = %s) with check (tenant_id = %s)', t,
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid',
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid');
        execute format('grant select, insert, update, delete on %I to postern_app', t);
    end loop;
end $$;

-- A session that a tenant's provider opened acts in that tenant and nowhere else.
alter table console_session add column only_tenant uuid;
create index console_session_only_tenant on console_session (tenant_id, only_tenant) where only_tenant is not null;

-- Whoever has a role elsewhere too says themselves that this tenant's provider may vouch for them.
alter table tenant_admin add column provider_accepted_at timestamptz;

-- Mail domains by which people name the tenant when they sign in. The operator's to give: a firm that named
-- another's would be shown that firm's people.
alter table tenant add column sign_in_domains text[] not null default '{}';

create policy cross_reads on identity_provider for select to postern_cross
    using (tenant_id not in (select e.tenant_id from tenant_ending e));
grant select (tenant_id, names, password_allowed) on identity_provider to postern_cross;

set local role postern_cross;
drop function postern_cross.roles_of_account(uuid);
-- In which tenants does this person hold a role, and is a password enough there? Asked with each request of a
-- session.
create function postern_cross.roles_of_account(p_account uuid)
    returns table (tenant_id uuid, admin_id uuid, role text, sessions_from timestamptz, provider_only boolean)
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select a.tenant_id, a.admin_id, a.role, a.sessions_from, coalesce(not p.password_allowed, false)
      from public.tenant_admin a left join public.identity_provider p on p.tenant_id = a.tenant_id
     where a.account_id = p_account and a.removed_at is null order by a.tenant_id;
end;

-- Which tenant with a provider of its own does somebody mean who wants to sign in? By slug or mail domain.
create function postern_cross.tenant_to_sign_in(p_name text) returns uuid
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select p.tenant_id from public.identity_provider p where p.names @> array[p_name] limit 1;
end;

-- The tenants among these that have a provider: for whoever has roles in several, to accept it.
create function postern_cross.have_providers(p_tenants uuid[]) returns setof uuid
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select p.tenant_id from public.identity_provider p where p.tenant_id = any (p_tenants);
end;

revoke execute on function postern_cross.roles_of_account(uuid), postern_cross.tenant_to_sign_in(text),
    postern_cross.have_providers(uuid[]) from public;
grant execute on function postern_cross.roles_of_account(uuid), postern_cross.tenant_to_sign_in(text),
    postern_cross.have_providers(uuid[]) to postern_app;
reset role;
