-- Failures in a row do not disable a factor.
-- found by: svc-logins guessing fifty_failures_in_a_row_disable_the_factor_and_a_right_code_clears_the_count
-- saying: right: "DISABLED"
select pg_temp.bend('count_wrong_code', 'set consecutive_failures = f.consecutive_failures + 1', 'set consecutive_failures = f.consecutive_failures');
