//! What is read of challenges. Advisors see those of the users assigned to them.

use core_access::Permit;
use core_kernel::{ChallengeId, FactorId, Fault, LoginId, Stop};
use core_policy::MethodChannel;
use io_postgres::TenantTx;

use crate::Logins;
use crate::model::{ChallengeRecord, word};
use crate::store::challenges::{self as store, ChallengeRow};

impl Logins {
    /// One challenge.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn lookup_challenge(&self, permit: &Permit, id: ChallengeId) -> Result<Option<ChallengeRecord>, Stop> {
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let row = store::lookup_challenge(&mut tx, permit.caller().only_users_of(), id).await?;
        Ok(row.map(ChallengeRecord::from_row).transpose()?)
    }

    /// The challenges of these logins, the oldest first; each says of which login it is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn challenges_of(&self, permit: &Permit, logins: &[LoginId]) -> Result<Vec<ChallengeRecord>, Stop> {
        if logins.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = TenantTx::begin(&self.platform.database, permit.tenant()).await?;
        let rows = store::list_challenges(&mut tx, permit.caller().only_users_of(), logins).await?;
        Ok(rows.into_iter().map(ChallengeRecord::from_row).collect::<Result<_, _>>()?)
    }
}

impl ChallengeRecord {
    fn from_row(row: ChallengeRow) -> Result<Self, Fault> {
        Ok(Self {
            challenge_id: ChallengeId(row.challenge_id),
            channel: word(MethodChannel::parse(&row.channel), "channel")?,
            factor_id: row.factor_id.map(FactorId),
            sealed_destination: row.secret_sealed,
            sealed_state: row.state_sealed,
            login_id: row.login_id.map(LoginId),
            status: word(known_status(&row.status), "status")?,
            attempts_remaining: row.attempts_remaining,
            expires_at: row.expires_at,
            resend_at: None,
            message_id: None,
        })
    }
}

fn known_status(stored: &str) -> Option<&'static str> {
    ["PENDING", "VERIFIED", "EXPIRED", "FAILED", "SUPERSEDED"].into_iter().find(|status| *status == stored)
}
