-- Wrong codes are not counted against the user, so that new logins give new tries for ever.
-- found by: svc-logins guessing new_logins_have_their_own_tries_until_the_user_is_locked
-- saying: right: "USER_LOCKED"
select pg_temp.bend('count_wrong_code', '>= 10 then', '>= 10000 then');
