-- What is not a tenant's: partners, tenants themselves, keys of the installation.
-- The roles are made by `postern bootstrap` (infra/bootstrap.sql); this file runs as their owner.

set local role postern_cross;
grant usage on schema postern_cross to postern_app;
reset role;
alter default privileges revoke execute on functions from public;

-- The tenant of this transaction. After a transaction a setting made with SET LOCAL reads as '',
-- not NULL; without NULLIF the cast would fail instead of hiding every row.
create function current_tenant() returns uuid
    language sql stable parallel safe set search_path = pg_catalog
    return nullif(current_setting('postern.tenant_id', true), '')::uuid;
create function current_partner() returns uuid
    language sql stable parallel safe set search_path = pg_catalog
    return nullif(current_setting('postern.partner_id', true), '')::uuid;

-- A firm that owns tenants. Its rows are guarded by postern.partner_id.
create table partner (
    partner_id uuid primary key,
    name       text not null,
    created_at timestamptz not null default now()
);

create table partner_api_key (
    partner_id    uuid not null references partner,
    api_key_id    uuid not null,
    name          text not null,
    prefix        text not null,
    digest        bytea not null,
    pepper_key_id smallint not null,
    scopes        text[] not null,
    created_at    timestamptz not null,
    expires_at    timestamptz not null,
    revoked_at    timestamptz,
    last_used_at  timestamptz,
    primary key (partner_id, api_key_id),
    unique (partner_id, digest)
);
create index partner_api_key_digest on partner_api_key (digest);

-- A firm with its own policy, users, administrators and bill. The slug is unique within the
-- platform by definition: it is the one constraint that may tell that a value exists.
create table tenant (
    tenant_id            uuid primary key,
    partner_id           uuid references partner,
    slug                 text not null unique check (slug ~ '^[a-z0-9-]{3,63}$'),
    name                 text not null,
    environment          text not null check (environment in ('LIVE', 'SANDBOX')),
    status               text not null default 'ACTIVE' check (status in ('ACTIVE', 'SUSPENDED')),
    language             text not null default 'en',
    time_zone            text not null default 'UTC',
    branding             jsonb not null default '{}',
    webauthn             jsonb not null default '{}',
    return_urls          text[] not null default '{}',
    -- A sandbox's clock only moves forward.
    clock_offset_seconds bigint not null default 0 check (clock_offset_seconds >= 0),
    created_at           timestamptz not null default now(),
    check (environment = 'SANDBOX' or clock_offset_seconds = 0)
);
create index tenant_partner on tenant (partner_id, tenant_id);

-- Secrets of the installation, sealed under the master key: code derivation, blind indexes, pepper.
create table crypto_key (
    key_id        smallint not null,
    purpose       text not null check (purpose in ('CODE', 'INDEX', 'PEPPER')),
    sealed        bytea not null,
    master_key_id text not null,
    created_at    timestamptz not null default now(),
    retired_at    timestamptz,
    primary key (purpose, key_id)
);

-- Ed25519 keys that sign assertions; all that are not withdrawn are in the published key set.
create table signing_key (
    kid           text primary key,
    sealed        bytea not null,
    master_key_id text not null,
    public_jwk    jsonb not null,
    created_at    timestamptz not null default now(),
    -- Published before it signs, so that integrators' cached key sets know it.
    signs_from    timestamptz not null,
    withdrawn_at  timestamptz
);

-- One sealed key per tenant: destroying the row makes the tenant's secrets unreadable.
create table tenant_data_key (
    tenant_id     uuid not null references tenant,
    key_id        smallint not null,
    sealed        bytea not null,
    master_key_id text not null,
    created_at    timestamptz not null default now(),
    primary key (tenant_id, key_id)
);
