//! The logins in the database, by the login path's own SQL functions where there are any.

use core_kernel::{ChallengeId, LoginId};
use core_policy::{Channel, Completion, LoginOutcome, LoginPurpose};
use io_postgres::TenantTx;
use svc_platform::Platform;
use uuid::Uuid;

use super::month::PastLogin;

/// Writes a login, and what it left in the user's history.
pub(super) async fn insert_login(
    tx: &mut TenantTx,
    platform: &Platform,
    (user, factor): (Uuid, Uuid),
    login: &PastLogin,
) -> anyhow::Result<()> {
    let id = LoginId::new(&*platform.entropy, login.visit.at);
    record(tx, id, user, login).await?;
    let challenge =
        if login.is_asked() { Some(insert_challenge(tx, platform, (user, factor), id, login).await?) } else { None };
    let by = if login.decision.outcome == LoginOutcome::Enroll { Some(factor) } else { challenge };
    complete(tx, id, by, login).await?;
    if login.completed_at.is_some() { observe(tx, user, login).await } else { Ok(()) }
}

/// As `evaluateLogin` does.
async fn record(tx: &mut TenantTx, id: LoginId, user: Uuid, login: &PastLogin) -> anyhow::Result<()> {
    const LIFETIME_SECONDS: i32 = 15 * 60;
    let (origin, decision) = (&login.origin, &login.decision);
    let enroll = decision.outcome == LoginOutcome::Enroll;
    let reasons: Vec<_> = decision.reasons.iter().map(|reason| reason.as_str()).collect();
    let tenant = tx.tenant().0;
    sqlx::query(
        "select hot_record_login($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11, $12::inet, $13, $14, 5::smallint, $15,
             $16, null, null, null, $17, $18, $19, $20, $21, $22, $23, $24::json)",
    )
    .bind(tenant)
    .bind(id.0)
    .bind(id.month())
    .bind(user)
    .bind(LoginPurpose::SignIn.as_str())
    .bind(login.first_factor.as_str())
    .bind(decision.outcome.as_str())
    .bind(reasons)
    .bind(decision.level.as_str())
    .bind(i16::try_from(login.score)?)
    .bind(serde_json::to_value(&login.findings)?)
    .bind(login.visit.address.to_string())
    .bind(login.visit.user_agent)
    .bind(enroll)
    .bind(login.visit.at)
    .bind(if enroll { LIFETIME_SECONDS * 4 } else { LIFETIME_SECONDS })
    .bind(&origin.country)
    .bind(&origin.city)
    .bind(login.coordinate(|position| position.latitude))
    .bind(login.coordinate(|position| position.longitude))
    .bind(login.coordinate(|position| position.accuracy_km))
    .bind(i16::from(login.hour))
    .bind(&login.seen)
    .bind(serde_json::to_string(&login.given)?)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The code that was sent; its text is nowhere, as of any other.
async fn insert_challenge(
    tx: &mut TenantTx,
    platform: &Platform,
    (user, factor): (Uuid, Uuid),
    id: LoginId,
    login: &PastLogin,
) -> anyhow::Result<Uuid> {
    let challenge = ChallengeId::new(&*platform.entropy, login.visit.at);
    let enroll = login.decision.outcome == LoginOutcome::Enroll;
    let tenant = tx.tenant().0;
    sqlx::query(
        "insert into challenge (tenant_id, month, challenge_id, user_id, login_month, login_id, factor_id, kind, purpose, digits,
                                created_at, expires_at, channel, sms_sends, sms_sent_at, voice_sends, voice_sent_at, verified_at)
         values ($1, $2, $3, $4, $5, $6, $7, 'CODE', $8, 6, $9, $9 + interval '5 minutes', $10,
                 ($10 = 'SMS')::integer, case when $10 = 'SMS' then $9 end,
                 ($10 = 'VOICE')::integer, case when $10 = 'VOICE' then $9 end, $11)",
    )
    .bind(tenant)
    .bind(challenge.month())
    .bind(challenge.0)
    .bind(user)
    .bind(id.month())
    .bind(id.0)
    .bind(factor)
    .bind(if enroll { "ENROLL" } else { "LOGIN" })
    .bind(login.visit.at)
    .bind(login.visit.channel.as_str())
    .bind(login.completed_at.filter(|_| enroll))
    .execute(tx.connection())
    .await?;
    Ok(challenge.0)
}

/// How it went on: tries, and the end if it came to one. What was allowed outright is complete already,
/// but as of now by the wall clock, which gives assertions for a while.
async fn complete(tx: &mut TenantTx, id: LoginId, by: Option<Uuid>, login: &PastLogin) -> anyhow::Result<()> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update login set attempts = $4, completed_at = $5, completed_wall = $5, completed_with = $6, completed_proof = $7,
                completed_by = $8
          where tenant_id = $1 and month = $2 and login_id = $3",
    )
    .bind(tenant)
    .bind(id.month())
    .bind(id.0)
    .bind(if login.is_asked() { login.visit.slips } else { 0 })
    .bind(login.completed_at)
    .bind(login.completion().map(Completion::as_str))
    .bind(login.proved().map(Channel::as_str))
    .bind(by.filter(|_| login.completed_at.is_some()))
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// As the completion of any login does.
async fn observe(tx: &mut TenantTx, user: Uuid, login: &PastLogin) -> anyhow::Result<()> {
    let tenant = tx.tenant().0;
    let seen: Vec<_> = login.seen.iter().map(ToString::to_string).collect();
    sqlx::query(
        "select observe_logins(array[$1], array[$2], array[$3], array[$4], array[$5], array[$6::smallint],
             array[$7::real], array[$8::real], array[$9::real])",
    )
    .bind(tenant)
    .bind(user)
    .bind(login.visit.at)
    .bind(login.completed_at)
    .bind(seen.join(","))
    .bind(i16::from(login.hour))
    .bind(login.coordinate(|position| position.latitude))
    .bind(login.coordinate(|position| position.longitude))
    .bind(login.coordinate(|position| position.accuracy_km))
    .execute(tx.connection())
    .await?;
    Ok(())
}
