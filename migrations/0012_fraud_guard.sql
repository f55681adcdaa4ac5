-- Messages are claimed and settled many at a time, and number prefixes that codes are pumped to are blocked.

-- The queue. What is claimed stays where it is in the queue's indexes, so that claiming a message does
-- not touch an index; it leaves them when it has ended. (This rewrites the table: done while there is
-- no installation with years of messages.)
alter table message
    add column waiting      boolean not null generated always as (status in ('QUEUED', 'SENDING')) stored,
    -- Of a number that never gave a right code for this tenant: what the fraud guard counts.
    add column prefix       text,
    -- By the wall clock: until then a worker makes an attempt at it; `claimable_at` holds beside it.
    add column leased_until timestamptz,
    -- Who sends it: 0 texts and calls of LIVE tenants, 1 their mail, 2 all of SANDBOX ones.
    add column lane         smallint;

-- Whoever queues a message need not know.
create function choose_message_lane() returns trigger
    language plpgsql set search_path = pg_catalog, public as $$
begin
    new.lane := case when (select t.environment from tenant t where t.tenant_id = new.tenant_id) = 'SANDBOX' then 2
                     when new.channel = 'EMAIL' then 1 else 0 end;
    return new;
end $$;
create trigger choose_message_lane before insert on message
    for each row when (new.lane is null) execute function choose_message_lane();

-- The owner is bound by row-level security as well, but for this statement.
alter table message no force row level security;
alter table tenant no force row level security;
update message m
   set lane = case when t.environment = 'SANDBOX' then 2 when m.channel = 'EMAIL' then 1 else 0 end
  from tenant t where t.tenant_id = m.tenant_id and m.waiting;
alter table tenant force row level security;
alter table message force row level security;

drop index message_queue;
drop index message_reserved;
-- Each lane apart, codes apart from all else; of each tenant what is due first, first. The tenant is an
-- expression that no other index has: else the planner, which knows the queue as it was when it last
-- looked, might go through all messages that ever were.
create index message_due on message
    (lane, (priority > 0), (case when waiting then tenant_id end), priority, claimable_at) where waiting;
create index message_reserved on message (tenant_id, month, message_id) where reserved is not null and not waiting;
create index message_prefix on message (tenant_id, prefix, message_id) where prefix is not null;

-- Codes that began together are claimed together, before any old version can be pruned: each page
-- needs room for a second version of all its rows.
do $$
declare
    v_partition regclass;
begin
    for v_partition in select i.inhrelid from pg_inherits i where i.inhparent = 'message'::regclass loop
        execute format('alter table %s set (fillfactor = 45)', v_partition);
    end loop;
end $$;

-- STOP that was told by the provider's own message (and so START will be), or only by a refusal.
alter table message_opt_out add column until_start boolean not null default false;

-- Country's calling code and the first three digits of the national number.
alter table factor add column phone_prefix text;

-- Prefixes that the guard ever had to look at.
create table number_prefix (
    tenant_id   uuid not null references tenant,
    prefix      text not null,
    country     text,
    -- By the wall clock. While it is blocked: since when, and what was seen then.
    blocked_at  timestamptz,
    sent        integer,
    verified    integer,
    -- What was sent before counts no more.
    released_at timestamptz,
    -- It would have been blocked, but the guard only observes.
    observed_at timestamptz,
    primary key (tenant_id, prefix)
);
alter table number_prefix enable row level security;
alter table number_prefix force row level security;
create policy tenant_isolation on number_prefix
    using (tenant_id = nullif(current_setting('postern.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('postern.tenant_id', true), '')::uuid);
grant select, insert, update, delete on number_prefix to postern_app;

grant select (month, lane, prefix, waiting, leased_until) on message to postern_cross;

set local role postern_cross;

drop function postern_cross.tenants_with_messages(uuid, integer);

-- Which messages of a lane are due? Of each tenant after this one its share, tenants in turn: codes, or
-- (p_others) all else. A loose scan of the queue's index: the cost is the number of tenants with work, not
-- of messages. `turn` is the last tenant of this turn, or null where the round ends with it.
create function postern_cross.due_messages(p_after uuid, p_lane smallint, p_others boolean, p_limit integer)
    returns table (tenant_id uuid, month date, message_id uuid, prefix text, turn uuid)
    language plpgsql stable security definer set search_path = pg_catalog, public
    set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
    set enable_hashjoin = off set enable_mergejoin = off set enable_material = off as $$
declare
    -- Nothing waits for two months; the other partitions need not even be opened. A gateway's clock may
    -- be ahead at the turn of the month.
    v_first date := date_trunc('month', clock_timestamp() at time zone 'UTC')::date - interval '2 months';
    v_last date := v_first + interval '3 months';
    v_now timestamptz := clock_timestamp();
    -- Beforehand: what row-level security takes for leaky is no condition of an index.
    v_after uuid := coalesce(p_after, '00000000-0000-0000-0000-000000000000');
begin
    if p_limit < 1 then
        return;
    end if;
    return query
    with recursive waiting as (
        (select m.tenant_id from message m
          where m.waiting and m.lane = p_lane and (m.priority > 0) = p_others and m.month between v_first and v_last
            and case when m.waiting then m.tenant_id end > v_after
          order by case when m.waiting then m.tenant_id end limit 1)
        union all
        select (select m.tenant_id from message m
                 where m.waiting and m.lane = p_lane and (m.priority > 0) = p_others and m.month between v_first and v_last
                   and case when m.waiting then m.tenant_id end > w.tenant_id
                 order by case when m.waiting then m.tenant_id end limit 1)
          from waiting w where w.tenant_id is not null
    ), served as materialized (
        select w.tenant_id from waiting w
         cross join lateral (
            select from message m
             where m.waiting and m.lane = p_lane and (m.priority > 0) = p_others and m.month between v_first and v_last
               and case when m.waiting then m.tenant_id end = w.tenant_id and m.claimable_at <= v_now
               and (m.leased_until is null or m.leased_until <= v_now)
             limit 1) d
         limit p_limit
    ), shares as materialized (
        select count(*) as tenants, max(s.tenant_id::text)::uuid as last from served s
    )
    select s.tenant_id, d.month, d.message_id, d.prefix, case when h.tenants = p_limit then h.last end
      from shares h, served s
     cross join lateral (
        select m.month, m.message_id, m.prefix from message m
         where m.waiting and m.lane = p_lane and (m.priority > 0) = p_others and m.month between v_first and v_last
           and case when m.waiting then m.tenant_id end = s.tenant_id and m.claimable_at <= v_now
           and (m.leased_until is null or m.leased_until <= v_now)
         order by m.priority, m.claimable_at
         limit greatest(p_limit / h.tenants, 1)) d;
end $$;

revoke execute on function postern_cross.due_messages(uuid, smallint, boolean, integer) from public;
grant execute on function postern_cross.due_messages(uuid, smallint, boolean, integer) to postern_app;
reset role;
