-- What messages cost, to whom, and how far a tenant lets it go.

-- Plans: the installation's, like price lists. `migrate` writes them from the file that the program
-- carries; the terms of a plan never change, and one that is offered no more stays for who is on it.
create table plan (
    code           text primary key,
    name           text not null,
    -- ISO 4217.
    currency       text not null check (currency ~ '^[A-Z]{3}$'),
    -- In millionths of the currency's minor unit.
    monthly        bigint not null check (monthly >= 0),
    included_units integer not null check (included_units >= 0),
    -- In the order of the file; null where it is offered no more.
    place          smallint,
    -- The plan of tenants that chose none.
    is_default     boolean not null
);

-- What a unit beyond the included ones costs; where nothing stands here the list price holds.
create table plan_price (
    plan_code     text not null references plan,
    channel       text not null check (channel in ('SMS', 'VOICE', 'EMAIL')),
    country_group text not null,
    amount        bigint not null check (amount >= 0),
    primary key (plan_code, channel, country_group)
);

grant select on plan, plan_price to postern_app;

-- One charge a message: entry 0, which is unique since the month is the message's own. Corrections
-- follow. Nothing is ever changed or deleted, and nothing here names a person.
create table usage_ledger (
    tenant_id     uuid not null,
    month         date not null,
    message_id    uuid not null,
    entry         smallint not null check (entry >= 0),
    kind          text not null check (kind in ('CHARGE', 'CORRECTION')),
    -- By the wall clock: when the provider took it, or when it was corrected.
    charged_at    timestamptz not null,
    -- The first day of the billing period in which that was.
    period        date not null,
    channel       text not null check (channel in ('SMS', 'VOICE', 'EMAIL')),
    purpose       text not null,
    country       text,
    country_group text not null,
    -- Segments of a text; 1 of a call or mail; a correction's may be below zero.
    units         integer not null,
    -- At list price, in millionths of the currency's minor unit.
    price         bigint not null,
    amount        bigint not null,
    currency      text not null,
    price_version integer not null,
    primary key (tenant_id, month, message_id, entry),
    check ((kind = 'CHARGE') = (entry = 0)),
    check (amount = units * price)
) partition by range (month);
create index usage_ledger_time on usage_ledger (tenant_id, charged_at);

-- The ledger's sums by UTC day, written with it. A busy tenant's workers would wait for one another's
-- commits at one row a day, so each day has a few, chosen by the connection.
create table usage_rollup (
    tenant_id     uuid not null,
    day           date not null,
    channel       text not null,
    country_group text not null,
    -- Empty where there is none.
    country       text not null,
    part          smallint not null,
    units         bigint not null,
    amount        bigint not null,
    currency      text not null,
    -- In the order in which usage is added up and shown, so that a year of it needs no sorting.
    primary key (tenant_id, day, channel, country, currency, country_group, part)
) with (fillfactor = 50);

create table billing_account (
    tenant_id    uuid not null references tenant,
    -- Null: the default plan.
    plan_code    text,
    currency     text not null,
    -- A period, at list price, in millionths of the currency's minor unit.
    spending_cap bigint check (spending_cap >= 0),
    -- Of tenants with a cap: what this period's messages cost, those included that are on their way.
    period       date not null,
    committed    bigint not null default 0,
    -- The most segments that a text of this tenant's had lately: so many are reserved for one.
    sms_units    smallint not null default 1,
    -- The period of which administrators were told that it is near the cap, and at it.
    near_told    date,
    reached_told date,
    primary key (tenant_id)
) with (fillfactor = 50);

-- Kept with the cap, in the row that sending a code reads anyway: tenants without one pay nothing.
alter table tenant add column spending_capped boolean not null default false;

alter table message
    -- Set aside under the cap until it is charged or has ended, and in which period.
    add column reserved        bigint,
    add column reserved_period date,
    -- The administrator to whom it goes.
    add column admin_id        uuid;
create index message_reserved on message (tenant_id, month, message_id)
    where reserved is not null and status in ('FAILED', 'CANCELED');

alter table message drop constraint message_purpose_check;
alter table message add constraint message_purpose_check
    check (purpose in ('CODE', 'ONE_TIME_LINK', 'ENROLLMENT_REMINDER', 'ADMIN_INVITATION', 'SECURITY_NOTICE',
                       'TEMPORARY_ACCESS_REQUEST', 'BILLING_NOTICE')) not valid;
alter table message validate constraint message_purpose_check;

-- Replaced by functions with one more argument.
drop function if exists settle_messages_batch(
    uuid[], date[], uuid[], smallint[], boolean[], text[], boolean[], integer[], text[], text[], text[], text[], boolean[], text[]);
drop function if exists settle_messages(
    uuid, date[], uuid[], smallint[], boolean[], text[], boolean[], integer[], text[], text[], text[], text[], boolean[], text[]);

do $$
declare
    t text;
begin
    foreach t in array array['usage_ledger', 'usage_rollup', 'billing_account'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_isolation on %I using (tenant_id = %s) with check (tenant_id = %s)', t,
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid',
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid');
    end loop;
end $$;
grant select, insert on usage_ledger to postern_app;
grant select, insert, update on usage_rollup, billing_account to postern_app;

select ensure_partitions((now() - interval '3 months')::date, 8);
