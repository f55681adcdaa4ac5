-- The ledger and the spending cap.
--
-- A message is charged in the transaction that records its acceptance. The cap is held when a message
-- is queued: its price is set aside in billing_account.committed, one row a tenant, and a message for
-- which there is no room is not sent. Locks: the message's row before the account's.

-- What is charged, and held by the cap. Notices, invitations and requests are free.
create or replace function is_billed(p_purpose text) returns boolean
    language sql immutable parallel safe
    return p_purpose in ('CODE', 'ONE_TIME_LINK', 'ENROLLMENT_REMINDER');

-- What a unit costs by the list of this billing period.
create or replace function list_price(
    p_channel text, p_country text,
    out version integer, out currency text, out country_group text, out amount bigint)
    language plpgsql stable set search_path = pg_catalog, public as $$
begin
    select l.version, l.currency, coalesce(c.country_group, l.default_group)
      into strict version, currency, country_group
      from price_list l
      left join price_country c on c.version = l.version and c.country = p_country
     where l.in_force_from <= this_month()
     order by l.version desc limit 1;
    select p.amount into strict amount from price p
     where p.version = list_price.version and p.channel = p_channel and p.country_group = list_price.country_group;
end $$;

-- Adds what was written to the ledger to the day's sums; gives the whole amount.
create or replace function roll_up(
    p_tenant uuid, p_channels text[], p_groups text[], p_countries text[], p_units integer[], p_amounts bigint[],
    p_currencies text[]) returns bigint
    language plpgsql set search_path = pg_catalog, public as $$
begin
    -- In one order, so that two who write several rows cannot wait for each other.
    insert into usage_rollup as u (tenant_id, day, channel, country_group, country, part, units, amount, currency)
    select p_tenant, (clock_timestamp() at time zone 'UTC')::date, g.channel, g.country_group, coalesce(g.country, ''),
           pg_backend_pid() % 4, sum(g.units), sum(g.amount), g.currency
      from unnest(p_channels, p_groups, p_countries, p_units, p_amounts, p_currencies)
               as g (channel, country_group, country, units, amount, currency)
     group by g.channel, g.country_group, coalesce(g.country, ''), g.currency
     order by g.channel, coalesce(g.country, ''), g.currency, g.country_group
        on conflict (tenant_id, day, channel, country, currency, country_group, part)
        do update set units = u.units + excluded.units, amount = u.amount + excluded.amount;
    return coalesce((select sum(a) from unnest(p_amounts) a), 0);
end $$;

-- Adds to what a tenant with a cap has committed in this period. An account that is ahead already,
-- since another's clock read was later at the turn of a period, stays there.
create or replace function commit_spending(p_tenant uuid, p_amount bigint, p_sms_units integer) returns void
    language plpgsql set search_path = pg_catalog, public as $$
begin
    update billing_account a
       set committed = case when a.period >= this_month() then a.committed else 0 end + p_amount,
           sms_units = greatest(a.sms_units, p_sms_units),
           period = greatest(a.period, this_month())
     where a.tenant_id = p_tenant and a.spending_cap is not null;
end $$;

-- Gives back what was set aside for messages that ended unsent.
create or replace function release_reservations(p_tenant uuid) returns void
    language plpgsql set search_path = pg_catalog, public as $$
declare
    v_freed bigint;
begin
    with ended as (
        select m.month, m.message_id, m.reserved, m.reserved_period from message m
         where m.tenant_id = p_tenant and m.reserved is not null and not m.waiting
           and m.status in ('FAILED', 'CANCELED')
         order by m.month, m.message_id
           for no key update skip locked
    ), freed as (
        update message m set reserved = null, reserved_period = null
          from ended e where m.tenant_id = p_tenant and m.month = e.month and m.message_id = e.message_id
    )
    select sum(e.reserved) into v_freed from ended e where e.reserved_period = this_month();
    if v_freed > 0 then
        perform commit_spending(p_tenant, -v_freed, 0);
    end if;
end $$;

-- Sets aside what a message will cost. Refused where there is no room under the cap; nothing of a
-- tenant without one.
create or replace function reserve_spending(
    p_tenant uuid, p_channel text, p_country text, out refused boolean, out reserved bigint, out period date)
    language plpgsql set search_path = pg_catalog, public as $$
declare
    v_price bigint;
    v_cap bigint;
    v_spent bigint;
begin
    refused := false;
    perform from tenant t where t.tenant_id = p_tenant and t.spending_capped;
    if not found then
        return;
    end if;
    v_price := (list_price(p_channel, p_country)).amount;
    for i in 1 .. 2 loop
        update billing_account a
           set committed = case when a.period >= this_month() then a.committed else 0 end
                         + v_price * case p_channel when 'SMS' then a.sms_units else 1 end,
               period = greatest(a.period, this_month())
         where a.tenant_id = p_tenant
           and case when a.period >= this_month() then a.committed else 0 end
             + v_price * case p_channel when 'SMS' then a.sms_units else 1 end <= a.spending_cap
         returning v_price * case p_channel when 'SMS' then a.sms_units else 1 end, a.period, a.spending_cap, a.committed
              into reserved, reserve_spending.period, v_cap, v_spent;
        exit when found or i = 2;
        -- Messages that ended unsent may still hold some of it.
        perform release_reservations(p_tenant);
    end loop;
    if reserved is null then
        -- Unless the cap was just taken away.
        refused := exists (select from billing_account a where a.tenant_id = p_tenant and a.spending_cap is not null);
    elsif v_spent >= v_cap then
        perform tell_of_cap(p_tenant, true);
    elsif v_spent >= v_cap * 0.8 then
        perform tell_of_cap(p_tenant, false);
    end if;
end $$;

-- Tells those who answer for the bill, once a period and cap, that it is near (80 %) or reached. Free,
-- and never held by it.
create or replace function tell_of_cap(p_tenant uuid, p_reached boolean) returns void
    language plpgsql set search_path = pg_catalog, public as $$
declare
    v_period date := this_month();
begin
    update billing_account a
       set near_told = v_period, reached_told = case when p_reached then v_period else a.reached_told end
     where a.tenant_id = p_tenant
       and case when p_reached then a.reached_told else a.near_told end is distinct from v_period;
    if not found then
        return;
    end if;
    perform add_event(p_tenant, case when p_reached then 'SPENDING_CAP_REACHED' else 'SPENDING_CAP_NEAR' end,
                      jsonb_build_object('period_start', v_period::timestamp at time zone 'UTC'));
    insert into message (tenant_id, month, message_id, admin_id, channel, purpose, priority, template, language,
                         created_at, claimable_at, status)
    select p_tenant, this_month(), uuid_v7(), a.admin_id, 'EMAIL', 'BILLING_NOTICE', 2,
           case when p_reached then 'spending_cap_reached' else 'spending_cap_near' end, t.language,
           clock_timestamp() + make_interval(secs => t.clock_offset_seconds), clock_timestamp(), 'QUEUED'
      from tenant t
      join tenant_admin a on a.tenant_id = t.tenant_id and a.role in ('OWNER', 'BILLING') and a.removed_at is null
     where t.tenant_id = p_tenant;
end $$;

-- Keeps on record a message for which there was no room under the cap.
create or replace function cancel_over_cap(
    p_tenant uuid, p_user uuid, p_factor uuid, p_channel text, p_country text, p_purpose text, p_template text,
    p_message uuid, p_message_month date) returns void
    language plpgsql set search_path = pg_catalog, public as $$
declare
    v_now timestamptz := tenant_now(p_tenant);
    c_why constant text := 'The spending cap of this period is reached.';
begin
    insert into message (tenant_id, month, message_id, user_id, factor_id, channel, country, purpose, template, priority,
                         created_at, claimable_at, status, failure, timeline)
    values (p_tenant, p_message_month, p_message, p_user, p_factor, p_channel, p_country, p_purpose, p_template, 0,
            v_now, clock_timestamp(), 'CANCELED', c_why, message_event(v_now, 'CANCELED', c_why));
    perform tell_of_cap(p_tenant, true);
end $$;

-- Charges whichever of one tenant's messages were accepted and are not charged yet. The number of a text's
-- segments is known to who rendered it, and not always to who reports (null): where a report came first,
-- what is missing follows as a correction.
create or replace function charge_messages(p_tenant uuid, p_months date[], p_messages uuid[], p_units smallint[])
    returns void
    language plpgsql set search_path = pg_catalog, public as $$
declare
    v_charges integer;
    v_amount bigint;
    v_sms_units integer;
    v_reserved bigint;
    v_late record;
begin
    with given as (
        select g.month, g.message_id, max(g.units) as units
          from unnest(p_months, p_messages, p_units) g (month, message_id, units) group by 1, 2
    ), charged as (
        insert into usage_ledger as l (tenant_id, month, message_id, entry, kind, charged_at, period, channel, purpose,
                                       country, country_group, units, price, amount, currency, price_version)
        select p_tenant, m.month, m.message_id, 0, 'CHARGE', clock_timestamp(), this_month(), m.channel, m.purpose,
               m.country, p.country_group, n.units, p.amount, n.units * p.amount, p.currency, p.version
          from given g
          join message m on m.tenant_id = p_tenant and m.month = g.month and m.message_id = g.message_id
         cross join lateral list_price(m.channel, m.country) p
         cross join lateral (select case when m.channel = 'SMS' then coalesce(g.units, 1) else 1 end as units) n
         where m.status in ('ACCEPTED', 'DELIVERED') and is_billed(m.purpose)
            on conflict do nothing
        returning l.channel, l.country_group, l.country, l.units, l.amount, l.currency
    )
    select count(*), coalesce(max(c.units) filter (where c.channel = 'SMS'), 0),
           roll_up(p_tenant, array_agg(c.channel), array_agg(c.country_group), array_agg(c.country), array_agg(c.units),
                   array_agg(c.amount), array_agg(c.currency))
      into v_charges, v_sms_units, v_amount from charged c;

    -- What was set aside for them is spent, or free again.
    with over as (
        select m.month, m.message_id, m.reserved, m.reserved_period
          from unnest(p_months, p_messages) g (month, message_id)
          join message m on m.tenant_id = p_tenant and m.month = g.month and m.message_id = g.message_id
         where m.reserved is not null and m.status not in ('QUEUED', 'SENDING')
           for no key update of m
    ), cleared as (
        update message m set reserved = null, reserved_period = null
          from over o where m.tenant_id = p_tenant and m.month = o.month and m.message_id = o.message_id
    )
    select coalesce(sum(o.reserved), 0) into v_reserved from over o where o.reserved_period = this_month();
    if v_amount <> v_reserved or v_sms_units > 1 then
        perform commit_spending(p_tenant, v_amount - v_reserved, v_sms_units);
    end if;

    -- What a report had charged as one segment.
    if v_charges < cardinality(p_messages) then
        for v_late in
            select l.month, l.message_id, max(g.units) as units
              from unnest(p_months, p_messages, p_units) g (month, message_id, units)
              join usage_ledger l on l.tenant_id = p_tenant and l.month = g.month and l.message_id = g.message_id
             where g.units is not null and l.channel = 'SMS'
             group by 1, 2
            having max(l.entry) = 0 and max(g.units) <> max(l.units)
        loop
            perform correct_charge(p_tenant, v_late.month, v_late.message_id, v_late.units);
        end loop;
    end if;
end $$;

-- The same for many tenants: messages of tenants without a cap that are charged for the first time, nearly
-- all there are, by one statement, in which each row sets its tenant as it is read (see 70_delivery); the
-- others tenant by tenant.
create or replace function charge_messages_batch(p_tenants uuid[], p_months date[], p_messages uuid[], p_units smallint[])
    returns void
    language plpgsql as $$
declare
    -- As in 70_delivery.
    v_first date := (select min(o) from unnest(p_months) o);
    v_last date := (select max(o) from unnest(p_months) o);
    v_left jsonb;
    v_set text;
    v record;
begin
    with given as (
        select g.tenant_id, g.month, g.message_id, max(g.units) as units
          from unnest(p_tenants, p_months, p_messages, p_units) g (tenant_id, month, message_id, units)
         group by 1, 2, 3 order by 1, 2, 3
    ), accepted as materialized (
        select i.*, m.channel, m.country, m.purpose, m.is_charged, t.spending_capped or m.is_reserved as capped,
               l.entry is not null as charged_before
          from (select set_config('postern.tenant_id', g.tenant_id::text, true)::uuid as tenant_id,
                       g.month, g.message_id, g.units from given g) i
         cross join lateral (
            select x.spending_capped from tenant x where x.tenant_id = i.tenant_id and x.environment = 'LIVE'
            offset 0) t
         cross join lateral (
            select x.channel, x.country, x.purpose, x.reserved is not null as is_reserved,
                   x.status in ('ACCEPTED', 'DELIVERED') and is_billed(x.purpose) as is_charged
              from message x
             where x.tenant_id = i.tenant_id and x.month = i.month and x.message_id = i.message_id and not x.waiting
               and x.month between v_first and v_last
            offset 0) m
          left join lateral (
            select x.entry from usage_ledger x
             where x.tenant_id = i.tenant_id and x.month = i.month and x.message_id = i.message_id and x.entry = 0
               and x.month between v_first and v_last
            offset 0) l on true
         limit cardinality(p_tenants)
    ), prices as materialized (
        select d.channel, d.country, p.*
          from (select distinct a.channel, a.country from accepted a where a.is_charged) d
         cross join lateral list_price(d.channel, d.country) p
    ), charged as (
        insert into usage_ledger as l (tenant_id, month, message_id, entry, kind, charged_at, period, channel, purpose,
                                       country, country_group, units, price, amount, currency, price_version)
        select set_config('postern.tenant_id', a.tenant_id::text, true)::uuid, a.month, a.message_id, 0, 'CHARGE',
               clock_timestamp(), this_month(), a.channel, a.purpose, a.country, p.country_group, n.units, p.amount,
               n.units * p.amount, p.currency, p.version
          from accepted a
         cross join lateral (select case when a.channel = 'SMS' then coalesce(a.units, 1) else 1 end as units) n
          join prices p on p.channel = a.channel and p.country is not distinct from a.country
         where a.is_charged and not a.capped and not a.charged_before
            on conflict do nothing
        returning l.tenant_id, l.channel, l.country_group, l.country, l.units, l.amount, l.currency
    ), summed as (
        -- In one order, so that two who write several rows cannot wait for each other.
        select c.tenant_id, c.channel, coalesce(c.country, '') as country, c.currency, c.country_group,
               sum(c.units) as units, sum(c.amount) as amount
          from charged c group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
    ), rolled as (
        insert into usage_rollup as u (tenant_id, day, channel, country_group, country, part, units, amount, currency)
        select set_config('postern.tenant_id', s.tenant_id::text, true)::uuid,
               (clock_timestamp() at time zone 'UTC')::date, s.channel, s.country_group, s.country,
               pg_backend_pid() % 4, s.units, s.amount, s.currency
          from summed s
            on conflict (tenant_id, day, channel, country, currency, country_group, part)
            do update set units = u.units + excluded.units, amount = u.amount + excluded.amount
    )
    select jsonb_agg(a) into v_left from accepted a
     where a.capped or a.charged_before and a.channel = 'SMS' and a.units is not null;

    for v in
        select a.tenant_id, array_agg(a.month) as months, array_agg(a.message_id) as messages, array_agg(a.units) as units
          from jsonb_to_recordset(v_left) a (tenant_id uuid, month date, message_id uuid, units smallint)
         group by 1 order by 1
    loop
        v_set := set_config('postern.tenant_id', v.tenant_id::text, true);
        perform charge_messages(v.tenant_id, v.months, v.messages, v.units);
    end loop;
end $$;

-- Brings what a message was charged to so many units, by a further entry at the price of the first; 0
-- where it turned out that no provider ever took it. False where it stands there already, or nothing
-- was charged.
create or replace function correct_charge(p_tenant uuid, p_month date, p_message uuid, p_units integer) returns boolean
    language plpgsql set search_path = pg_catalog, public as $$
declare
    v_missing integer;
    l usage_ledger%rowtype;
begin
    -- One at a time: the message's row is what they wait for.
    perform from message m where m.tenant_id = p_tenant and m.month = p_month and m.message_id = p_message
        for no key update;
    select p_units - sum(x.units) into v_missing from usage_ledger x
     where x.tenant_id = p_tenant and x.month = p_month and x.message_id = p_message;
    if v_missing is null or v_missing = 0 then
        return false;
    end if;
    insert into usage_ledger (tenant_id, month, message_id, entry, kind, charged_at, period, channel, purpose, country,
                              country_group, units, price, amount, currency, price_version)
    select x.tenant_id, x.month, x.message_id, x.entry + 1, 'CORRECTION', clock_timestamp(), this_month(), x.channel,
           x.purpose, x.country, x.country_group, v_missing, x.price, v_missing * x.price, x.currency, x.price_version
      from usage_ledger x
     where x.tenant_id = p_tenant and x.month = p_month and x.message_id = p_message
     order by x.entry desc limit 1
    returning * into l;
    perform roll_up(p_tenant, array[l.channel], array[l.country_group], array[l.country], array[l.units],
                    array[l.amount], array[l.currency]);
    perform commit_spending(p_tenant, l.amount, case when l.channel = 'SMS' then p_units else 0 end);
    return true;
end $$;

-- Sets or (null) removes the cap. What the period has cost so far and what is on its way count against
-- it. A cap that was raised is told of anew.
create or replace function set_spending_cap(p_tenant uuid, p_cap bigint, p_currency text) returns void
    language plpgsql set search_path = pg_catalog, public as $$
declare
    a billing_account%rowtype;
    v_spent bigint;
begin
    -- Of two who set it at once the second waits here.
    update tenant t set spending_capped = p_cap is not null and t.environment = 'LIVE' where t.tenant_id = p_tenant;
    insert into billing_account (tenant_id, currency, period) values (p_tenant, p_currency, this_month())
        on conflict do nothing;
    if p_cap is null then
        update billing_account x set spending_cap = null, near_told = null, reached_told = null where x.tenant_id = p_tenant;
        return;
    end if;
    update message m
       set reserved = (list_price(m.channel, m.country)).amount, reserved_period = this_month()
      from tenant t
     where m.tenant_id = p_tenant and t.tenant_id = p_tenant and t.spending_capped
       and m.waiting and m.reserved is null and is_billed(m.purpose);
    select * into a from billing_account x where x.tenant_id = p_tenant for no key update;
    select coalesce((select sum(u.amount) from usage_rollup u where u.tenant_id = p_tenant and u.day >= this_month()), 0)
         + coalesce((select sum(m.reserved) from message m
                      where m.tenant_id = p_tenant and m.waiting
                        and m.reserved_period = this_month()), 0)
      into v_spent;
    update billing_account x
       set spending_cap = p_cap, currency = p_currency, period = this_month(), committed = v_spent,
           sms_units = greatest(1, (select max(l.units) from usage_ledger l
                                     where l.tenant_id = p_tenant and l.charged_at > clock_timestamp() - interval '7 days'
                                       and l.channel = 'SMS')),
           near_told = case when v_spent >= p_cap * 0.8 or p_cap <= a.spending_cap then a.near_told end,
           reached_told = case when v_spent >= p_cap or p_cap <= a.spending_cap then a.reached_told end
     where x.tenant_id = p_tenant;
end $$;
