-- A user's lock is written, and not looked at when a login is decided or a code is given.
-- caught by: user.locksHold
select pg_temp.mend('hot_load_batch', 'coalesce(u.locked_until = ''infinity'', false), nullif(u.locked_until, ''infinity'')', 'false, null::timestamptz');
select pg_temp.mend('hot_verify', 'v_disabled or v_locked_until > v_now', 'v_disabled');
