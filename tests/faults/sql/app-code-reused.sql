-- A code of an app works again within its step.
-- found by: svc-logins login_path an_app_code_is_accepted_once_within_a_step
-- saying: the same code in two logins at once
select pg_temp.bend('hot_verify', 'coalesce(f.last_step, -1) < p_step', 'true');
select pg_temp.bend('hot_verify', 'p_step > coalesce(r.last_step, -1)', 'true');
