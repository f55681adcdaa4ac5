//! Tenants and users in bulk, as they would be after years of use: every user has a confirmed phone,
//! sealed under the tenant's key and found by its blind index.

use anyhow::Context;
use chrono::Duration;
use core_access::ApiScope;
use core_crypto::{ApiKeyKind, ApiKeySecret, BlindKind, DataKey, KeyRing, blind_index};
use core_kernel::{ApiKeyId, Clock, FactorId, PolicyId, SystemClock, SystemEntropy, TenantId, Timestamp, UserId};
use core_policy::{Policy, SecurityLevel};
use sqlx::PgConnection;
use svc_platform::place;

use crate::copy::copy;
use crate::database::BenchDatabase;
use crate::usual;

/// How many of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Tenants.
    pub tenants: u32,
    /// Users, spread evenly over them.
    pub users: u32,
}

impl Size {
    /// One firm.
    pub const SMALL: Self = Self { tenants: 1, users: 1_000 };
    /// The firm whose logins of the past are rehearsed.
    pub const PAST: Self = Self { tenants: 1, users: 50_000 };
    /// A platform.
    pub const LARGE: Self = Self { tenants: 10_000, users: 1_000_000 };
    /// A platform, for the impatient.
    pub const QUICK: Self = Self { tenants: 1_000, users: 100_000 };
}

/// A tenant as the driver knows it.
#[derive(Debug)]
pub struct SeededTenant {
    /// Its id.
    pub id: TenantId,
    /// The text of its API key.
    pub api_key: String,
}

/// A user as the driver knows it.
#[derive(Debug, Clone, Copy)]
pub struct SeededUser {
    /// Index into [`Population::tenants`].
    pub tenant: u32,
    /// The user.
    pub id: UserId,
    /// The user's confirmed phone.
    pub phone: FactorId,
}

/// What a database was filled with.
#[derive(Debug)]
pub struct Population {
    /// The size.
    pub size: Size,
    /// The tenants.
    pub tenants: Vec<SeededTenant>,
    /// The users; user `n` has the external id that [`external_id`] gives for `n`.
    pub users: Vec<SeededUser>,
}

/// Which level the `n`-th user has: one half logs in at STANDARD, the other at HIGH.
#[must_use]
pub fn level(n: usize) -> SecurityLevel {
    if n.is_multiple_of(2) { SecurityLevel::Standard } else { SecurityLevel::High }
}

/// The external id of the `n`-th user.
#[must_use]
pub fn external_id(n: usize) -> String {
    format!("client-{n}")
}

struct Tenant {
    id: TenantId,
    key: DataKey,
    secret: ApiKeySecret,
}

/// Fills a database.
///
/// # Errors
/// When PostgreSQL fails.
pub async fn seed(database: &BenchDatabase, size: Size) -> anyhow::Result<Population> {
    let ring = database.platform(&database.app_url).await?.keys.ring();
    let now = SystemClock.now();
    let tenants: Vec<Tenant> = (0..size.tenants).map(|_| new_tenant(now)).collect();
    let users: Vec<SeededUser> = (0..size.users).map(|n| new_user(n % size.tenants, now)).collect();
    let mut connection = database.superuser().await?;
    write_tenants(&mut connection, database, &ring, &tenants, now).await?;
    write_users(&mut connection, &ring, &tenants, &users, now).await?;
    let tenants = tenants.into_iter().map(|t| SeededTenant { id: t.id, api_key: t.secret.expose().to_owned() });
    Ok(Population { size, tenants: tenants.collect(), users })
}

fn new_tenant(now: Timestamp) -> Tenant {
    let id = TenantId::new(&SystemEntropy, now);
    let key = DataKey::generate(id, 1, &SystemEntropy);
    Tenant { id, key, secret: ApiKeySecret::generate(ApiKeyKind::Sandbox, &SystemEntropy) }
}

fn new_user(tenant: u32, now: Timestamp) -> SeededUser {
    SeededUser { tenant, id: UserId::new(&SystemEntropy, now), phone: FactorId::new(&SystemEntropy, now) }
}

async fn write_tenants(
    connection: &mut PgConnection,
    database: &BenchDatabase,
    ring: &KeyRing,
    tenants: &[Tenant],
    now: Timestamp,
) -> anyhow::Result<()> {
    // SANDBOX: its messages go nowhere and its users stand for nobody.
    copy(connection, "tenant (tenant_id, slug, name, environment)", tenants, |row, tenant| {
        row.uuid(tenant.id.0).text(&format!("t-{}", tenant.id.0.simple())).text("A firm").text("SANDBOX");
    })
    .await?;
    let columns = "tenant_data_key (tenant_id, key_id, sealed, master_key_id)";
    copy(connection, columns, tenants, |row, tenant| {
        row.uuid(tenant.id.0).number(tenant.key.id().into());
        row.bytes(&tenant.key.wrapped(&database.master, &SystemEntropy)).text(&database.master.id());
    })
    .await?;
    let columns = "api_key (tenant_id, api_key_id, name, prefix, digest, pepper_key_id, scopes, created_by, created_at, expires_at)";
    let scopes = [ApiScope::Login, ApiScope::Read, ApiScope::Users].map(ApiScope::as_str).join(",");
    let scopes = format!("{{{scopes}}}");
    copy(connection, columns, tenants, |row, tenant| {
        let (pepper, digest) = tenant.secret.digest(ring);
        row.uuid(tenant.id.0)
            .uuid(ApiKeyId::new(&SystemEntropy, now).0)
            .text("bench")
            .text(tenant.secret.shown_prefix());
        row.bytes(&digest).number(pepper.into()).text(&scopes).text("bench").time(now).time(now + Duration::days(300));
    })
    .await?;
    let policy = serde_json::to_string(&Policy::new_tenant(now - Duration::days(1)))?.replace('\\', "\\\\");
    let columns = "policy_version (tenant_id, version, policy_id, document, effective_at, published_at)";
    copy(connection, columns, tenants, |row, tenant| {
        row.uuid(tenant.id.0).number(1).uuid(PolicyId::new(&SystemEntropy, now).0).text(&policy);
        row.time(now - Duration::days(1)).time(now - Duration::days(1));
    })
    .await
}

async fn write_users(
    connection: &mut PgConnection,
    ring: &KeyRing,
    tenants: &[Tenant],
    users: &[SeededUser],
    now: Timestamp,
) -> anyhow::Result<()> {
    let history = usual::history(now);
    let seen = array(history.seen.packed());
    let last = history.last_position.as_ref().context("a usual login has a position")?;
    let columns = "tenant_user (tenant_id, user_id, external_id, external_id_folded, kind, display_name, created_at, first_login_at, advisor_level, seen, login_hours, last_accuracy_km, last_latitude, last_longitude, last_position_at, last_completed_at)";
    copy(connection, columns, users.iter().enumerate(), |row, (n, user)| {
        let name = external_id(n);
        row.uuid(tenants[user.tenant as usize].id.0).uuid(user.id.0).text(&name).text(&name);
        row.text("EXTERNAL").text("A client").time(now).time(now).text(level(n).as_str());
        row.text(&seen).bytes(&history.hours.map(|count| u8::try_from(count).unwrap_or(u8::MAX)));
        row.text(&last.position.accuracy_km.to_string()).text(&last.position.latitude.to_string());
        row.text(&last.position.longitude.to_string()).time(last.at).time(last.at);
    })
    .await?;
    let columns = "factor (tenant_id, factor_id, user_id, kind, status, line, country, secret_sealed, blind_index, created_at, confirmed_at)";
    copy(connection, columns, users.iter().enumerate(), |row, (n, user)| {
        let tenant = &tenants[user.tenant as usize];
        let phone = format!("+1415{:07}", 2_200_000 + n % 7_000_000);
        let (_, index) = blind_index(ring, tenant.id, BlindKind::Phone, &phone);
        let place = place(tenant.id, "factor", user.phone.0, "secret_sealed");
        row.uuid(tenant.id.0).uuid(user.phone.0).uuid(user.id.0).text("PHONE_PRIMARY").text("ACTIVE").text("MOBILE");
        row.text("US")
            .bytes(&tenant.key.seal(&place, phone.as_bytes(), &SystemEntropy))
            .bytes(&index)
            .time(now)
            .time(now);
    })
    .await
}

/// An array as PostgreSQL writes it.
pub(crate) fn array<T: ToString>(elements: &[T]) -> String {
    let elements: Vec<String> = elements.iter().map(ToString::to_string).collect();
    format!("{{{}}}", elements.join(","))
}
