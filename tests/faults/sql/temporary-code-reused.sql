-- A temporary access code works twice.
-- found by: svc-logins login_path a_temporary_code_lets_in_once_and_is_no_verified_login
-- saying: the code lets in once
select pg_temp.bend('hot_verify', 'update temporary_access_code x set used_at = v_now', 'update temporary_access_code x set used_at = null');
