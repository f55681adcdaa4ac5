-- A code that was given is not consumed: the login is completed again by every right code.
-- caught by: login.completedOnce
select pg_temp.mend('hot_verify', 'when l.completed_at is not null then ''ALREADY_COMPLETED''', 'when false then ''''');
select pg_temp.mend('hot_verify', 'x.completed_at is null and', '');
select pg_temp.mend('hot_verify_batch', 'l.completed_at is null and', '');
