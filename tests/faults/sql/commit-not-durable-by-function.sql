-- A function of the login path does not wait for the disk.
-- found by: io-postgres isolation a_migrated_database_is_fit_for_the_unprivileged_role
-- saying: hot_record_login_batch
select pg_temp.bend('hot_record_login_batch', E'begin\n    insert into login', E'begin\n    perform set_config(''synchronous_commit'', ''off'', true);\n    insert into login');
