//! A place at the database: one connection of its own, made anew when it breaks, and whose turn it is.

use core_kernel::TenantId;
use io_postgres::{Database, DbError, Thing, Touch};
use sqlx::PgConnection;
use svc_platform::{Platform, Watch};

use super::on_the_way::Slots;
use crate::guard::GuardOptions;
use crate::store::{self, ClaimRequest, ClaimedRow, Held, Queue, Settlement};

pub(super) struct Desk {
    database: Database,
    watch: Watch,
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
        let (database, watch) = (platform.database.clone(), platform.watch.clone());
        Self { database, watch, queue, lease_seconds, guard, connection: None, codes_after: None, others_after: None }
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
        let result = match self.connection().await {
            Ok(connection) => store::claim_batch(connection, &request).await,
            Err(error) => Err(error),
        };
        let rows = self.forget_broken(result)?;
        let turn = |others: bool| rows.iter().find(|row| row.is_other == others).and_then(|row| row.turn);
        (self.codes_after, self.others_after) = (turn(false).map(TenantId), turn(true).map(TenantId));
        Ok(rows)
    }

    /// Lengthens the leases of attempts that are still being made.
    pub(super) async fn renew(&mut self, held: &[Held]) -> Result<(), DbError> {
        let lease_seconds = self.lease_seconds;
        let result = match self.connection().await {
            Ok(connection) => store::renew_batch(connection, held, lease_seconds).await,
            Err(error) => Err(error),
        };
        self.forget_broken(result)
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
        let connection = self.connection().await?;
        let settled = store::settle_batch(connection, items).await?;
        for (item, settled) in items.iter().zip(settled) {
            if settled {
                self.watch.touch(Touch::new(Thing::Message, TenantId(item.tenant), item.message));
            } else {
                // Another worker had taken over, or the provider's report was here before.
                tracing::debug!(message_id = %item.message, attempt = item.attempt, status = item.status, "told nothing new");
            }
        }
        Ok(())
    }

    async fn connection(&mut self) -> Result<&mut PgConnection, DbError> {
        if self.connection.is_none() {
            self.connection = Some(self.database.dedicated().await?);
        }
        // It was just put there.
        self.connection.as_mut().ok_or(DbError(sqlx::Error::PoolTimedOut))
    }

    fn forget_broken<T>(&mut self, result: Result<T, DbError>) -> Result<T, DbError> {
        if result.is_err() {
            self.connection = None;
        }
        result
    }
}
