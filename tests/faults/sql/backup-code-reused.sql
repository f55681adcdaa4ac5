-- A backup code works twice.
-- found by: svc-logins login_path backup_codes_work_once_each_and_share_nothing
-- saying: left: ["OK", "OK"]
select pg_temp.bend('hot_verify', E'update backup_code b set used_at = v_now', E'update backup_code b set used_at = null');
