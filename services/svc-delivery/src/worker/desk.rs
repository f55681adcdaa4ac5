//! A lane's place at the database: one connection of its own, made anew when it breaks, and whose
//! turn it is.

use core_kernel::TenantId;
use io_postgres::{Database, DbError};
use sqlx::PgConnection;

use super::lane::Slots;
use crate::store::{self, ClaimRequest, ClaimedRow, Held, Queue, Settlement};

/// The most tenants of one turn.
const TENANTS: usize = 64;

pub(super) struct Desk {
    database: Database,
    queue: Queue,
    lease_seconds: i32,
    connection: Option<PgConnection>,
    /// The last tenant of the last turn; none where a round begins.
    after: Option<TenantId>,
}

/// What a turn brought.
pub(super) struct Turn {
    pub(super) rows: Vec<ClaimedRow>,
    /// Whether every tenant with work has had its turn, and a new round begins.
    pub(super) round_ends: bool,
}

impl Desk {
    pub(super) fn new(database: Database, queue: Queue, lease_seconds: i32) -> Self {
        Self { database, queue, lease_seconds, connection: None, after: None }
    }

    /// Claims for the tenants whose turn it is, at most as many as there are free slots.
    pub(super) async fn turn(&mut self, free: Slots) -> Result<Turn, DbError> {
        let result = self.try_turn(free).await;
        self.forget_broken(result)
    }

    async fn try_turn(&mut self, free: Slots) -> Result<Turn, DbError> {
        let (queue, lease_seconds, after) = (self.queue, self.lease_seconds, self.after);
        let most = free.share_among(TENANTS);
        let connection = self.connection().await?;
        let tenants = store::tenants_with_messages(connection, after, i32::try_from(most).unwrap_or(1)).await?;
        let rows = if tenants.is_empty() {
            Vec::new()
        } else {
            let share = |slots: usize| i32::try_from(slots / tenants.len()).unwrap_or(1);
            let (codes, others) = (share(free.codes), share(free.others));
            let request = ClaimRequest { tenants: &tenants, queue, codes, others, lease_seconds };
            store::claim_batch(connection, &request).await?
        };
        let round_ends = tenants.len() < most;
        self.after = tenants.last().copied().filter(|_| !round_ends);
        Ok(Turn { rows, round_ends })
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
        items.sort_by_key(|item| item.tenant);
        let result = self.try_settle(items).await;
        match self.forget_broken(result) {
            Ok(()) => items.clear(),
            Err(error) if error.is_unavailable() => return Err(error),
            Err(_) => {
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
        for (item, _) in items.iter().zip(settled).filter(|(_, settled)| !settled) {
            // Another worker had taken over, or the provider's report was here before.
            tracing::debug!(message_id = %item.message, attempt = item.attempt, status = item.status, "told nothing new");
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
