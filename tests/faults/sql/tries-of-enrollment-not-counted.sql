-- A wrong code that is to confirm a factor costs no try.
-- found by: svc-factors confirm parallel_wrong_guesses_are_compared_five_times
-- saying: an answer: Refused
select pg_temp.bend('confirm_factor_code', 'set attempts = x.attempts + 1', 'set attempts = x.attempts');
