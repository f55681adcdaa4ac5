-- Sessions that their person sees and ends, and passwords on their way to being replaced.
alter table console_session
    -- By this a person names it; the digest is nobody's to know.
    add column session_id  uuid not null default gen_random_uuid(),
    add column ip_address  inet,
    add column user_agent  text,
    -- Of a recovery: becomes the account's with the second factor.
    add column pending_phc text;
alter table console_session alter column session_id drop default;
create unique index console_session_id on console_session (tenant_id, session_id);

-- A link for a new password, by its digest.
create table account_recovery (
    tenant_id  uuid not null references tenant,
    digest     bytea not null,
    account_id uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (tenant_id, digest),
    foreign key (tenant_id, account_id) references account on delete cascade
);
create index account_recovery_account on account_recovery (tenant_id, account_id);

-- Who is to set up password and second factor anew, since an OWNER of this tenant asked for it.
create table account_reset (
    tenant_id  uuid not null references tenant,
    account_id uuid not null,
    asked_in   uuid not null,
    asked_at   timestamptz not null,
    due_at     timestamptz not null,
    primary key (tenant_id, account_id),
    foreign key (tenant_id, account_id) references account on delete cascade
);

do $$
declare
    t text;
begin
    foreach t in array array['account_recovery', 'account_reset'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_isolation on %I using (tenant_id = %s) with check (tenant_id = %s)', t,
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid',
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid');
        execute format('grant select, insert, update, delete on %I to postern_app', t);
    end loop;
end $$;

alter table tenant_admin
    -- Sessions that began before this have no part in the role: an OWNER ended them.
    add column sessions_from timestamptz,
    -- As account_reset says, for the team to see.
    add column reset_at      timestamptz;
grant select (sessions_from) on tenant_admin to postern_cross;

set local role postern_cross;
drop function postern_cross.roles_of_account(uuid);
-- In which tenants does this person hold a role? Asked with each request of a session.
create function postern_cross.roles_of_account(p_account uuid)
    returns table (tenant_id uuid, admin_id uuid, role text, sessions_from timestamptz)
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select a.tenant_id, a.admin_id, a.role, a.sessions_from from public.tenant_admin a
     where a.account_id = p_account and a.removed_at is null order by a.tenant_id;
end;

revoke execute on function postern_cross.roles_of_account(uuid) from public;
grant execute on function postern_cross.roles_of_account(uuid) to postern_app;
reset role;
