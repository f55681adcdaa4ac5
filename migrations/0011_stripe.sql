-- What is billed through Stripe, and what Stripe was told.

-- Within a billing period there is one price list: a new one holds from the next period on.
alter table price_list add column in_force_from date not null default '-infinity';

-- A tenant at Stripe. Made when the worker first looks at it; what is null is not there yet.
create table stripe_account (
    tenant_id       uuid not null references tenant,
    customer_id     text,
    subscription_id text,
    -- What that subscription bills by: a plan and a version of the price list.
    plan_code       text,
    price_version   integer,
    -- Others may still run at Stripe that it took the place of.
    alone           boolean not null default false,
    -- Stripe's word for how the subscription stands, when it was last read.
    status          text,
    read_at         timestamptz,
    -- Something happened at Stripe since then.
    stale_at        timestamptz,
    -- Since when a payment is failing, and when the tenant was suspended for it.
    failing_since   timestamptz,
    suspended_at    timestamptz,
    -- When the worker looks at it again; and until when one does.
    due_at          timestamptz not null,
    leased_until    timestamptz,
    -- Why the last look did not succeed.
    problem         text,
    primary key (tenant_id)
) with (fillfactor = 70);
create index stripe_account_customer on stripe_account (customer_id);

-- Billing periods that were billed through Stripe, and by which terms.
create table stripe_period (
    tenant_id     uuid not null references tenant,
    -- The first day.
    period        date not null,
    plan_code     text not null,
    price_version integer not null,
    -- Stripe has written the invoice: what it was not told until then goes into the next one.
    closed_at     timestamptz,
    primary key (tenant_id, period)
);

-- Each day's totals, as they were told. The intent is committed before the call, and what was taken
-- after it: what differs is told again.
create table stripe_usage (
    tenant_id     uuid not null references tenant,
    day           date not null,
    -- A channel, or PLAN for a month of the plan's fee.
    channel       text not null check (channel in ('SMS', 'VOICE', 'EMAIL', 'PLAN')),
    -- Empty for PLAN.
    country_group text not null,
    -- Of earlier periods, which were closed without them.
    carried       bigint not null default 0,
    -- The total to be told, counted up with each change of it.
    units         bigint not null default 0,
    revision      integer not null default 0,
    -- The total that Stripe is known to have.
    taken         bigint,
    primary key (tenant_id, day, channel, country_group)
) with (fillfactor = 70);

-- Invoices as Stripe shows them.
create table stripe_invoice (
    tenant_id    uuid not null references tenant,
    invoice_id   text not null,
    -- Null while it is a draft.
    number       text,
    status       text not null check (status in ('draft', 'open', 'paid', 'void', 'uncollectible')),
    currency     text not null check (currency ~ '^[A-Z]{3}$'),
    -- In minor units.
    total        bigint not null,
    period_start timestamptz not null,
    period_end   timestamptz not null,
    hosted_url   text,
    created_at   timestamptz not null,
    primary key (tenant_id, invoice_id)
);

do $$
declare
    t text;
begin
    foreach t in array array['stripe_account', 'stripe_period', 'stripe_usage', 'stripe_invoice'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_isolation on %I using (tenant_id = %s) with check (tenant_id = %s)', t,
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid',
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid');
        execute format('grant select, insert, update on %I to postern_app', t);
    end loop;
end $$;
-- A draft may be deleted at Stripe.
grant delete on stripe_invoice to postern_app;

create policy cross_reads on stripe_account for select to postern_cross using (true);
grant select (tenant_id, customer_id, due_at) on stripe_account to postern_cross;

set local role postern_cross;

-- Which LIVE tenants, after this one, have to be looked at by the worker that bills? Those that are due,
-- and those that it has never seen.
create function postern_cross.tenants_to_bill(p_after uuid, p_now timestamptz, p_limit integer) returns setof uuid
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select t.tenant_id from public.tenant t
      left join public.stripe_account s on s.tenant_id = t.tenant_id
     where t.environment = 'LIVE' and (p_after is null or t.tenant_id > p_after)
       and (s.tenant_id is null or s.due_at <= p_now)
     order by t.tenant_id limit p_limit;
end;

-- Which tenants, after this one, have an account at Stripe? Asked by the reconciliation.
create function postern_cross.tenants_with_stripe(p_after uuid, p_limit integer) returns setof uuid
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select s.tenant_id from public.stripe_account s
     where s.customer_id is not null and (p_after is null or s.tenant_id > p_after)
     order by s.tenant_id limit p_limit;
end;

-- Whose customer is this? Stripe's webhooks name nothing else.
create function postern_cross.tenant_of_stripe_customer(p_customer text) returns uuid
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    select s.tenant_id from public.stripe_account s where s.customer_id = p_customer limit 1;
end;

revoke execute on function postern_cross.tenants_to_bill(uuid, timestamptz, integer),
    postern_cross.tenants_with_stripe(uuid, integer), postern_cross.tenant_of_stripe_customer(text) from public;
grant execute on function postern_cross.tenants_to_bill(uuid, timestamptz, integer),
    postern_cross.tenants_with_stripe(uuid, integer), postern_cross.tenant_of_stripe_customer(text) to postern_app;
reset role;
