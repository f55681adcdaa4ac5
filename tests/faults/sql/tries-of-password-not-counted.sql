-- A wrong password of an administrator is not counted.
-- found by: svc-admins sign_in passwords_are_compared_ten_times_and_then_not
-- saying: Ok(SignInStep
create function forget_try() returns trigger language plpgsql as $f$
begin
    new.tries := 1;
    return new;
end $f$;
create trigger forget_try before insert or update on password_try for each row execute function forget_try();
