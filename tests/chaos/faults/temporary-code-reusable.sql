-- A temporary access code works as often as it is given.
-- caught by: user.usedOnce
select pg_temp.mend('hot_verify', E'and x.used_at is null and x.revoked_at is null and x.expires_at > v_now\n            returning', E'and x.revoked_at is null and x.expires_at > v_now\n            returning');
select pg_temp.mend('hot_start_challenge', 'and c.used_at is null', '');
