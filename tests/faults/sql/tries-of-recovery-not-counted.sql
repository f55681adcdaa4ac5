-- Guesses of the second factor on the way to a new password cost no try.
-- found by: svc-admins passwords guesses_of_the_second_factor_end_in_a_recovery_too
-- saying: guesses_of_the_second_factor_end_in_a_recovery_too
select pg_temp.bend('hot_verify', 'set attempts = x.attempts + 1', 'set attempts = x.attempts');
