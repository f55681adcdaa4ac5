//! Notifications: a gateway that changed something tells all others after its commit, so that
//! their caches forget it within a second. A notification is a hint, never the truth: entries live
//! at most 5 s anyway, and whoever loses the connection drops everything it remembered.

use std::time::Duration;

use core_kernel::TenantId;
use sqlx::postgres::{PgListener, PgPool};
use uuid::Uuid;

use crate::touches::{self, Touch};
use crate::{Database, DbError, NoTenant};

const CHANNEL: &str = "postern_change";
/// How long nothing may be heard before the connection is asked whether it is still there. With the
/// time that the answer may take, one that fell silent is noticed within 4 s.
const HEARTBEAT: Duration = Duration::from_secs(2);
/// Between two attempts to listen.
const PAUSE: Duration = Duration::from_millis(500);

/// What kind of thing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// A tenant's policy versions.
    Policy,
    /// A tenant's settings, status or clock.
    Tenant,
    /// An API key; the subject is its tenant or partner.
    ApiKey,
    /// Administrators and their sessions.
    Admin,
    /// The installation's signing or derivation keys.
    Keys,
    /// Messages were queued: a wake-up for workers.
    Messages,
}

const TOPICS: [(Topic, &str); 6] = [
    (Topic::Policy, "policy"),
    (Topic::Tenant, "tenant"),
    (Topic::ApiKey, "api_key"),
    (Topic::Admin, "admin"),
    (Topic::Keys, "keys"),
    (Topic::Messages, "messages"),
];

/// One change of one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Change {
    /// What kind of thing.
    pub topic: Topic,
    /// The tenant (or, for a partner's key, the partner) it belongs to.
    pub subject: Uuid,
}

impl Change {
    /// A change within a tenant.
    #[must_use]
    pub fn of_tenant(topic: Topic, tenant: TenantId) -> Self {
        Self { topic, subject: tenant.0 }
    }

    fn to_payload(self) -> String {
        let name = TOPICS.iter().find(|(topic, _)| *topic == self.topic).map_or("", |(_, name)| name);
        format!("{name} {}", self.subject)
    }

    fn from_payload(payload: &str) -> Option<Self> {
        let (name, subject) = payload.split_once(' ')?;
        let (topic, _) = *TOPICS.iter().find(|(_, known)| *known == name)?;
        Some(Self { topic, subject: subject.parse().ok()? })
    }
}

/// What a listener hears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeEvent {
    /// Somebody changed this.
    Changed(Change),
    /// Somebody touched this: whoever watches it looks again.
    Touched(Touch),
    /// More was touched than could be told: whoever watches anything looks again.
    LookAgain,
    /// This process has watchers, so that touches are worth telling.
    Watching(Uuid),
    /// Notifications may have been missed: forget everything.
    Missed,
}

/// Tells all processes of a change. Call it after the commit.
///
/// # Errors
/// When the database cannot be reached; the change holds all the same, within 5 s.
pub async fn publish(database: &Database, change: Change) -> Result<(), DbError> {
    let mut connection = NoTenant::acquire(database).await?;
    sqlx::query("select pg_notify($1, $2)")
        .bind(CHANNEL)
        .bind(change.to_payload())
        .execute(connection.connection())
        .await?;
    connection.commit().await
}

/// Listens until the task is dropped, calling `hear` for every event; reconnects by itself.
pub async fn listen(database: Database, hear: impl Fn(ChangeEvent) + Send + Sync + 'static) {
    loop {
        if let Err(error) = listen_once(&database, &hear).await {
            tracing::warn!(error = %error, "lost the connection that hears of changes");
        }
        hear(ChangeEvent::Missed);
        tokio::time::sleep(PAUSE).await;
    }
}

/// The listener has a connection of its own: one that falls silent must not keep a place in the pool.
async fn listen_once(database: &Database, hear: &(impl Fn(ChangeEvent) + Send + Sync)) -> Result<(), DbError> {
    let pool = database.pool_of_one();
    let mut listener = database.in_time(begin(&pool)).await?;
    // Whatever changed while nobody listened.
    hear(ChangeEvent::Missed);
    loop {
        match tokio::time::timeout(HEARTBEAT, listener.try_recv()).await {
            Ok(Ok(Some(told))) if told.channel() == touches::CHANNEL => touches::heard(told.payload()).for_each(hear),
            Ok(Ok(Some(told))) => hear(heard(told.payload())),
            Ok(Ok(None)) => return Ok(()),
            Ok(Err(error)) => return Err(error.into()),
            Err(_silence) => database.in_time(beat(&mut listener)).await?,
        }
    }
}

async fn begin(pool: &PgPool) -> Result<PgListener, DbError> {
    let mut listener = PgListener::connect_with(pool).await?;
    // A new connection is not this loop's to make: what is missed in between must be told.
    listener.eager_reconnect(false);
    listener.listen_all([CHANNEL, touches::CHANNEL]).await?;
    Ok(listener)
}

/// A connection that nobody closes can still lead nowhere.
async fn beat(listener: &mut PgListener) -> Result<(), DbError> {
    sqlx::query("select").execute(listener).await?;
    Ok(())
}

fn heard(payload: &str) -> ChangeEvent {
    Change::from_payload(payload).map_or(ChangeEvent::Missed, ChangeEvent::Changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_round_trip() {
        for (topic, _) in TOPICS {
            let change = Change { topic, subject: Uuid::from_u128(7) };
            assert_eq!(Change::from_payload(&change.to_payload()), Some(change));
        }
        assert_eq!(Change::from_payload("nonsense"), None);
    }
}
