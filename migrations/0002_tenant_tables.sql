-- What a tenant owns and what does not grow without end. tenant_id comes first in every key.

create table policy_version (
    tenant_id    uuid not null references tenant,
    version      integer not null check (version > 0),
    policy_id    uuid not null,
    document     jsonb not null,
    effective_at timestamptz not null,
    published_at timestamptz not null,
    published_by text,
    comment      text,
    -- Weaker channels whose risk was accepted with this version.
    acknowledged text[] not null default '{}',
    canceled_at  timestamptz,
    primary key (tenant_id, version),
    unique (tenant_id, policy_id)
);

create table api_key (
    tenant_id     uuid not null references tenant,
    api_key_id    uuid not null,
    name          text not null,
    prefix        text not null,
    digest        bytea not null,
    pepper_key_id smallint not null,
    scopes        text[] not null,
    created_by    text not null,
    created_at    timestamptz not null,
    expires_at    timestamptz not null,
    revoked_at    timestamptz,
    last_used_at  timestamptz,
    primary key (tenant_id, api_key_id),
    unique (tenant_id, digest)
);
create index api_key_digest on api_key (digest);

-- A person who signs in to the console; lives in the platform tenant alone.
create table account (
    tenant_id             uuid not null references tenant,
    account_id            uuid not null,
    email                 text not null,
    email_folded          text not null,
    display_name          text,
    password_phc          text,
    user_id               uuid not null,
    created_at            timestamptz not null,
    last_signed_in_at     timestamptz,
    primary key (tenant_id, account_id),
    unique (tenant_id, email_folded),
    unique (tenant_id, user_id)
);

-- Until the invited person has proved a second factor; one invitation does not end another.
create table account_invitation (
    tenant_id  uuid not null references tenant,
    digest     bytea not null,
    account_id uuid not null,
    -- The tenant that invited: removing the administrator there ends it.
    invited_to uuid not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (tenant_id, digest),
    foreign key (tenant_id, account_id) references account on delete cascade
);
create index account_invitation_account on account_invitation (tenant_id, account_id, invited_to);

-- Passwords tried for an address, whether there is such an account or not: both take the same work.
create table password_try (
    tenant_id   uuid not null references tenant,
    email_index bytea not null,
    tries       smallint not null,
    since       timestamptz not null,
    primary key (tenant_id, email_index)
) with (fillfactor = 70);

create table console_session (
    tenant_id    uuid not null references tenant,
    digest       bytea not null,
    account_id   uuid not null,
    -- PASSWORD: the second factor is still to come, and nothing is allowed yet.
    stage        text not null check (stage in ('PASSWORD', 'FULL')),
    login_id     uuid,
    created_at   timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at   timestamptz not null,
    primary key (tenant_id, digest),
    foreign key (tenant_id, account_id) references account on delete cascade
);
create index console_session_account on console_session (tenant_id, account_id);

-- An account's role in one tenant.
create table tenant_admin (
    tenant_id         uuid not null references tenant,
    admin_id          uuid not null,
    account_id        uuid not null,
    email             text not null,
    email_folded      text not null,
    display_name      text,
    role              text not null check (role in ('OWNER', 'ADMIN', 'SUPPORT', 'ADVISOR', 'BILLING', 'AUDITOR')),
    created_at        timestamptz not null,
    last_signed_in_at timestamptz,
    removed_at        timestamptz,
    primary key (tenant_id, admin_id)
);
create unique index tenant_admin_email on tenant_admin (tenant_id, email_folded) where removed_at is null;
create index tenant_admin_account on tenant_admin (account_id, tenant_id) where removed_at is null;

create table tenant_user (
    tenant_id          uuid not null references tenant,
    user_id            uuid not null,
    external_id        text not null,
    -- NFKC and case folded: by this it is found and unique.
    external_id_folded text not null,
    kind               text not null check (kind in ('INTERNAL', 'EXTERNAL')),
    display_name       text,
    email_sealed       bytea,
    email_index        bytea,
    language           text,
    advisor_id         uuid,
    chosen_level       text check (chosen_level in ('STANDARD', 'HIGH')),
    advisor_level      text check (advisor_level in ('STANDARD', 'HIGH')),
    created_at         timestamptz not null,
    erased_at          timestamptz,
    disabled           boolean not null default false,
    opted_out_at       timestamptz,
    -- The first login Postern saw: from here a grace period counts.
    first_login_at     timestamptz,
    skips_used         integer not null default 0,
    -- After a reset nothing is enrolled before the code that SUPPORT read out is proved.
    reset_pending      boolean not null default false,
    -- After a login by a temporary access code that may not change factors: until then only SUPPORT changes them.
    factors_frozen_until timestamptz,
    -- A login completed before it verifies nothing any more: set by a reset and by a person's lock.
    proofs_void_before timestamptz,
    -- 'infinity' where a person locked the user.
    locked_until       timestamptz,
    lock_step          smallint not null default 0,
    -- When the last wrong codes were compared, newest last, at most ten.
    wrong_code_times   timestamptz[] not null default '{}',
    primary key (tenant_id, user_id),
    unique (tenant_id, external_id_folded),
    foreign key (tenant_id, advisor_id) references tenant_admin (tenant_id, admin_id)
) with (fillfactor = 70);
create unique index tenant_user_email on tenant_user (tenant_id, email_index) where email_index is not null;
create index tenant_user_advisor on tenant_user (tenant_id, advisor_id) where advisor_id is not null;

create table factor (
    tenant_id            uuid not null,
    factor_id            uuid not null,
    user_id              uuid not null,
    kind                 text not null check (kind in
                             ('PHONE_PRIMARY', 'PHONE_RECOVERY', 'EMAIL', 'TOTP', 'PASSKEY', 'BACKUP_CODES')),
    -- REMOVED rows are kept for the messages that name them, and never shown.
    status               text not null check (status in ('PENDING', 'ACTIVE', 'DISABLED', 'REMOVED')),
    -- A contact that the tenant supplied: PENDING without an end, until confirmed or replaced.
    suggested            boolean not null default false,
    line                 text check (line in ('MOBILE', 'LANDLINE')),
    country              text,
    -- Destination or seed, sealed under the tenant's data key.
    secret_sealed        bytea,
    blind_index          bytea,
    -- The login in which it was begun.
    login_id             uuid,
    created_at           timestamptz not null,
    -- Of a PENDING one that was not suggested.
    expires_at           timestamptz,
    confirmed_at         timestamptz,
    removed_at           timestamptz,
    -- Tries at confirming it where there is no login to count them on.
    attempts             smallint not null default 0,
    consecutive_failures smallint not null default 0,
    -- RFC 6238: the last accepted time step; none at or below it is accepted again.
    last_step            bigint,
    last_used_at         timestamptz,
    primary key (tenant_id, factor_id),
    foreign key (tenant_id, user_id) references tenant_user on delete cascade
) with (fillfactor = 50);
create index factor_user on factor (tenant_id, user_id);
create unique index factor_one_of_a_kind on factor (tenant_id, user_id, kind)
    where status in ('ACTIVE', 'DISABLED') and kind <> 'PASSKEY';
create unique index factor_one_pending on factor (tenant_id, user_id, kind, suggested)
    where status = 'PENDING' and kind <> 'PASSKEY';
create index factor_destination on factor (tenant_id, blind_index) where blind_index is not null;

create table backup_code (
    tenant_id uuid not null,
    factor_id uuid not null,
    slot      smallint not null,
    hash      text not null,
    used_at   timestamptz,
    primary key (tenant_id, factor_id, slot),
    foreign key (tenant_id, factor_id) references factor on delete cascade
);

create table temporary_access_code (
    tenant_id          uuid not null,
    code_id            uuid not null,
    user_id            uuid not null,
    -- Where it answers a request it serves that one login.
    login_id           uuid,
    digest_key_id      smallint not null,
    digest             bytea not null,
    issued_by          text not null,
    reason             text not null,
    may_change_factors boolean not null,
    created_at         timestamptz not null,
    expires_at         timestamptz not null,
    used_at            timestamptz,
    revoked_at         timestamptz,
    primary key (tenant_id, code_id),
    foreign key (tenant_id, user_id) references tenant_user on delete cascade
);
create index temporary_access_code_user on temporary_access_code (tenant_id, user_id, created_at);

create table temporary_access_request (
    tenant_id   uuid not null,
    request_id  uuid not null,
    login_id    uuid not null,
    user_id     uuid not null,
    note        text,
    -- EXPIRED is read off expires_at.
    status      text not null check (status in ('OPEN', 'APPROVED', 'DECLINED')),
    created_at  timestamptz not null,
    expires_at  timestamptz not null,
    answered_at timestamptz,
    answered_by text,
    reason      text,
    primary key (tenant_id, request_id),
    foreign key (tenant_id, user_id) references tenant_user on delete cascade
);
create unique index temporary_access_request_login on temporary_access_request (tenant_id, login_id)
    where status = 'OPEN';
create index temporary_access_request_user on temporary_access_request (tenant_id, user_id, created_at);

create table one_time_link (
    tenant_id   uuid not null,
    link_id     uuid not null,
    user_id     uuid not null,
    digest      bytea not null,
    return_url  text not null,
    state       text,
    created_at  timestamptz not null,
    expires_at  timestamptz not null,
    consumed_at timestamptz,
    revoked_at  timestamptz,
    login_id    uuid,
    primary key (tenant_id, link_id),
    unique (tenant_id, digest),
    foreign key (tenant_id, user_id) references tenant_user on delete cascade
);
create index one_time_link_user on one_time_link (tenant_id, user_id);

-- When codes went to a destination, newest last, at most those that the hourly limit looks at.
create table destination_send (
    tenant_id         uuid not null references tenant,
    destination_index bytea not null,
    times             timestamptz[] not null,
    primary key (tenant_id, destination_index)
) with (fillfactor = 70);

create table idempotency_key (
    tenant_id    uuid not null references tenant,
    api_key_id   uuid not null,
    key          text not null,
    input_digest bytea not null,
    login_id     uuid not null,
    expires_at   timestamptz not null,
    primary key (tenant_id, api_key_id, key)
);
create index idempotency_key_expiry on idempotency_key (expires_at);
