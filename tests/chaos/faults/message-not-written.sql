-- One challenge in eight is begun without the message that carries its code.
-- caught by: message.codesAreSent
create function chaos_forget() returns trigger language plpgsql as $forget$
begin
    return case when new.purpose = 'CODE' and random() < 0.125 then null else new end;
end $forget$;
create trigger chaos_forget before insert on message for each row execute function chaos_forget();
