-- Partners' templates of policy, and the rollout: who has enrolled, who is reminded.

-- A partner's template in numbered versions; the last one holds. Guarded by postern.partner_id, as the
-- partner itself.
create table partner_template (
    partner_id    uuid not null references partner,
    version       integer not null check (version > 0),
    template_id   uuid not null,
    document      jsonb not null,
    -- Paths into PolicyInput, as they were given.
    locked_fields text[] not null,
    -- Weaker channels whose risk was accepted with this version or an earlier one.
    acknowledged  text[] not null default '{}',
    published_at  timestamptz not null,
    published_by  text not null,
    primary key (partner_id, version),
    unique (partner_id, template_id)
);
alter table partner_template enable row level security;
alter table partner_template force row level security;
create policy partner_isolation on partner_template
    using (partner_id = nullif(current_setting('postern.partner_id', true), '')::uuid)
    with check (partner_id = nullif(current_setting('postern.partner_id', true), '')::uuid);
grant select, insert on partner_template to postern_app;

-- The people who answer for a partner, as the operator names them.
create table partner_admin (
    partner_id   uuid not null references partner,
    admin_id     uuid not null,
    email        text not null,
    email_folded text not null,
    role         text not null check (role in ('OWNER', 'ADMIN', 'SUPPORT', 'ADVISOR', 'BILLING', 'AUDITOR')),
    created_at   timestamptz not null,
    removed_at   timestamptz,
    primary key (partner_id, admin_id)
);
create unique index partner_admin_email on partner_admin (partner_id, email_folded) where removed_at is null;
alter table partner_admin enable row level security;
alter table partner_admin force row level security;
create policy partner_isolation on partner_admin
    using (partner_id = nullif(current_setting('postern.partner_id', true), '')::uuid)
    with check (partner_id = nullif(current_setting('postern.partner_id', true), '')::uuid);
grant select, insert, update on partner_admin to postern_app;

-- Which version is in force, found without reading those before it.
create index policy_version_effective on policy_version (tenant_id, effective_at, version) where canceled_at is null;

create policy cross_reads on partner_template for select to postern_cross using (true);
grant select (partner_id, version, template_id, document, locked_fields, acknowledged, published_at, published_by)
    on partner_template to postern_cross;

set local role postern_cross;

-- The partner's template as it is now. Asked within a tenant's transaction, which does not see it:
-- what a tenant may publish depends on it, and what a new tenant starts from.
create function postern_cross.template_of(p_partner uuid)
    returns table (version integer, template_id uuid, document jsonb, locked_fields text[], acknowledged text[],
                   published_at timestamptz, published_by text)
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select t.version, t.template_id, t.document, t.locked_fields, t.acknowledged, t.published_at, t.published_by
      from public.partner_template t where t.partner_id = p_partner order by t.version desc limit 1;
end;

revoke execute on function postern_cross.template_of(uuid) from public;
grant execute on function postern_cross.template_of(uuid) to postern_app;
reset role;

-- Who has enrolled, and who has not, counted from indexes alone: nothing in them changes at a login.
create index factor_enrolled on factor (tenant_id, user_id) include (kind, status, line)
    where status in ('ACTIVE', 'DISABLED') and kind <> 'BACKUP_CODES';
create index tenant_user_rollout on tenant_user (tenant_id, user_id) include (kind, opted_out_at, skips_used, disabled)
    where erased_at is null;

-- One sending of reminders to all who have not enrolled.
create table enrollment_reminder_run (
    tenant_id  uuid not null references tenant,
    run_id     uuid not null,
    -- By the tenant's clock.
    created_at timestamptz not null,
    created_by text not null,
    -- The texts, where they are the tenant's own; {{…}} is filled in when a mail is written.
    subject    text,
    body       text,
    -- Only those who read this language; null: all.
    language   text,
    -- When the run began: how many were to be reminded.
    recipients integer not null,
    queued     integer not null default 0,
    -- Those for whom there was no room under the spending cap, or who were left when it ended early.
    not_sent   integer not null default 0,
    -- Users are gone through in the order of their identifiers, as far as this.
    after_user uuid,
    ended_at   timestamptz,
    ending     text check (ending in ('COMPLETED', 'SPENDING_CAP', 'SUSPENDED')),
    primary key (tenant_id, run_id),
    check ((ended_at is null) = (ending is null))
);
create index enrollment_reminder_run_open on enrollment_reminder_run (tenant_id, run_id) where ended_at is null;

-- The last day, in the tenant's time zone, on which a user was reminded: at most once on each.
create table enrollment_reminder (
    tenant_id uuid not null,
    user_id   uuid not null,
    day       date not null,
    primary key (tenant_id, user_id),
    foreign key (tenant_id, user_id) references tenant_user on delete cascade
) with (fillfactor = 70);

do $$
declare
    t text;
begin
    foreach t in array array['enrollment_reminder_run', 'enrollment_reminder'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_isolation on %I using (tenant_id = %s) with check (tenant_id = %s)', t,
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid',
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid');
        execute format('grant select, insert, update, delete on %I to postern_app', t);
    end loop;
end $$;

create policy cross_reads on enrollment_reminder_run for select to postern_cross using (true);
grant select (tenant_id, run_id, ended_at) on enrollment_reminder_run to postern_cross;

set local role postern_cross;

-- Which tenants, after this one, have reminders still to queue?
create function postern_cross.tenants_with_reminders(p_after uuid, p_limit integer) returns setof uuid
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select distinct r.tenant_id from public.enrollment_reminder_run r
     where r.ended_at is null and (p_after is null or r.tenant_id > p_after)
     order by r.tenant_id limit p_limit;
end;

revoke execute on function postern_cross.tenants_with_reminders(uuid, integer) from public;
grant execute on function postern_cross.tenants_with_reminders(uuid, integer) to postern_app;
reset role;
