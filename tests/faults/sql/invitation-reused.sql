-- An invitation sets a password twice.
-- found by: svc-admins sign_in an_invited_person_accepts_and_signs_in
-- saying: an_invited_person_accepts_and_signs_in
create function keep() returns trigger language plpgsql as $f$
begin
    return null;
end $f$;
create trigger keep before delete on account_invitation for each row execute function keep();
