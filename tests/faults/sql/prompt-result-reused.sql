-- A prompt's result is exchanged for its login twice.
-- found by: svc-prompt prompts a_result_is_exchanged_once_however_many_try
-- saying: left: 50
create function unspend() returns trigger language plpgsql as $f$
begin
    new.redeemed_at := null;
    return new;
end $f$;
create trigger unspend before update on prompt_session for each row execute function unspend();
