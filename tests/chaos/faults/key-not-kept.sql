-- An idempotency key is not kept: a repeat begins another login.
-- caught by: login.keysAreKept
select pg_temp.mend('hot_load_batch', 'i.login_id, i.input_digest', 'null::uuid, null::bytea');
select pg_temp.mend('hot_record_login', E'if not found then\n            return false', E'if false then\n            return false');
