-- The address of a hosted prompt opens in a second browser.
-- found by: svc-prompt prompts an_address_opens_once_however_many_follow_it
-- saying: left: 50
create function unspend() returns trigger language plpgsql as $f$
begin
    if old.opened_at is null then
        new.opened_at := null;
        new.browser_digest := null;
    end if;
    return new;
end $f$;
create trigger unspend before update on prompt_session for each row execute function unspend();
