-- The rollout: who has enrolled, and the reminders of those who have not.

-- How many users have come how far. Read from two indexes alone (tenant_user_rollout, factor_enrolled)
-- and in their order, as far as autovacuum has been there: about three times what it takes to count the
-- users by their index, whichever kind is asked for.
create or replace function enrollment_counts(p_tenant uuid, p_kind text) returns table (state text, users bigint)
    language sql stable set search_path = pg_catalog, public as $$
    with enrolled as (
        select distinct f.user_id from factor f
         where f.tenant_id = p_tenant and f.status in ('ACTIVE', 'DISABLED') and f.kind <> 'BACKUP_CODES'
    ), counted as (
        select count(*) filter (where u.opted_out_at is not null) as opted_out,
               count(*) filter (where u.opted_out_at is null and e.user_id is not null) as enrolled,
               count(*) filter (where u.opted_out_at is null and e.user_id is null and u.skips_used > 0) as skipped,
               count(*) as total
          from tenant_user u left join enrolled e on e.user_id = u.user_id
         where u.tenant_id = p_tenant and u.erased_at is null and (p_kind is null or u.kind = p_kind)
    )
    select s.state, s.users
      from counted c
     cross join lateral (values ('OPTED_OUT', c.opted_out), ('ENROLLED', c.enrolled), ('SKIPPED', c.skipped),
                                ('NOT_ENROLLED', c.total - c.opted_out - c.enrolled - c.skipped)) s (state, users)
$$;

-- Whom a reminder may go to today: those who have no factor and did not turn it off, can log in and be
-- written to, and were not reminded on this day or a later one. A function of one query without
-- settings of its own, so that it becomes part of the query that asks it.
create or replace function reminder_recipients(p_tenant uuid, p_after uuid, p_language text, p_day date)
    returns table (user_id uuid, kind text, language text)
    language sql stable as $$
    select u.user_id, u.kind, coalesce(u.language, t.language)
      from public.tenant_user u
      join public.tenant t on t.tenant_id = u.tenant_id
     where u.tenant_id = p_tenant and u.erased_at is null and (p_after is null or u.user_id > p_after)
       and not u.disabled and u.opted_out_at is null and u.email_sealed is not null
       and (p_language is null or split_part(lower(coalesce(u.language, t.language)), '-', 1) = p_language)
       and not exists (select from public.factor f
                        where f.tenant_id = p_tenant and f.user_id = u.user_id
                          and f.status in ('ACTIVE', 'DISABLED') and f.kind <> 'BACKUP_CODES')
       and not exists (select from public.message_opt_out o
                        where o.tenant_id = p_tenant and o.destination_index = u.email_index)
       and not exists (select from public.enrollment_reminder r
                        where r.tenant_id = p_tenant and r.user_id = u.user_id and r.day >= p_day)
$$;

-- The day on which a tenant is, in its own time zone.
create or replace function tenant_day(p_tenant uuid) returns date
    language sql stable set search_path = pg_catalog, public as $$
    select (tenant_now(p_tenant) at time zone t.time_zone)::date from tenant t where t.tenant_id = p_tenant
$$;

-- Sets aside what up to so many mails will cost: for how many of them there is room, at which price,
-- in which period. All of them, for nothing, of a tenant without a cap.
create or replace function reserve_mails(
    p_tenant uuid, p_wanted integer, out granted integer, out price bigint, out period date)
    language plpgsql set search_path = pg_catalog, public as $$
declare
    v_price bigint;
    v_cap bigint;
    v_spent bigint;
begin
    granted := p_wanted;
    perform from tenant t where t.tenant_id = p_tenant and t.spending_capped;
    if not found or p_wanted = 0 then
        return;
    end if;
    v_price := (list_price('EMAIL', null)).amount;
    for i in 1 .. 2 loop
        with account as (
            select case when a.period >= this_month() then a.committed else 0 end as spent, a.spending_cap as cap
              from billing_account a where a.tenant_id = p_tenant and a.spending_cap is not null
               for no key update
        ), room as (
            select x.spent, x.cap,
                   case when v_price = 0 then p_wanted
                        else greatest(0, least(p_wanted, (x.cap - x.spent) / v_price))::integer end as mails
              from account x
        ), taken as (
            update billing_account a
               set committed = r.spent + r.mails * v_price, period = greatest(a.period, this_month())
              from room r
             where a.tenant_id = p_tenant and (i = 2 or r.mails = p_wanted)
            returning r.mails, a.period, r.cap, a.committed
        )
        select t.mails, t.period, t.cap, t.committed into granted, period, v_cap, v_spent from taken t;
        exit when found;
        -- Messages that ended unsent may still hold some of it.
        perform release_reservations(p_tenant);
    end loop;
    if v_cap is null then
        -- It was just taken away.
        granted := p_wanted;
        period := null;
        return;
    end if;
    price := v_price;
    if granted < p_wanted or v_spent >= v_cap then
        perform tell_of_cap(p_tenant, true);
    elsif v_spent >= v_cap * 0.8 then
        perform tell_of_cap(p_tenant, false);
    end if;
end $$;

-- Queues the next reminders of a run, at most p_limit, and ends it where nobody is left. Whoever has it
-- at the moment is not waited for: false then, and where it had ended.
--
-- A user's day is taken before the mail is queued, in one transaction with it, so that of any number of
-- runs one reminds; users are gone through in one order, so that two runs cannot wait for each other.
create or replace function queue_reminders(p_tenant uuid, p_run uuid, p_limit integer, p_deadlines jsonb)
    returns boolean
    language plpgsql set search_path = pg_catalog, public as $$
declare
    r enrollment_reminder_run%rowtype;
    t tenant%rowtype;
    v_now timestamptz := tenant_now(p_tenant);
    v_day date := tenant_day(p_tenant);
    v_users uuid[];
    v_kinds text[];
    v_languages text[];
    v_room record;
    v_queued integer;
    v_ending text;
begin
    select * into r from enrollment_reminder_run x
     where x.tenant_id = p_tenant and x.run_id = p_run and x.ended_at is null
       for no key update skip locked;
    if not found then
        return false;
    end if;
    select * into t from tenant x where x.tenant_id = p_tenant;
    if t.status <> 'ACTIVE' then
        perform end_reminders(p_tenant, r, 'SUSPENDED', v_day);
        return true;
    end if;
    select array_agg(c.user_id order by c.user_id), array_agg(c.kind order by c.user_id),
           array_agg(c.language order by c.user_id)
      into v_users, v_kinds, v_languages
      from (select * from reminder_recipients(p_tenant, r.after_user, r.language, v_day) x
             order by x.user_id limit p_limit) c;
    v_room := reserve_mails(p_tenant, coalesce(cardinality(v_users), 0));
    with chosen as (
        select g.user_id, g.kind, g.language
          from unnest(v_users, v_kinds, v_languages) with ordinality as g (user_id, kind, language, place)
         where g.place <= v_room.granted
    ), taken as (
        insert into enrollment_reminder as e (tenant_id, user_id, day)
        select p_tenant, c.user_id, v_day from chosen c order by c.user_id
            on conflict (tenant_id, user_id) do update set day = excluded.day where e.day < excluded.day
        returning e.user_id
    ), sent as (
        -- Lower than anything that somebody waits for.
        insert into message (tenant_id, month, message_id, user_id, channel, purpose, priority, template, language,
                             params, created_at, expires_at, claimable_at, status, reserved, reserved_period)
        select p_tenant, this_month(), uuid_v7(), c.user_id, 'EMAIL', 'ENROLLMENT_REMINDER', 9, 'enrollment_reminder',
               c.language, jsonb_strip_nulls(jsonb_build_object('run', p_run, 'deadline', p_deadlines -> c.kind)),
               v_now, v_now + interval '1 day', clock_timestamp(), 'QUEUED', v_room.price, v_room.period
          from taken k join chosen c on c.user_id = k.user_id
        returning message_id
    )
    select count(*) into v_queued from sent;
    -- What was set aside for those whom another run reminded meanwhile.
    if v_queued < v_room.granted and v_room.price > 0 then
        perform commit_spending(p_tenant, -v_room.price * (v_room.granted - v_queued), 0);
    end if;
    r.queued := r.queued + v_queued;
    r.after_user := coalesce(v_users[v_room.granted], r.after_user);
    if v_room.granted < cardinality(v_users) then
        perform end_reminders(p_tenant, r, 'SPENDING_CAP', v_day);
    elsif coalesce(cardinality(v_users), 0) < p_limit then
        perform end_reminders(p_tenant, r, 'COMPLETED', v_day);
    else
        update enrollment_reminder_run x set queued = r.queued, after_user = r.after_user
         where x.tenant_id = p_tenant and x.run_id = p_run;
    end if;
    return true;
end $$;

-- Ends a run; whoever was still to be reminded is counted as not written to.
create or replace function end_reminders(p_tenant uuid, r enrollment_reminder_run, p_ending text, p_day date) returns void
    language plpgsql set search_path = pg_catalog, public as $$
begin
    update enrollment_reminder_run x
       set queued = r.queued, after_user = r.after_user, ended_at = tenant_now(p_tenant), ending = p_ending,
           not_sent = case when p_ending = 'COMPLETED' then 0
                           else (select count(*) from reminder_recipients(p_tenant, r.after_user, r.language, p_day)) end
     where x.tenant_id = p_tenant and x.run_id = r.run_id;
end $$;

-- Why a reminder that was queued is not sent after all; null where it is.
create or replace function reminder_pointless(p_tenant uuid, p_user uuid) returns text
    language sql stable set search_path = pg_catalog, public as $$
    select case when t.status <> 'ACTIVE' then 'The tenant is suspended.'
                when u.user_id is null or u.erased_at is not null then 'The user was deleted.'
                when u.disabled then 'The user is disabled.'
                when u.opted_out_at is not null then 'The user turned it off meanwhile.'
                when exists (select from factor f
                              where f.tenant_id = p_tenant and f.user_id = p_user
                                and f.status in ('ACTIVE', 'DISABLED') and f.kind <> 'BACKUP_CODES')
                then 'The user has enrolled meanwhile.' end
      from tenant t left join tenant_user u on u.tenant_id = t.tenant_id and u.user_id = p_user
     where t.tenant_id = p_tenant
$$;

-- What the text of a reminder is made from: the run's own texts are kept once, with the run.
create or replace function reminder_params(p_tenant uuid, p_params jsonb) returns jsonb
    language sql stable set search_path = pg_catalog, public as $$
    select p_params || coalesce(
        (select jsonb_strip_nulls(jsonb_build_object('subject', r.subject, 'body', r.body))
           from enrollment_reminder_run r
          where r.tenant_id = p_tenant and r.run_id = (p_params ->> 'run')::uuid), '{}')
$$;
