-- What a directory that provisions users (SCIM, RFC 7643) tells of them and gets back as it told it.
-- It stands beside the user and not in the user's row, which is written at every login.
create table directory_profile (
    tenant_id      uuid not null,
    user_id        uuid not null,
    -- The directory's own key of the user. Opaque: it is never taken for one of ours.
    directory_id   text check (length(directory_id) between 1 and 255),
    -- Names, addresses and numbers as they were given, sealed under the tenant's data key.
    profile_sealed bytea not null,
    primary key (tenant_id, user_id),
    foreign key (tenant_id, user_id) references tenant_user on delete cascade
);
create index directory_profile_directory_id on directory_profile (tenant_id, directory_id)
    where directory_id is not null;

alter table directory_profile enable row level security;
alter table directory_profile force row level security;
create policy tenant_isolation on directory_profile
    using (tenant_id = nullif(current_setting('postern.tenant_id', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('postern.tenant_id', true), '')::uuid);
grant select, insert, update, delete on directory_profile to postern_app;
