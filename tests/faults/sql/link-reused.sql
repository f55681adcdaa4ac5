-- A one-time link begins a login each time.
-- found by: svc-helpdesk links of_many_presses_at_once_one_begins_a_login
-- saying: left: 15
create function unspend() returns trigger language plpgsql as $f$
begin
    new.consumed_at := null;
    return new;
end $f$;
create trigger unspend before update on one_time_link for each row execute function unspend();
