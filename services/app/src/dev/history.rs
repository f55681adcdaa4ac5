//! A month of believable logins, so that lists have something to show: twelve clients and members of
//! staff who log in on workdays, mostly from where they live, now and then from elsewhere.
//!
//! The rows are made by SQL of the demo's own: no command writes a login into the past.

use core_crypto::{BlindKind, blind_index};
use core_kernel::{FactorId, TenantId};
use io_postgres::TenantTx;
use svc_platform::{Platform, place};

/// Name, audience, mobile, home address.
const PEOPLE: [(&str, &str, &str, &str); 12] = [
    ("Ines Moreau", "EXTERNAL", "+16125550101", "192.0.2.31"),
    ("Paul Becker", "EXTERNAL", "+16125550102", "192.0.2.47"),
    ("Grace Osei", "EXTERNAL", "+14155550103", "198.51.100.18"),
    ("Henry Walsh", "EXTERNAL", "+14155550104", "198.51.100.77"),
    ("Mina Sato", "EXTERNAL", "+14155550105", "198.51.100.91"),
    ("Luis Ortega", "EXTERNAL", "+12125550106", "203.0.113.14"),
    ("Nadia Petrov", "EXTERNAL", "+12125550107", "203.0.113.52"),
    ("Owen Clarke", "EXTERNAL", "+16125550108", "192.0.2.88"),
    ("Tara Singh", "INTERNAL", "+16125550109", "192.0.2.10"),
    ("Ben Carver", "INTERNAL", "+16125550110", "192.0.2.10"),
    ("Zoe Martin", "INTERNAL", "+16125550111", "192.0.2.11"),
    ("Noah Fields", "INTERNAL", "+16125550112", "192.0.2.12"),
];

/// Writes the people and their month.
pub(super) async fn write(platform: &Platform, tenant: TenantId) -> anyhow::Result<()> {
    let key = platform.keys.data_key(&platform.database, tenant).await?;
    let mut tx = TenantTx::begin(&platform.database, tenant).await?;
    for (name, kind, number, home) in PEOPLE {
        let factor = FactorId::new(&*platform.entropy, platform.now());
        let at = place(tenant, "factor", factor.0, "secret_sealed");
        let sealed = key.seal(&at, number.as_bytes(), &*platform.entropy);
        let (_, index) = blind_index(&platform.keys.ring(), tenant, BlindKind::Phone, number);
        sqlx::query(PERSON)
            .bind(tenant.0)
            .bind(name)
            .bind(kind)
            .bind(factor.0)
            .bind(sealed)
            .bind(&index[..])
            .bind(home)
            .execute(tx.connection())
            .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// One person with a confirmed mobile, and a login with its challenge on most workdays of the last 30: each is made of
/// what hangs on its number, so that the demo looks the same everywhere.
const PERSON: &str = "
with person as (
    insert into tenant_user (tenant_id, user_id, external_id, external_id_folded, kind, display_name, created_at, first_login_at)
    values ($1, uuid_v7(), replace(lower($2), ' ', '.'), replace(lower($2), ' ', '.'), $3, $2,
            tenant_now($1) - interval '31 days', tenant_now($1) - interval '30 days')
    on conflict do nothing
    returning user_id
), phone as (
    insert into factor (tenant_id, factor_id, user_id, kind, status, line, country, secret_sealed, blind_index,
                        created_at, confirmed_at)
    select $1, $4, user_id, 'PHONE_PRIMARY', 'ACTIVE', 'MOBILE', 'US', $5, $6,
           tenant_now($1) - interval '30 days', tenant_now($1) - interval '30 days'
      from person
), moment as (
    select person.user_id, day, abs(hashtext($2 || day)) as dice,
           clock_timestamp() - make_interval(days => day, mins => abs(hashtext($2 || day)) % 300) as at
      from person, generate_series(1, 30) as day
     where extract(isodow from clock_timestamp() - make_interval(days => day)) < 6
       and abs(hashtext('absent' || $2 || day)) % 10 < 8
), attempt as (
    select user_id, at, dice % 20 as dice,
           -- The identifiers carry the moment, as if the login had been made then.
           encode(overlay(uuid_send(uuid_v7()) placing
               substring(int8send((extract(epoch from at) * 1000)::bigint) from 3) from 1 for 6), 'hex')::uuid as id,
           encode(overlay(uuid_send(uuid_v7()) placing
               substring(int8send((extract(epoch from at) * 1000)::bigint + 1000) from 3) from 1 for 6), 'hex')::uuid as challenge
      from moment
), proved as (
    select *, dice <> 7 as right_code, case when dice = 11 then 'VOICE' else 'SMS' end as channel,
           at + make_interval(secs => 12 + dice) as proved_at
      from attempt
), logged_in as (
    insert into login (tenant_id, month, login_id, user_id, purpose, first_factor, outcome, reasons, level, policy_version,
                       ip_address, user_agent, max_attempts, created_at, expires_at, attempts,
                       completed_at, completed_wall, completed_with, completed_proof, completed_by, facts)
    select $1, date_trunc('month', at at time zone 'UTC')::date, id, user_id, 'SIGN_IN',
           case when $3 = 'INTERNAL' then 'SSO' else 'PASSWORD' end, 'CHALLENGE', array['ADAPTIVE_NOT_STARTED'], 'STANDARD', 1,
           case when dice = 7 then inet '203.0.113.200' else $7::inet end,
           case when dice < 12 then 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/144.0'
                else 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Safari/605.1.15' end,
           5, at, at + interval '15 minutes', case when dice in (3, 7) then 1 else 0 end,
           case when right_code then proved_at end, case when right_code then proved_at end,
           case when right_code then channel end, case when right_code then channel end,
           case when right_code then challenge end,
           -- What decided it, so that a policy can be rehearsed on it; how unusual it was nobody knew.
           json_build_object('user', json_build_object('kind', $3, 'first_login_at', tenant_now($1) - interval '30 days',
               'factors', json_build_array(json_build_object('kind', 'PHONE_PRIMARY', 'status', 'ACTIVE', 'line', 'MOBILE'))))
      from proved
)
insert into challenge (tenant_id, month, challenge_id, user_id, login_month, login_id, factor_id, kind, purpose, digits,
                       created_at, expires_at, channel, sms_sends, sms_sent_at, voice_sends, voice_sent_at)
select $1, month_of(challenge), challenge, user_id, date_trunc('month', at at time zone 'UTC')::date, id, $4, 'CODE', 'LOGIN', 6,
       at, at + interval '5 minutes', channel,
       (channel = 'SMS')::integer, case when channel = 'SMS' then at end,
       (channel = 'VOICE')::integer, case when channel = 'VOICE' then at end
  from proved";
