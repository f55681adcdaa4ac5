-- A table was added, and no policy to it.
-- found by: io-postgres isolation a_migrated_database_is_fit_for_the_unprivileged_role
-- saying: table unguarded lacks its tenant policy
create table unguarded (tenant_id uuid not null, id uuid, primary key (tenant_id, id));
grant select, insert, update on unguarded to postern_app;
