-- Webhooks: what others are told of, over HTTP.

-- Whether an event has been handed to the endpoints that want it. A mark on each event and no cursor
-- over them: identifiers are ordered by when they were made, and an event whose transaction commits
-- late would stay behind a cursor that has passed it. What was there before was wanted by nobody.
alter table outbox_event add column passed_on boolean not null default true;
alter table outbox_event alter column passed_on set default false;
create index outbox_event_waiting on outbox_event (tenant_id, event_id) where not passed_on;

-- Logins write an event where somebody wants it and nowhere else: the one kind of event of which there
-- are as many as logins. Kept with the endpoints, in the row that a login reads anyway.
alter table tenant add column webhook_logins boolean not null default false;

create table webhook_endpoint (
    tenant_id              uuid not null references tenant,
    endpoint_id            uuid not null,
    url                    text not null,
    -- Kinds of events; empty: all.
    events                 text[] not null,
    secret_sealed          bytea not null,
    -- Signs beside the new one until then.
    previous_secret_sealed bytea,
    previous_secret_until  timestamptz,
    created_at             timestamptz not null,
    -- When something last arrived.
    last_delivery_at       timestamptz,
    -- Nothing has arrived since; null while deliveries succeed.
    failing_since          timestamptz,
    -- It said that it is gone, or failed for too long. A delivery that a person asks for, and that
    -- arrives, ends this.
    disabled_at            timestamptz,
    primary key (tenant_id, endpoint_id),
    check ((previous_secret_sealed is null) = (previous_secret_until is null))
) with (fillfactor = 70);

-- One event on its way to one endpoint. The month is the event's: so "one a pair" can be a unique
-- constraint, and the identifier is made to carry the event's time.
create table webhook_delivery (
    tenant_id       uuid not null,
    month           date not null,
    delivery_id     uuid not null,
    endpoint_id     uuid not null,
    event_id        uuid not null,
    -- As in outbox_event, or TEST.
    kind            text not null,
    -- What is sent, byte for byte, whenever it is sent.
    body            text not null,
    created_at      timestamptz not null,
    status          text not null check (status in ('QUEUED', 'SENDING', 'DELIVERED', 'FAILED', 'CANCELED')),
    -- When it may be claimed (again), by the wall clock.
    due_at          timestamptz not null,
    attempts        smallint not null default 0,
    -- How many there had been when it was last asked for: pauses are counted from there.
    retries_from    smallint not null default 0,
    -- A person asked for it: it is sent to an endpoint that is disabled, too.
    asked           boolean not null default false,
    last_attempt_at timestamptz,
    delivered_at    timestamptz,
    -- The status of the last answer; null where there was none.
    response_status smallint,
    -- What was wrong with the last attempt, for a person.
    failure         text,
    primary key (tenant_id, month, delivery_id),
    unique (tenant_id, month, event_id, endpoint_id),
    foreign key (tenant_id, endpoint_id) references webhook_endpoint on delete cascade
) partition by range (month);
create index webhook_delivery_list on webhook_delivery (tenant_id, endpoint_id, delivery_id);
create index webhook_delivery_due on webhook_delivery (tenant_id, due_at) where status in ('QUEUED', 'SENDING');
create index webhook_delivery_queue on webhook_delivery (tenant_id, endpoint_id, due_at) where status in ('QUEUED', 'SENDING');

do $$
declare
    t text;
begin
    foreach t in array array['webhook_endpoint', 'webhook_delivery'] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy tenant_isolation on %I using (tenant_id = %s) with check (tenant_id = %s)', t,
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid',
            'nullif(current_setting(''postern.tenant_id'', true), '''')::uuid');
        execute format('grant select, insert, update, delete on %I to postern_app', t);
    end loop;
end $$;
-- Deliveries go with their endpoint, by the foreign key's hand.
revoke delete on webhook_delivery from postern_app;

-- Partitions of everything that is partitioned by month, so that a new such table needs no new list.
create or replace function ensure_partitions(p_from date, p_months integer) returns integer
    language plpgsql security definer set search_path = pg_catalog, public as $$
declare
    parent text;
    first_day date;
    partition text;
    made integer := 0;
begin
    if p_months not between 1 and 60 then
        raise exception 'between 1 and 60 months, not %', p_months;
    end if;
    for parent in
        select c.relname from pg_partitioned_table p
          join pg_class c on c.oid = p.partrelid
          join pg_attribute a on a.attrelid = c.oid and p.partnatts = 1 and a.attnum = p.partattrs[0]
         where c.relnamespace = 'public'::regnamespace and p.partstrat = 'r' and a.attname = 'month'
         order by c.relname
    loop
        for i in 0 .. p_months - 1 loop
            first_day := (date_trunc('month', p_from::timestamp) + make_interval(months => i))::date;
            partition := format('%s_%s', parent, to_char(first_day, 'YYYY_MM'));
            if to_regclass('public.' || partition) is null then
                execute format(
                    'create table public.%I partition of public.%I for values from (%L) to (%L)%s',
                    partition, parent, first_day, (first_day + interval '1 month')::date,
                    -- Logins that began together are completed together, often in one transaction, before
                    -- any old version can be pruned: each page needs room for a second version of all its rows.
                    case parent when 'login' then ' with (fillfactor = 45)'
                                when 'message' then ' with (fillfactor = 70)'
                                when 'challenge' then ' with (fillfactor = 70)' else '' end);
                execute format('alter table public.%I enable row level security', partition);
                execute format('alter table public.%I force row level security', partition);
                made := made + 1;
            end if;
        end loop;
    end loop;
    return made;
end $$;

select ensure_partitions((now() - interval '3 months')::date, 8);

create policy cross_reads on outbox_event for select to postern_cross using (true);
create policy cross_reads on webhook_delivery for select to postern_cross using (true);
grant select (tenant_id, event_id, passed_on) on outbox_event to postern_cross;
grant select (tenant_id, status, due_at) on webhook_delivery to postern_cross;

set local role postern_cross;

-- Which tenants, after this one, have events to pass on or deliveries that are due? Loose scans of
-- partial indexes: the cost is the number of tenants with something waiting, not of what waits.
create function postern_cross.tenants_with_webhooks(p_after uuid, p_limit integer)
    returns table (tenant_id uuid, events boolean, deliveries boolean)
    language sql stable security definer set search_path = pg_catalog, public
begin atomic
    with recursive waiting as (
        (select e.tenant_id from public.outbox_event e
          where not e.passed_on and (p_after is null or e.tenant_id > p_after)
          order by e.tenant_id limit 1)
        union all
        select (select e.tenant_id from public.outbox_event e
                 where not e.passed_on and e.tenant_id > waiting.tenant_id
                 order by e.tenant_id limit 1)
          from waiting where waiting.tenant_id is not null
    ), queued as (
        (select d.tenant_id from public.webhook_delivery d
          where d.status in ('QUEUED', 'SENDING') and (p_after is null or d.tenant_id > p_after)
          order by d.tenant_id limit 1)
        union all
        select (select d.tenant_id from public.webhook_delivery d
                 where d.status in ('QUEUED', 'SENDING') and d.tenant_id > queued.tenant_id
                 order by d.tenant_id limit 1)
          from queued where queued.tenant_id is not null
    ), work as (
        (select w.tenant_id, true as events, false as deliveries
           from waiting w where w.tenant_id is not null limit p_limit)
        union all
        (select q.tenant_id, false, true
           from queued q
          where q.tenant_id is not null
            and exists (select from public.webhook_delivery d
                         where d.tenant_id = q.tenant_id and d.status in ('QUEUED', 'SENDING')
                           and d.due_at <= clock_timestamp())
          limit p_limit)
    )
    select w.tenant_id, bool_or(w.events), bool_or(w.deliveries)
      from work w group by w.tenant_id order by w.tenant_id limit p_limit;
end;

revoke execute on function postern_cross.tenants_with_webhooks(uuid, integer) from public;
grant execute on function postern_cross.tenants_with_webhooks(uuid, integer) to postern_app;
reset role;
