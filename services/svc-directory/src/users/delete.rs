//! Erasing a user: name, contacts, factors and addresses go at once, in one transaction. The logins
//! stay, under a pseudonym, since they are the tenant's record of what was decided.

use core_access::Permit;
use core_kernel::{Stop, Timestamp, TypedId, UserId};
use io_postgres::{DbError, TenantTx};
use serde_json::json;

use crate::Directory;
use crate::users::{UserRef, end_pending, expire_logins, lock_user, resolve_user};

impl Directory {
    /// Erases a user; the identifier that is gone.
    ///
    /// # Errors
    /// NOT_FOUND at `user`.
    pub async fn delete_user(&self, permit: &Permit, user: &UserRef) -> Result<UserId, Stop> {
        let only = permit.caller().only_users_of();
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let id = resolve_user(&mut tx, user, only).await?.user_id;
        let now = tx.tenant_now().await?;
        // Logins before the user: the order in which everybody locks.
        expire_logins(&mut tx, id, now).await?;
        erase_logins(&mut tx, id).await?;
        lock_user(&mut tx, &UserRef::Id(id.to_text()), only).await?;
        end_pending(&mut tx, id, now).await?;
        erase_belongings(&mut tx, id).await?;
        erase_person(&mut tx, id, now).await?;
        svc_audit::record(&mut tx, permit.caller(), "user.deleted", &id.to_text(), json!({})).await?;
        tx.commit().await?;
        Ok(id)
    }
}

/// Addresses, and the findings that were made from them.
async fn erase_logins(tx: &mut TenantTx, user: UserId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "update login l set ip_address = '0.0.0.0', user_agent = null, risk_signals = '[]', country = null, city = null,
                latitude = null, longitude = null, accuracy_km = null, seen = '{}', facts = null
          where l.tenant_id = $1 and l.user_id = $2",
    )
    .bind(tenant)
    .bind(user.0)
    .execute(tx.connection())
    .await?;
    Ok(())
}

async fn erase_belongings(tx: &mut TenantTx, user: UserId) -> Result<(), DbError> {
    const STATEMENTS: [&str; 5] = [
        // Backup codes go with their factor.
        "delete from factor where tenant_id = $1 and user_id = $2",
        "delete from temporary_access_code where tenant_id = $1 and user_id = $2",
        "delete from temporary_access_request where tenant_id = $1 and user_id = $2",
        "delete from one_time_link where tenant_id = $1 and user_id = $2",
        // What was sent, when and at what price stays; to where and in which words does not.
        "update message m set destination_sealed = null, secret_sealed = null, params = '{}', sandbox_body = null,
                status = case m.status when 'QUEUED' then 'CANCELED' else m.status end
          where m.tenant_id = $1 and m.user_id = $2",
    ];
    let tenant = tx.tenant().0;
    for statement in STATEMENTS {
        sqlx::query(statement).bind(tenant).bind(user.0).execute(tx.connection()).await?;
    }
    Ok(())
}

/// The control character in the folded form keeps every identifier that can be given free.
async fn erase_person(tx: &mut TenantTx, user: UserId, now: Timestamp) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    let pseudonym = format!("erased:{}", user.to_text());
    sqlx::query(
        "update tenant_user u
            set external_id = $3, external_id_folded = chr(1) || $3, display_name = null, email_sealed = null,
                email_index = null, language = null, advisor_id = null, chosen_level = null, advisor_level = null,
                disabled = true, erased_at = $4, wrong_code_times = '{}', seen = '{}',
                login_hours = decode(repeat('00', 24), 'hex'), last_completed_at = null, last_position_at = null,
                last_latitude = null, last_longitude = null, last_accuracy_km = null
          where u.tenant_id = $1 and u.user_id = $2",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(pseudonym)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}
