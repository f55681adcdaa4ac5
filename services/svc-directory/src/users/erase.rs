//! What is erased of a user, and how: by the command that deletes one, and once more by a worker, when
//! nothing can be under way any more that began before. A login that was being evaluated in that moment
//! may be written after it, with its address; a code may be sent, a visit noted in the history.
//!
//! To add a table that holds anything of a user: let its rows refer to the user `on delete cascade`, by
//! which they are found here, though the user's own row stays; or add a line. Otherwise the test that looks
//! through every table for what a user left fails. The order is that in which everybody locks: logins before the user.

use core_kernel::{Fault, TenantId, Timestamp, TypedId, UserId};
use io_postgres::{DbError, NoTenant, TenantTx};
use uuid::Uuid;

use crate::Directory;

/// No request lasts this long, nor any statement, nor the sending of a message.
const NOTHING_UNDER_WAY: chrono::TimeDelta = chrono::TimeDelta::minutes(15);
/// How many are looked after in one transaction.
const AT_ONCE: i64 = 50;

/// Addresses, and the findings that were made from them.
const LOGINS: &str =
    "update login l set ip_address = '0.0.0.0', user_agent = null, risk_signals = '[]', country = null, city = null,
            latitude = null, longitude = null, accuracy_km = null, seen = '{}', facts = null, local_hour = 0
      where l.tenant_id = $1 and l.user_id = $2
        and (l.ip_address <> '0.0.0.0' or l.user_agent is not null or l.facts is not null or l.seen <> '{}'
             or l.risk_signals <> '[]')";

/// The control character in the folded form keeps every identifier that can be given free.
const PERSON: &str = "update tenant_user u
        set external_id = $3, external_id_folded = chr(1) || $3, display_name = null, email_sealed = null,
            email_index = null, language = null, advisor_id = null, chosen_level = null, advisor_level = null,
            disabled = true, wrong_code_times = '{}', seen = '{}', login_hours = decode(repeat('00', 24), 'hex'),
            last_completed_at = null, last_position_at = null, last_latitude = null, last_longitude = null,
            last_accuracy_km = null
      where u.tenant_id = $1 and u.user_id = $2";

/// With the user's row locked. What was sent, when and at what price stays; to where, in which words, and
/// what a provider said about it does not.
const BELONGINGS: [&str; 4] = [
    // Whatever key an integrator made up may hold a name.
    "delete from idempotency_key k using login l
      where k.tenant_id = $1 and l.tenant_id = $1 and l.user_id = $2 and k.login_id = l.login_id",
    // Factors, devices, codes, links: whatever is declared to go with its user.
    "select erase_user_rows($1, $2)",
    "delete from policy_simulation_user where tenant_id = $1 and user_id = $2",
    "update message m
        set destination_sealed = null, secret_sealed = null, params = '{}', sandbox_body = null,
            failure = case when m.status in ('QUEUED', 'CANCELED') then 'The user was erased.' end,
            timeline = (select coalesce(jsonb_agg(e.event - 'detail' order by e.place), '[]')
                          from jsonb_array_elements(m.timeline) with ordinality e (event, place)),
            status = case m.status when 'QUEUED' then 'CANCELED' else m.status end
      where m.tenant_id = $1 and m.user_id = $2",
];

pub(super) async fn erase_logins(tx: &mut TenantTx, user: UserId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(LOGINS).bind(tenant).bind(user.0).execute(tx.connection()).await?;
    Ok(())
}

/// The person, whose row is locked by that, and then what belonged to them.
pub(super) async fn erase_person(tx: &mut TenantTx, user: UserId) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    let pseudonym = format!("erased:{}", user.to_text());
    sqlx::query(PERSON).bind(tenant).bind(user.0).bind(pseudonym).execute(tx.connection()).await?;
    for statement in BELONGINGS {
        sqlx::query(statement).bind(tenant).bind(user.0).execute(tx.connection()).await?;
    }
    Ok(())
}

/// Marks the user as erased at `now` of the tenant's clock; a worker will look after it by the wall clock.
pub(super) async fn mark_erased(tx: &mut TenantTx, user: UserId, now: Timestamp) -> Result<(), DbError> {
    let tenant = tx.tenant().0;
    sqlx::query(
        "with marked as (update tenant_user u set erased_at = $3 where u.tenant_id = $1 and u.user_id = $2)
         insert into user_erasure (tenant_id, user_id, erased_at) values ($1, $2, clock_timestamp())
             on conflict (tenant_id, user_id) do update set erased_at = excluded.erased_at",
    )
    .bind(tenant)
    .bind(user.0)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

impl Directory {
    /// Erases once more what was written about users while they were erased, of all tenants; how many
    /// users were looked after. What is interrupted is done at the next call; several processes may call
    /// it at once. `now` is the wall clock's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish_erasures(&self, now: Timestamp) -> Result<u64, Fault> {
        let before = now - NOTHING_UNDER_WAY;
        let mut finished = 0;
        loop {
            let tenants = tenants_with_erasures(&mut NoTenant::acquire(&self.platform.database).await?, before).await?;
            let done_before = finished;
            for tenant in tenants {
                finished += self.finish_erasures_of(tenant, before).await?;
            }
            // Nothing was had: there is no more, or others are at it.
            if finished == done_before {
                return Ok(finished);
            }
        }
    }

    async fn finish_erasures_of(&self, tenant: TenantId, before: Timestamp) -> Result<u64, DbError> {
        let mut tx = TenantTx::begin(&self.platform.database, tenant).await?;
        let users = take_erasures(&mut tx, before).await?;
        // Logins before users, as everybody locks them.
        for user in &users {
            erase_logins(&mut tx, *user).await?;
        }
        for user in &users {
            erase_person(&mut tx, *user).await?;
        }
        tx.commit().await?;
        Ok(users.len() as u64)
    }
}

async fn tenants_with_erasures(connection: &mut NoTenant, before: Timestamp) -> Result<Vec<TenantId>, DbError> {
    let ids: Vec<Uuid> = sqlx::query_scalar("select postern_cross.tenants_with_erasures($1, 100)")
        .bind(before)
        .fetch_all(connection.connection())
        .await?;
    Ok(ids.into_iter().map(TenantId).collect())
}

/// Those whose turn it is, each taken by one process.
async fn take_erasures(tx: &mut TenantTx, before: Timestamp) -> Result<Vec<UserId>, DbError> {
    let tenant = tx.tenant().0;
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "delete from user_erasure e
          using (select w.user_id from user_erasure w where w.tenant_id = $1 and w.erased_at <= $2
                  order by w.user_id limit $3 for update skip locked) d
          where e.tenant_id = $1 and e.user_id = d.user_id
         returning e.user_id",
    )
    .bind(tenant)
    .bind(before)
    .bind(AT_ONCE)
    .fetch_all(tx.connection())
    .await?;
    Ok(ids.into_iter().map(UserId).collect())
}
