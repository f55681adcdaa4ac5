-- Of a login's channels only those to which a code is sent count: by app and backup code there are tries without end.
-- found by: svc-logins guessing other_challenges_and_channels_of_the_login_share_its_budget
-- saying: other_challenges_and_channels_of_the_login_share_its_budget
select pg_temp.bend('hot_verify', 'set attempts = x.attempts + 1', 'set attempts = x.attempts + (c.kind = ''CODE'')::integer');
