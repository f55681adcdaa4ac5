-- What messages cost, and rehearsals of a policy on the logins of the last weeks.

-- Price lists: the installation's, the same for all tenants, and reference tables where the rest is
-- sharded. `migrate` writes them from the file that the program carries; a version never changes.
create table price_list (
    version       integer primary key check (version > 0),
    -- ISO 4217.
    currency      text not null check (currency ~ '^[A-Z]{3}$'),
    -- Of countries that are in no group, and of messages that go to no country.
    default_group text not null
);

create table price_country (
    version       integer not null references price_list,
    -- ISO 3166-1 alpha-2.
    country       text not null,
    country_group text not null,
    primary key (version, country)
);

create table price (
    version       integer not null references price_list,
    channel       text not null check (channel in ('SMS', 'VOICE', 'EMAIL')),
    country_group text not null,
    -- Per message, in millionths of the currency's minor unit.
    amount        bigint not null check (amount >= 0),
    primary key (version, channel, country_group)
);

grant select on price_list, price_country, price to postern_app;

create table policy_simulation (
    tenant_id       uuid not null references tenant,
    simulation_id   uuid not null,
    -- The draft as a policy; mandatory at once is stored as mandatory since ever.
    policy          jsonb not null,
    days            smallint not null check (days between 1 and 90),
    -- Which logins, by the tenant's clock: fixed at the start, so that a second attempt sees the same.
    since           timestamptz not null,
    until           timestamptz not null,
    -- The price list that it reckons with.
    price_version   integer not null,
    currency        text not null,
    created_by      text not null,
    -- From here on by the wall clock.
    created_at      timestamptz not null,
    status          text not null check (status in ('QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELED')),
    -- When a worker next has to do with it: to run it, to take it over from one that is silent, or to delete it.
    due_at          timestamptz not null,
    attempts        smallint not null default 0,
    finished_at     timestamptz,
    failure         text,
    logins_replayed integer not null default 0,
    -- From before the facts were kept with each login.
    logins_skipped  integer not null default 0,
    users_locked_out integer not null default 0,
    -- Transitions, messages by what they cost, examples; null until it is completed.
    report          jsonb,
    primary key (tenant_id, simulation_id)
);
-- One at a time.
create unique index policy_simulation_unfinished on policy_simulation (tenant_id) where status in ('QUEUED', 'RUNNING');
create index policy_simulation_due on policy_simulation (due_at);

-- Who would be locked out.
create table policy_simulation_user (
    tenant_id     uuid not null,
    simulation_id uuid not null,
    user_id       uuid not null,
    primary key (tenant_id, simulation_id, user_id),
    foreign key (tenant_id, simulation_id) references policy_simulation on delete cascade
);

do $$
declare
    t text;
begin
    foreach t in array array['policy_simulation', 'policy_simulation_user'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_isolation on %I using (tenant_id = %s) with check (tenant_id = %s)', t,
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid',
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid');
        execute format('grant select, insert, update, delete on %I to postern_app', t);
    end loop;
end $$;

create policy cross_reads on policy_simulation for select to postern_cross using (true);
grant select (tenant_id, due_at) on policy_simulation to postern_cross;

set local role postern_cross;

-- Which tenants have a simulation that is due, the longest waiting first?
create function postern_cross.tenants_with_simulations(p_limit integer) returns setof uuid
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select s.tenant_id from public.policy_simulation s where s.due_at <= clock_timestamp()
     group by s.tenant_id order by min(s.due_at) limit p_limit;
end;

revoke execute on function postern_cross.tenants_with_simulations(integer) from public;
grant execute on function postern_cross.tenants_with_simulations(integer) to postern_app;
reset role;
