//! Ending what a user has open, at once: where the user is disabled, locked by a person, reset or
//! erased. A deactivation that leaves a login, a code or a link alive is no deactivation.
//!
//! Locks are taken in the order login, user, factor, challenge, so this is done in two steps around
//! the locking of the user's row. A login that is begun between them meets the user's new state when
//! it is verified.

use core_kernel::{Timestamp, UserId};
use io_postgres::{DbError, TenantTx};

/// First step, before the user's row is locked: nothing that is open can be completed any more.
///
/// # Errors
/// When the database fails.
pub async fn expire_logins(tx: &mut TenantTx, user: UserId, now: Timestamp) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update login l set expires_at = $3
          where l.tenant_id = $1 and l.user_id = $2 and l.completed_at is null and l.expires_at > $3",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Second step, with the user's row locked: PENDING factors (but for suggested contacts, which prove
/// nothing), trusted devices, temporary access codes and requests, links, and messages that carry any
/// of these.
///
/// # Errors
/// When the database fails.
pub async fn end_pending(tx: &mut TenantTx, user: UserId, now: Timestamp) -> Result<(), DbError> {
    const STATEMENTS: [&str; 6] = [
        "delete from factor f where f.tenant_id = $1 and f.user_id = $2 and f.status = 'PENDING' and not f.suggested
            and $3::timestamptz is not null",
        "delete from trusted_device d where d.tenant_id = $1 and d.user_id = $2 and $3::timestamptz is not null",
        "update temporary_access_code c set revoked_at = $3
          where c.tenant_id = $1 and c.user_id = $2 and c.used_at is null and c.revoked_at is null",
        "update temporary_access_request r set expires_at = least(r.expires_at, $3)
          where r.tenant_id = $1 and r.user_id = $2 and r.status = 'OPEN'",
        "update one_time_link l set revoked_at = $3
          where l.tenant_id = $1 and l.user_id = $2 and l.consumed_at is null and l.revoked_at is null",
        "update message m set status = 'CANCELED', failure = 'The user was disabled, locked, reset or erased.',
                timeline = m.timeline || message_event($3, 'CANCELED', 'The user was disabled, locked, reset or erased.')
          where m.tenant_id = $1 and m.user_id = $2 and m.status = 'QUEUED' and m.attempts = 0
            and m.purpose in ('CODE', 'ONE_TIME_LINK', 'ENROLLMENT_REMINDER')",
    ];
    let tenant = tx.tenant().0;
    for statement in STATEMENTS {
        sqlx::query(statement).bind(tenant).bind(user.0).bind(now).execute(tx.connection()).await?;
    }
    Ok(())
}
