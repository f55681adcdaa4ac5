-- What the login path and the policies commit is acknowledged before it is on disk.
-- needs: postgres
-- caught by: login.loginsAreThere
alter system set wal_writer_delay = '10s';
alter system set wal_writer_flush_after = '1GB';
select pg_reload_conf();
select pg_temp.mend('hot_record_login_batch', E'begin\n    insert into login', E'begin\n    perform set_config(''synchronous_commit'', ''off'', true);\n    insert into login');
