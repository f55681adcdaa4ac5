-- The mailed link of whoever forgot a password sets one twice.
-- found by: svc-admins passwords a_link_opens_once_and_not_for_long
-- saying: Ok([redacted])
create function keep() returns trigger language plpgsql as $f$
begin
    insert into account_recovery select old.*;
    return null;
end $f$;
create trigger keep after delete on account_recovery for each row execute function keep();
