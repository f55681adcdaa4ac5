//! What is over and need not be kept.

use chrono::TimeDelta;
use core_kernel::Fault;

use crate::Admins;
use crate::rules::{IDLE, RECOVERY_WINDOW, TRIES_WINDOW};
use crate::store::{invitations, recoveries, sessions, tries};

/// What a sweep removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Sessions that were over, and sign-ins that were not finished.
    pub sessions: u64,
    /// Invitations that ran out.
    pub invitations: u64,
    /// Links for a new password that ran out.
    pub recoveries: u64,
    /// Counts of tries that no longer count.
    pub tries: u64,
}

impl Admins {
    /// Removes sessions, invitations and counts that are over. What is over does not hold without it
    /// either; call it every hour or so.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sweep(&self) -> Result<Swept, Fault> {
        let now = self.platform.now();
        let mut tx = self.platform_tx().await?;
        let swept = Swept {
            sessions: sessions::delete_over(&mut tx, now, now - IDLE).await?,
            // So that whoever opens one late hears what became of it from us, not from a gap.
            invitations: invitations::delete_over(&mut tx, now - TimeDelta::days(1)).await?,
            recoveries: recoveries::delete_over(&mut tx, now).await?,
            tries: tries::delete_over(&mut tx, now - TRIES_WINDOW.max(RECOVERY_WINDOW)).await?,
        };
        tx.commit().await?;
        Ok(swept)
    }
}
