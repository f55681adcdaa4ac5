-- Hosted prompts: a browser that the integrator sent to us, for one login.
--
-- Three secrets, of each the digest: what opens it, once; what the browser then holds as a cookie; what
-- the integrator exchanges for the login at the end, once. None of them is the login's identifier.
create table prompt_session (
    tenant_id         uuid not null references tenant,
    prompt_id         uuid not null,
    user_id           uuid not null,
    login_id          uuid not null,
    login_month       date not null,
    purpose           text not null check (purpose in ('LOGIN', 'SETTINGS')),
    return_url        text not null,
    state             text,
    created_at        timestamptz not null,
    -- Until it is opened, the end of the address; then the end of the session. By the tenant's clock.
    expires_at        timestamptz not null,
    open_digest       bytea not null,
    opened_at         timestamptz,
    browser_digest    bytea,
    -- The challenge that the page is asking about; what a form names is never believed.
    challenge_id      uuid,
    result_digest     bytea,
    result_expires_at timestamptz,
    redeemed_at       timestamptz,
    primary key (tenant_id, prompt_id),
    unique (tenant_id, open_digest),
    unique (tenant_id, result_digest),
    foreign key (tenant_id, user_id) references tenant_user on delete cascade,
    check ((opened_at is null) = (browser_digest is null)),
    check ((result_digest is null) = (result_expires_at is null))
) with (fillfactor = 70);
create index prompt_session_user on prompt_session (tenant_id, user_id);

alter table prompt_session enable row level security;
alter table prompt_session force row level security;
create policy tenant_isolation on prompt_session
    using (tenant_id = nullif(current_setting('postern.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('postern.tenant_id', true), '')::uuid);
grant select, insert, update, delete on prompt_session to postern_app;
