//! A simulation as others see it.

use core_kernel::{LoginId, PolicySimulationId, Timestamp};
use core_policy::{DecisionReason, LoginOutcome};
use serde::{Deserialize, Serialize};
use svc_billing::Money;

/// How far it has come; the names are those of `JobStatus` in the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SimulationStatus {
    /// Waiting for a worker.
    Queued,
    /// At work.
    Running,
    /// Done.
    Completed,
    /// It broke off.
    Failed,
    /// Somebody ended it.
    Canceled,
}

impl SimulationStatus {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Queued, Self::Running, Self::Completed, Self::Failed, Self::Canceled];

    /// As it is stored, and the API's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Canceled => "CANCELED",
        }
    }

    /// The status of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// How many logins were decided one way, and would be another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// As it was decided.
    pub from: LoginOutcome,
    /// As it would be.
    pub to: LoginOutcome,
    /// How often.
    pub count: u64,
}

/// A login that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// Which.
    pub login: LoginId,
    /// As it would be decided.
    pub outcome: LoginOutcome,
    /// Why.
    pub reasons: Vec<DecisionReason>,
}

/// A rehearsal of a policy. Until it is COMPLETED only the numbers of logins mean anything; the rest
/// is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulation {
    /// Its identifier.
    pub id: PolicySimulationId,
    /// How far it has come.
    pub status: SimulationStatus,
    /// How many days of logins.
    pub days: i32,
    /// When it was asked for, by the wall clock.
    pub created_at: Timestamp,
    /// When it came to its end, by the wall clock.
    pub finished_at: Option<Timestamp>,
    /// Why it FAILED.
    pub failure: Option<String>,
    /// Logins decided again, so far.
    pub logins_replayed: i32,
    /// Logins from before their facts were kept, which cannot be.
    pub logins_skipped: i32,
    /// How each was and would be decided; those that do not change included.
    pub transitions: Vec<Transition>,
    /// How many users the draft would lock out.
    pub users_locked_out: i32,
    /// Codes that were sent.
    pub messages_before: u64,
    /// Codes that would have been.
    pub messages_after: u64,
    /// What those cost, at list price.
    pub cost_before: Money,
    /// What these would have.
    pub cost_after: Money,
    /// Some of the logins that change, of each kind of change about as many.
    pub examples: Vec<Example>,
}
