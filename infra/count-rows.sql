-- How many rows each table has, as a superuser or postern_backup: before a dump and after its restoration, to
-- be compared. A role that row-level security binds sees none and is told so by nobody.
select c.relname as relation,
       (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %I', c.relname), false, true, '')))[1]::text::bigint as rows
  from pg_class c
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
 order by 1;
