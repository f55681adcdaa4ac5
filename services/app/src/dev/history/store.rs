//! The people in the database, each with a phone and the month's logins.

use core_crypto::{BlindKind, DataKey, blind_index};
use core_kernel::FactorId;
use io_postgres::TenantTx;
use svc_platform::{Platform, place};
use uuid::Uuid;

use super::logins::insert_login;
use super::month::Month;
use super::people::Person;

/// The tenant's IANA time zone.
pub(super) async fn time_zone(tx: &mut TenantTx) -> anyhow::Result<String> {
    let tenant = tx.tenant().0;
    let zone = sqlx::query_scalar("select time_zone from tenant where tenant_id = $1");
    Ok(zone.bind(tenant).fetch_one(tx.connection()).await?)
}

/// Writes a person with what the month left behind; nothing where the person is there already.
pub(super) async fn write(
    tx: &mut TenantTx,
    platform: &Platform,
    key: &DataKey,
    person: &Person,
    month: &Month,
) -> anyhow::Result<()> {
    let Some(user) = insert_person(tx, person, month).await? else { return Ok(()) };
    let factor = insert_phone(tx, platform, key, user, person, month).await?;
    for login in &month.logins {
        insert_login(tx, platform, (user, factor), login).await?;
    }
    Ok(())
}

async fn insert_person(tx: &mut TenantTx, person: &Person, month: &Month) -> anyhow::Result<Option<Uuid>> {
    let created_at = month.logins.first().map(|login| login.visit.at - chrono::Duration::days(1));
    let tenant = tx.tenant().0;
    let user = sqlx::query_scalar(
        "insert into tenant_user (tenant_id, user_id, external_id, external_id_folded, kind, display_name, created_at)
         values ($1, uuid_v7(), $2, $2, $3, $4, coalesce($5, tenant_now($1)))
             on conflict do nothing returning user_id",
    )
    .bind(tenant)
    .bind(person.external_id())
    .bind(person.kind.as_str())
    .bind(person.name)
    .bind(created_at)
    .fetch_optional(tx.connection())
    .await?;
    Ok(user)
}

/// The mobile that the first login enrolled.
async fn insert_phone(
    tx: &mut TenantTx,
    platform: &Platform,
    key: &DataKey,
    user: Uuid,
    person: &Person,
    month: &Month,
) -> anyhow::Result<Uuid> {
    let tenant = tx.tenant();
    let (enrolled_at, from) = month.enrolled().unzip();
    let factor = FactorId::new(&*platform.entropy, enrolled_at.unwrap_or_else(|| platform.now())).0;
    let sealed =
        key.seal(&place(tenant, "factor", factor, "secret_sealed"), person.mobile.as_bytes(), &*platform.entropy);
    let (_, index) = blind_index(&platform.keys.ring(), tenant, BlindKind::Phone, person.mobile);
    sqlx::query(
        "insert into factor (tenant_id, factor_id, user_id, kind, status, line, country, secret_sealed, blind_index,
                             created_at, confirmed_at, confirmed_from, last_used_at)
         values ($1, $2, $3, 'PHONE_PRIMARY', 'ACTIVE', 'MOBILE', 'US', $4, $5, $6, $6, $7::inet, $8)",
    )
    .bind(tenant.0)
    .bind(factor)
    .bind(user)
    .bind(sealed)
    .bind(&index[..])
    .bind(enrolled_at)
    .bind(from.map(|address| address.to_string()))
    .bind(month.logins.iter().rev().filter(|login| login.proved().is_some()).find_map(|login| login.completed_at))
    .execute(tx.connection())
    .await?;
    Ok(factor)
}
