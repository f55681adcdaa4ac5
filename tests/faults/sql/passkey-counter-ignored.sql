-- A copied passkey, whose counter does not rise, lets in.
-- found by: svc-logins passkeys a_counter_that_does_not_rise_is_a_copied_key
-- saying: 7 after 7
select pg_temp.bend('spend_sign_count', 'p_count > v_last or', 'true or');
