-- A one-time link begins a login each time.
-- found by: svc-helpdesk links a_counterparty_gets_in_once
-- saying: a_counterparty_gets_in_once
create function unspend() returns trigger language plpgsql as $f$
begin
    new.consumed_at := null;
    return new;
end $f$;
create trigger unspend before update on one_time_link for each row execute function unspend();
