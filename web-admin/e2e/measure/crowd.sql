-- A firm of 10,000 users with 1,000,000 logins in the last thirty days, as the console's lists and charts see it; psql's
-- variable :tenant says which. Nothing here can log in: what is sealed is left out. Messages and entries of the log are as
-- many as a list's page 10,000 takes.
set search_path = public;

-- An identifier as it would have been made then.
create function pg_temp.id_at(at timestamptz) returns uuid language sql volatile return encode(
    overlay(uuid_send(uuid_v7()) placing substring(int8send((extract(epoch from at) * 1000)::bigint) from 3) from 1 for 6), 'hex')::uuid;
create function pg_temp.month_of(at timestamptz) returns date language sql immutable return date_trunc('month', at at time zone 'UTC')::date;
create function pg_temp.pick(words text[], n bigint) returns text language sql immutable return words[1 + n % array_length(words, 1)];

create temporary table person as
select n, pg_temp.id_at(now() - interval '200 days' + n * interval '10 minutes') as user_id,
       pg_temp.pick('{Ada,Ben,Carla,Dev,Elif,Femi,Grace,Hiro,Ines,Jon,Kofi,Lena,Mina,Noor,Olu,Pia,Rosa,Sven,Tariq,Uma}', n) || ' ' ||
       pg_temp.pick('{Abara,Becker,Clarke,Diaz,Endo,Fischer,Grant,Haddad,Iyer,Jensen,Kim,Lopez,Moreau,Novak,Ortega,Park,Quist}', n / 20)
           as name
  from generate_series(1, 10000) as n;

insert into tenant_user (tenant_id, user_id, external_id, external_id_folded, kind, display_name, created_at, first_login_at, skips_used)
select :'tenant', user_id, 'client-' || n, 'client-' || n, case when n % 10 = 0 then 'INTERNAL' else 'EXTERNAL' end, name,
       now() - interval '200 days', now() - interval '100 days', (n % 7 = 0)::int
  from person;

insert into factor (tenant_id, factor_id, user_id, kind, status, created_at, confirmed_at)
select :'tenant', uuid_v7(), user_id, 'TOTP', 'ACTIVE', now() - interval '100 days', now() - interval '100 days' from person where n % 5 > 0;

insert into login (tenant_id, month, login_id, user_id, purpose, first_factor, outcome, reasons, level, policy_version, risk_score,
                   risk_signals, ip_address, user_agent, max_attempts, created_at, expires_at, completed_at, completed_wall,
                   completed_with, country, city)
select :'tenant', pg_temp.month_of(at), pg_temp.id_at(at), person.user_id, 'SIGN_IN', 'PASSWORD', outcome,
       case outcome when 'ALLOW' then '{LOW_RISK}' when 'DENY' then '{RISK_TOO_HIGH}' else '{RISK_DETECTED}' end::text[], 'STANDARD', 1,
       case outcome when 'ALLOW' then 0 when 'DENY' then 95 else 45 end,
       case outcome when 'ALLOW' then '[]' else '[{"kind": "NEW_DEVICE", "score": 25, "detail": "A browser that was not seen before"},
           {"kind": "NEW_NETWORK", "score": 20, "detail": "A network that was not seen before"}]' end::jsonb,
       ('198.51.' || i % 256 || '.' || i % 250)::inet, 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/141.0', 5, at,
       at + interval '15 minutes', case when outcome <> 'DENY' then at end, case when outcome <> 'DENY' then at end,
       case outcome when 'CHALLENGE' then 'TOTP' end, 'US', pg_temp.pick('{Denver,Austin,Boston,Portland}', i)
  from (select i, now() - interval '30 days' + i * interval '2.5 seconds' as at,
               case when i % 97 = 0 then 'DENY' when i % 5 = 0 then 'CHALLENGE' else 'ALLOW' end as outcome
          from generate_series(1, 1000000) as i) as made
  join person on person.n = 1 + (i::bigint * 7919) % 10000
 order by at;

insert into challenge (tenant_id, month, challenge_id, user_id, login_month, login_id, kind, purpose, digits, created_at, expires_at, channel)
select tenant_id, month, pg_temp.id_at(created_at), user_id, month, login_id, 'TOTP', 'LOGIN', 6, created_at, created_at + interval '5 minutes', 'TOTP'
  from login where tenant_id = :'tenant' and outcome = 'CHALLENGE' and completed_with = 'TOTP';

insert into message (tenant_id, month, message_id, user_id, channel, purpose, priority, country, template, created_at, claimable_at, status,
                     attempts, provider, delivered_at)
select :'tenant', pg_temp.month_of(at), pg_temp.id_at(at), person.user_id, 'SMS', 'CODE', 0, 'US', 'code', at, at, 'DELIVERED', 1, 'twilio', at
  from (select i, now() - interval '30 days' + i * interval '9.5 seconds' as at from generate_series(1, 260000) as i) as made
  join person on person.n = 1 + (i::bigint * 7919) % 10000
 order by at;

-- Sealed as far as anybody asks, so that nothing is busy with it meanwhile.
insert into audit_entry (tenant_id, month, entry_id, at, actor, action, target, detail, hash)
select :'tenant', pg_temp.month_of(at), pg_temp.id_at(at), at, pg_temp.pick('{key:site,system}', i),
       pg_temp.pick('{user.updated,factor.confirmed,user.level_chosen}', i), 'client-' || i % 10000, '{"level": "HIGH"}', '\x00'
  from (select i, now() - interval '30 days' + i * interval '9.5 seconds' as at from generate_series(1, 260000) as i) as made
 order by at;

analyze tenant_user; analyze factor; analyze login; analyze challenge; analyze message; analyze audit_entry;
