-- A function runs with a setting that does not wait for the disk.
-- found by: io-postgres isolation a_migrated_database_is_fit_for_the_unprivileged_role
-- saying: count_wrong_code
alter function count_wrong_code set synchronous_commit = off;
