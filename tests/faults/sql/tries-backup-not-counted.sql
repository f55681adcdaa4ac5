-- A wrong backup code costs no try.
-- found by: svc-logins guessing a_wrong_guess_at_whatever_kind_costs_a_try
-- saying: by BackupCode costs no try
select pg_temp.bend('hot_verify', 'set attempts = x.attempts + 1', 'set attempts = x.attempts + (c.kind <> ''BACKUP_CODE'')::integer');
