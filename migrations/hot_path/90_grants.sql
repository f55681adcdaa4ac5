-- Functions are not callable by everybody; the application's role calls all of these.
do $$
declare
    f regprocedure;
begin
    for f in
        select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where n.nspname = 'public' and not p.prosecdef and pg_get_userbyid(p.proowner) = current_user
    loop
        execute format('revoke execute on function %s from public', f);
        execute format('grant execute on function %s to postern_app', f);
    end loop;
end $$;
