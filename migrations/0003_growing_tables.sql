-- What grows without end, partitioned by the month of its UUIDv7 identifier from the first day.
-- Columns that change come last: an UPDATE then logs only the tail of the row.

create table login (
    tenant_id             uuid not null,
    month                 date not null,
    login_id              uuid not null,
    user_id               uuid not null,
    purpose               text not null,
    first_factor          text not null,
    outcome               text not null,
    reasons               text[] not null,
    level                 text not null,
    policy_version        integer not null,
    risk_score            smallint not null default 0,
    risk_signals          jsonb not null default '[]',
    ip_address            inet not null,
    user_agent            text,
    -- The user had no factor yet: its completion is a first enrollment.
    enrolling             boolean not null default false,
    max_attempts          smallint not null,
    -- By the tenant's clock.
    created_at            timestamptz not null,
    expires_at            timestamptz not null,
    attempts              smallint not null default 0,
    completed_at          timestamptz,
    -- By the wall clock, for the assertion.
    completed_wall        timestamptz,
    completed_with        text,
    -- Which channel was proved; differs from completed_with where an enrollment completed it.
    completed_proof       text,
    completed_by          uuid,
    -- Completed by a temporary access code that allows factors to be changed.
    may_change_factors    boolean not null default false,
    primary key (tenant_id, month, login_id)
) partition by range (month);
create index login_user on login (tenant_id, user_id, login_id);

create table challenge (
    tenant_id    uuid not null,
    month        date not null,
    challenge_id uuid not null,
    user_id      uuid not null,
    -- Null where a factor is enrolled outside a login.
    login_month  date,
    login_id     uuid,
    -- Null for a temporary access code.
    factor_id    uuid,
    -- What is proved: CODE (sent), TOTP, BACKUP_CODE, TEMPORARY_ACCESS_CODE.
    kind         text not null,
    -- ENROLL where it confirms a pending factor, else LOGIN.
    purpose      text not null,
    code_key_id  smallint,
    digits       smallint not null,
    created_at   timestamptz not null,
    expires_at   timestamptz not null,
    channel      text not null,
    sms_sends    smallint not null default 0,
    sms_sent_at  timestamptz,
    voice_sends  smallint not null default 0,
    voice_sent_at timestamptz,
    email_sends  smallint not null default 0,
    email_sent_at timestamptz,
    -- Only of enrollments outside a login; otherwise the login tells.
    verified_at  timestamptz,
    primary key (tenant_id, month, challenge_id)
) partition by range (month);
create index challenge_login on challenge (tenant_id, login_id) where login_id is not null;
create index challenge_factor on challenge (tenant_id, factor_id) where login_id is null;

create table message (
    tenant_id          uuid not null,
    month              date not null,
    message_id         uuid not null,
    user_id            uuid,
    challenge_id       uuid,
    channel            text not null check (channel in ('SMS', 'VOICE', 'EMAIL')),
    purpose            text not null check (purpose in ('CODE', 'ONE_TIME_LINK', 'ENROLLMENT_REMINDER',
                           'ADMIN_INVITATION', 'SECURITY_NOTICE', 'TEMPORARY_ACCESS_REQUEST')),
    -- 0 goes first: codes before everything else.
    priority           smallint not null,
    country            text,
    -- Where it goes: a factor's destination, else the sealed one here, else the user's address on record.
    factor_id          uuid,
    destination_sealed bytea,
    template           text not null,
    language           text,
    params             jsonb not null default '{}',
    -- What the text needs and must not lie open: a link's token.
    secret_sealed      bytea,
    created_at         timestamptz not null,
    -- Not sent after this.
    expires_at         timestamptz,
    -- By the wall clock: when it may be claimed (again).
    claimable_at       timestamptz not null,
    status             text not null check (status in
                           ('QUEUED', 'SENDING', 'ACCEPTED', 'DELIVERED', 'FAILED', 'CANCELED')),
    attempts           smallint not null default 0,
    -- After how many of them nobody knew whether it had gone out.
    doubts             smallint not null default 0,
    provider           text,
    provider_ref       text,
    failure            text,
    delivered_at       timestamptz,
    timeline           jsonb not null default '[]',
    -- Of SANDBOX tenants only, written when it was sent.
    sandbox_body       text,
    primary key (tenant_id, month, message_id)
) partition by range (month);
create index message_queue on message (tenant_id, priority, message_id) where status in ('QUEUED', 'SENDING');
create index message_challenge on message (tenant_id, challenge_id) where challenge_id is not null;
create index message_user on message (tenant_id, user_id, message_id) where user_id is not null;

create table audit_entry (
    tenant_id  uuid not null,
    month      date not null,
    entry_id   uuid not null,
    at         timestamptz not null,
    actor      text not null,
    action     text not null,
    target     text,
    detail     jsonb not null default '{}',
    ip_address inet,
    hash       bytea,
    primary key (tenant_id, month, entry_id)
) partition by range (month);

-- Facts that others are told of (webhooks); written in the transaction that made them true.
create table outbox_event (
    tenant_id  uuid not null,
    month      date not null,
    event_id   uuid not null,
    kind       text not null,
    payload    jsonb not null,
    created_at timestamptz not null,
    primary key (tenant_id, month, event_id)
) partition by range (month);

-- Partitions. Creating one takes the tables' owner; the worker, which is not, calls this function.
-- Rows are reached through the parent alone: a partition has row-level security without a policy.
create function ensure_partitions(p_from date, p_months integer) returns integer
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
    foreach parent in array array['login', 'challenge', 'message', 'audit_entry', 'outbox_event'] loop
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
