-- What a passkey was asked may be answered twice.
-- found by: svc-logins passkeys what_was_asked_is_good_for_one_answer
-- saying: right, but late
select pg_temp.bend('hot_verify', 'set state_sealed = null,', 'set state_sealed = x.state_sealed,');
select pg_temp.bend('hot_verify', 'else v_now end', 'else x.expires_at end');
