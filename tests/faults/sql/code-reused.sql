-- A code that was sent completes its login again and again.
-- found by: svc-logins guessing of_two_hundred_right_codes_one_succeeds
-- saying: {"OK": 200}
select pg_temp.bend('hot_verify', 'when l.completed_at is not null then ''ALREADY_COMPLETED''', 'when false then ''''');
select pg_temp.bend('hot_verify', 'x.completed_at is null and', '');
select pg_temp.bend('hot_verify_batch', 'l.completed_at is null and', '');
