-- After distribute.sql, on the coordinator: every line must say `t`.
select 'every tenant table is distributed with the others' as what,
       count(*) > 0 and bool_and(d.logicalrelid is not null
           and d.colocationid = (select colocationid from pg_dist_partition where logicalrelid = 'tenant_user'::regclass)) as holds
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
  left join pg_dist_partition d on d.logicalrelid = c.oid
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname not in ('tenant', 'api_key');

select 'row-level security is forced on every shard' as what, count(*) > 0 and bool_and(result = 't') as holds
  from run_command_on_shards('tenant_user', $$select relforcerowsecurity from pg_class where oid = '%s'::regclass$$);

select 'the functions are on every node' as what, count(*) > 0 and bool_and(result = 't') as holds
  from run_command_on_workers($$select to_regproc('public.hot_verify') is not null$$);

begin;
set local role postern_app;
select 'without a tenant nothing is seen' as what, count(*) = 0 as holds from tenant_user;
rollback;
