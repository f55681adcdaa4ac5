-- A wrong try is answered and not counted on its login.
-- caught by: login.triesAreCounted
select pg_temp.mend('hot_verify', 'set attempts = x.attempts + 1', 'set attempts = x.attempts');
