-- What Standard security stands on: where and on what a user logs in, devices that are trusted, and
-- with each login all that its decision was made from.

-- A user's history, in the user's own row: it is read with the row, and written in the transaction
-- that completes a login. What changes at every login lies together and comes last, so that an UPDATE
-- logs little.
alter table tenant_user
    add column last_accuracy_km  real,
    add column last_latitude     real,
    add column last_longitude    real,
    -- What was seen and on which day last: countries, networks, kinds of devices, address prefixes,
    -- each packed into a number (core_risk::Seen says how).
    add column seen              bigint[] not null default '{}',
    -- When the position was seen; an address without a position leaves the last one standing.
    add column last_position_at  timestamptz,
    add column last_completed_at timestamptz,
    -- Completed logins by the hour of the tenant's day, a byte each; 255 and more are the same.
    add column login_hours       bytea not null default decode(repeat('00', 24), 'hex');

-- Every login that is completed writes its user's row now, and logins that began together are completed
-- together, before any old version can be pruned: each page needs room for a second version of all rows.
alter table tenant_user set (fillfactor = 50);

-- From where a factor was confirmed; none where that was done outside a login.
alter table factor add column confirmed_from inet;

-- Devices on which a factor was proved, and which then need none for a while at STANDARD. They end
-- with any change of the user's factors.
create table trusted_device (
    tenant_id    uuid not null,
    device_id    uuid not null,
    user_id      uuid not null,
    digest       bytea not null,
    user_agent   text,
    created_at   timestamptz not null,
    expires_at   timestamptz not null,
    last_seen_at timestamptz not null,
    primary key (tenant_id, device_id),
    unique (tenant_id, user_id, digest),
    foreign key (tenant_id, user_id) references tenant_user on delete cascade
) with (fillfactor = 80);

alter table trusted_device enable row level security;
alter table trusted_device force row level security;
create policy tenant_isolation on trusted_device
    using (tenant_id = nullif(current_setting('postern.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('postern.tenant_id', true), '')::uuid);
grant select, insert, update, delete on trusted_device to postern_app;

-- Where a login came from, and what it adds to the history when it is completed.
alter table login
    add column country      text,
    add column city         text,
    add column latitude     real,
    add column longitude    real,
    add column accuracy_km  real,
    -- The hour of the tenant's day.
    add column local_hour   smallint not null default 0,
    add column seen         bigint[] not null default '{}',
    -- All that `decide` was given beside the columns: the user's facts and the assessed risk.
    -- Null for logins before this was kept.
    add column facts        json;
