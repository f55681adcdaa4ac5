-- The database's sessions do not wait for the disk.
-- found by: io-postgres isolation a_migrated_database_is_fit_for_the_unprivileged_role
-- saying: synchronous_commit is off
do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$;
