//! A place at the database: one connection of its own, made anew when it breaks, and whose turn it is.

use core_kernel::TenantId;
use io_postgres::{Alone, Database, DbError, Thing, Touch};
use io_traces::{Parent, spans};
use sqlx::PgConnection;
use svc_platform::Platform;

use super::on_the_way::Slots;
use crate::guard::GuardOptions;
use crate::meters;
use crate::store::{self, ClaimRequest, ClaimedRow, Held, Queue, Settlement};

pub(super) struct Desk {
    database: Database,
    platform: Platform,
    queue: Queue,
    lease_seconds: i32,
    guard: GuardOptions,
    connection: Option<PgConnection>,
    /// The last tenants of the last turn, of codes and of others; none where a round begins.
    codes_after: Option<TenantId>,
    others_after: Option<TenantId>,
}

impl Desk {
    pub(super) fn new(platform: &Platform, queue: Queue, lease_seconds: i32, guard: GuardOptions) -> Self {
        let (database, platform) = (platform.database.clone(), platform.clone());
        Self {
            database,
            platform,
            queue,
            lease_seconds,
            guard,
            connection: None,
            codes_after: None,
            others_after: None,
        }
    }

    /// Claims for the tenants whose turn it is, at most as many as there are free slots.
    pub(super) async fn claim(&mut self, free: Slots) -> Result<Vec<ClaimedRow>, DbError> {
        let request = ClaimRequest {
            codes_after: self.codes_after,
            others_after: self.others_after,
            queue: self.queue,
            codes: i32::try_from(free.codes).unwrap_or(i32::MAX),
            others: i32::try_from(free.others).unwrap_or(i32::MAX),
            lease_seconds: self.lease_seconds,
            guard: self.guard,
        };
        let result = self.try_claim(&request).await;
        let mut rows = self.forget_broken(result)?;
        if !rows.is_empty() && spans::is_collected() {
            let found = self.find_origins(&mut rows).await;
            // What is claimed goes out, whether or not it is known where it came from.
            if let Err(error) = self.forget_broken(found) {
                tracing::info!(lane = self.queue.name, error = %error, "messages are traced by themselves");
            }
        }
        let turn = |others: bool| rows.iter().find(|row| row.is_other == others).and_then(|row| row.turn);
        (self.codes_after, self.others_after) = (turn(false).map(TenantId), turn(true).map(TenantId));
        Ok(rows)
    }

    /// Lengthens the leases of attempts that are still being made.
    pub(super) async fn renew(&mut self, held: &[Held]) -> Result<(), DbError> {
        let result = self.try_renew(held).await;
        self.forget_broken(result)
    }

    async fn try_claim(&mut self, request: &ClaimRequest) -> Result<Vec<ClaimedRow>, DbError> {
        let mut alone = self.alone().await?;
        let rows = store::claim_batch(alone.connection(), request).await?;
        alone.commit().await?;
        Ok(rows)
    }

    /// In which spans they were queued.
    async fn find_origins(&mut self, rows: &mut [ClaimedRow]) -> Result<(), DbError> {
        let mut alone = self.alone().await?;
        let traces = store::list_traces(alone.connection(), rows).await?;
        alone.commit().await?;
        for (at, trace) in traces {
            if let Some(row) = rows.get_mut(at) {
                row.origin = Parent::from_bytes(&trace);
            }
        }
        Ok(())
    }

    async fn try_renew(&mut self, held: &[Held]) -> Result<(), DbError> {
        let lease_seconds = self.lease_seconds;
        let mut alone = self.alone().await?;
        store::renew_batch(alone.connection(), held, lease_seconds).await?;
        alone.commit().await
    }

    /// Records what became of attempts. A batch that fails for another reason than the database's
    /// absence is tried item by item: one that cannot be recorded must not hold up the others.
    pub(super) async fn settle(&mut self, items: &mut Vec<Settlement>) -> Result<(), DbError> {
        let result = self.try_settle(items).await;
        match self.forget_broken(result) {
            Ok(()) => items.clear(),
            Err(error) if error.is_unavailable() => return Err(error),
            Err(error) => {
                tracing::warn!(lane = self.queue.name, error = %error, "recording what was sent one by one");
                while let Some(item) = items.last().cloned() {
                    let result = self.try_settle(std::slice::from_ref(&item)).await;
                    match self.forget_broken(result) {
                        Err(error) if error.is_unavailable() => return Err(error),
                        Err(error) => tracing::error!(message_id = %item.message, error = %error, "cannot be settled"),
                        Ok(()) => {}
                    }
                    items.pop();
                }
            }
        }
        Ok(())
    }

    async fn try_settle(&mut self, items: &[Settlement]) -> Result<(), DbError> {
        let mut alone = self.alone().await?;
        let settled = store::settle_batch(alone.connection(), items).await?;
        alone.commit().await?;
        for (item, settled) in items.iter().zip(settled) {
            if settled {
                meters::settled(&self.platform, item);
                self.platform.watch.touch(Touch::new(Thing::Message, TenantId(item.tenant), item.message));
            } else {
                // Another worker had taken over, or the provider's report was here before.
                tracing::debug!(message_id = %item.message, attempt = item.attempt, status = item.status, "told nothing new");
            }
        }
        Ok(())
    }

    /// Its connection, for one statement.
    async fn alone(&mut self) -> Result<Alone<'_>, DbError> {
        if self.connection.is_none() {
            self.connection = Some(self.database.dedicated().await?);
        }
        // It was just put there.
        let connection = self.connection.as_mut().ok_or(DbError(sqlx::Error::PoolTimedOut))?;
        self.database.alone(connection).await
    }

    fn forget_broken<T>(&mut self, result: Result<T, DbError>) -> Result<T, DbError> {
        if result.is_err() {
            self.connection = None;
        }
        result
    }
}
