-- The mailed link of whoever forgot a password sets one twice.
-- found by: svc-admins passwords a_link_opens_once_and_not_for_long
-- saying: a_link_opens_once_and_not_for_long
create function keep() returns trigger language plpgsql as $f$
begin
    return null;
end $f$;
create trigger keep before delete on account_recovery for each row execute function keep();
