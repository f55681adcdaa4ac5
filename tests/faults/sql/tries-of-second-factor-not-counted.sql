-- Guesses of an administrator's second factor cost no try.
-- found by: svc-admins sign_in guesses_of_the_second_factor_end
-- saying: right: TooManyAttempts
select pg_temp.bend('hot_verify', 'set attempts = x.attempts + 1', 'set attempts = x.attempts');
