-- The roles of an installation, made once per PostgreSQL cluster by a superuser.
-- `postern bootstrap` runs it; passwords are set by the caller.
do $$
begin
    if to_regrole('postern_owner') is null then
        create role postern_owner login noinherit nosuperuser nocreaterole nobypassrls;
    end if;
    if to_regrole('postern_app') is null then
        create role postern_app login nosuperuser nocreatedb nocreaterole nobypassrls;
    end if;
    if to_regrole('postern_cross') is null then
        create role postern_cross nologin nosuperuser nocreatedb nocreaterole nobypassrls;
    end if;
    if not pg_has_role('postern_owner', 'postern_cross', 'member') then
        grant postern_cross to postern_owner;
    end if;
    if to_regrole('postern_backup') is null then
        create role postern_backup nologin nosuperuser bypassrls;
    end if;
    -- A batch that meets another in a deadlock is rerun item by item: find it out quickly.
    alter role postern_app set deadlock_timeout = '100ms';
    alter role postern_app set statement_timeout = '15s';
    alter role postern_app set idle_in_transaction_session_timeout = '15s';
end $$;
